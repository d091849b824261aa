package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"
)

// TestOtherLanguages has the filters in C and Python do all workloads.
func TestOtherLanguages(t *testing.T) {
	for name, build := range map[string]func(context.Context, string) (filter, error){
		cName: buildC,
		pythonName: func(ctx context.Context, dir string) (filter, error) {
			return findPython(ctx, dir, pythons)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, _, _ := ownBench(t)
			f, err := build(t.Context(), b.dir)
			var lacking missing
			if errors.As(err, &lacking) {
				lack(t, err)
			}
			if err != nil {
				t.Fatal(err)
			}
			var ends sync.WaitGroup // libmilter takes its time
			defer ends.Wait()
			for _, w := range workloads {
				if r := b.play(t, f, &w); r != nil {
					ends.Go(r.stop)
				}
			}
		})
	}
}

// play starts a filter and has it do some messages of a workload. The filter goes on running, unless it is nil.
func (b *bench) play(t *testing.T, f filter, w *workload) *running {
	t.Helper()
	const messages = 40
	r, err := b.start(t.Context(), f, w, "")
	if err != nil {
		t.Error(err)
		return nil
	}
	got, err := b.load(r, w, b.connections).Count(t.Context(), messages, time.Minute)
	if err != nil || got.Messages != messages {
		t.Errorf("%s: %d messages: %v%s", w.name, got.Messages, err, r.said())
	}
	return r
}

// lack skips a test for want of a program that not every machine has. Where all must be there, as in CI, it fails.
func lack(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("LUAMILTER_TESTS_COMPLETE") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}
