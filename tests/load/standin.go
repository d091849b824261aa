package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// standIn is what package mta takes for a test, so that its mail servers can be used outside of one.
type standIn struct {
	testing.TB // nil: what is not below is not there
	cleanups   []func()
	errs       []error
}

// do calls a function that may end the test, and returns what it said was wrong.
func (s *standIn) do(f func(testing.TB)) error {
	done := make(chan struct{})
	go func() { // since a test ends by ending its goroutine
		defer close(done)
		f(s)
	}()
	<-done
	err := errors.Join(s.errs...)
	s.errs = nil
	return err
}

// end does what is to be done at the end of the test.
func (s *standIn) end() error {
	var err error
	for _, f := range slices.Backward(s.cleanups) {
		err = errors.Join(err, s.do(func(testing.TB) { f() }))
	}
	s.cleanups = nil
	return err
}

func (s *standIn) Helper()          {}
func (s *standIn) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *standIn) Error(args ...any) { s.errs = append(s.errs, errors.New(fmt.Sprint(args...))) }

func (s *standIn) Errorf(format string, args ...any) { s.Error(fmt.Sprintf(format, args...)) }

func (s *standIn) Fatal(args ...any) {
	s.Error(args...)
	runtime.Goexit()
}

func (s *standIn) Fatalf(format string, args ...any) { s.Fatal(fmt.Sprintf(format, args...)) }

// A test is skipped where something is missing; we cannot go on either.

func (s *standIn) Skip(args ...any)                 { s.Fatal(args...) }
func (s *standIn) Skipf(format string, args ...any) { s.Fatalf(format, args...) }
