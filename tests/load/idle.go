package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"luamilter/load"
)

// settle is how long a filter is left alone before its memory is looked at.
const settle = time.Second

// idleConnections measures what a connection costs a filter that has had one message and is quiet since.
func (b *bench) idleConnections(ctx context.Context, w *workload) error {
	t := b.table(w)
	t.line("filter", "connections", "KiB each", "MiB before", "MiB with them", "wrong")
	for _, f := range b.filters {
		r, err := b.start(ctx, f, w, "")
		if err != nil {
			b.fault(ctx, f.name, w, err)
			continue
		}
		before, with, wrong, err := b.holdOpen(ctx, r, w)
		r.stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.fault(ctx, f.name, w, err)
		}
		each := float64(with-before) / 1024 / float64(b.idle)
		t.line(f.name, fmt.Sprint(b.idle), fmt.Sprintf("%.1f", each), mebibytes(before), mebibytes(with), fmt.Sprint(wrong))
		fmt.Fprintf(b.notes, "load: %s idle: %-10s %.1f KiB a connection\n", w.name, f.name, each)
	}
	t.print()
	return nil
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }

// holdOpen warms a filter up, opens the connections one after the other, and returns its memory before and with them.
func (b *bench) holdOpen(ctx context.Context, r *running, w *workload) (before, with int64, wrong int, err error) {
	const warm = 500 // messages, so that what grows with the first ones does not count
	l := b.load(r, w, b.connections)
	t, err := l.Count(ctx, warm, time.Minute)
	if err != nil {
		return 0, 0, t.Wrong, err
	}
	load.Sleep(ctx, settle)
	before = load.Memory(load.Tree(r.cmd.Process.Pid))

	held, err := l.Hold(ctx, b.idle, time.Minute)
	defer func() { err = errors.Join(err, load.QuitAll(held.Players)) }()
	if err != nil {
		return before, before, held.Tally.Wrong, err
	}
	load.Sleep(ctx, settle)
	with = load.Memory(load.Tree(r.cmd.Process.Pid))
	return before, with, held.Tally.Wrong, held.Err()
}
