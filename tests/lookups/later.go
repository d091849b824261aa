package main

import "context"

func prepareMaps(context.Context, *bench) ([]*work, error)   { return nil, nil }
func preparePolicy(context.Context, *bench) ([]*work, error) { return nil, nil }
