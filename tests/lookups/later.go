package main

import "context"

func preparePolicy(context.Context, *bench) ([]*work, error) { return nil, nil }
