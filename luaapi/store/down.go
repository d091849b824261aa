package store

import (
	"context"
	"errors"
)

// Down is a store that cannot be reached, for tests of what scripts do then.
type Down struct{}

// errDown is the error of each step.
var errDown = errors.New("store: it cannot be reached, because the test says so")

// Get implements Store.
func (Down) Get(context.Context, string) (value string, found bool, err error) {
	return "", false, errDown
}

// Decide implements Store.
func (Down) Decide(context.Context, *Decision, string, ...string) (reply []string, err error) {
	return nil, errDown
}

// Local implements Store.
func (Down) Local() bool { return true }

// Close implements Store.
func (Down) Close() error { return nil }
