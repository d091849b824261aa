package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	settle = time.Second      // for which a filter is left alone before its memory is looked at
	pace   = time.Millisecond // between two connections, so that their messages do not meet
)

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
	t, err := l.count(ctx, warm, time.Minute)
	if err != nil {
		return 0, 0, t.wrong, err
	}
	sleep(ctx, settle)
	before = memory(tree(r.cmd.Process.Pid))

	deadline := time.Now().Add(time.Duration(b.idle)*pace + time.Minute)
	var open []*player
	defer func() {
		for _, p := range open {
			err = errors.Join(err, p.quit())
		}
	}()
	var fault string
	for i := range b.idle {
		p, err := l.one(i, deadline)
		if p != nil {
			open = append(open, p)
			if p.check.wrong != "" {
				fault = p.check.wrong
				wrong++
			}
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return before, before, wrong, fmt.Errorf("connection %d: %w", i+1, err)
		}
		time.Sleep(pace)
	}
	sleep(ctx, settle)
	with = memory(tree(r.cmd.Process.Pid))
	if wrong > 0 {
		err = fmt.Errorf("%d messages were treated wrongly, last: %s", wrong, fault)
	}
	return before, with, wrong, err
}

// one opens a connection and plays one message over it.
func (l *load) one(number int, deadline time.Time) (*player, error) {
	conn, err := dial(l.network, l.address, deadline)
	if err != nil {
		return nil, err
	}
	p, err := newPlayer(conn, l.bag, number)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return p, p.play(number)
}
