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

	held, err := l.hold(ctx, b.idle, time.Minute)
	defer func() { err = errors.Join(err, quitAll(held.players)) }()
	if err != nil {
		return before, before, held.wrong, err
	}
	sleep(ctx, settle)
	with = memory(tree(r.cmd.Process.Pid))
	return before, with, held.wrong, held.err()
}

// crowd is many open connections that have had a message each.
type crowd struct {
	players []*player
	tally   // only what was wrong
}

// hold opens that many connections, one after the other, and plays a message over each. They are good for the time given after
// that. The crowd is whole only if there is no error, but always has to quit.
func (l *load) hold(ctx context.Context, connections int, patience time.Duration) (*crowd, error) {
	deadline := time.Now().Add(time.Duration(connections)*2*pace + patience)
	c := &crowd{}
	for i := range connections {
		p, err := l.one(i, deadline)
		if p != nil {
			c.players = append(c.players, p)
			if p.check.wrong != "" {
				c.wrong++
				c.blame(p.check.wrong)
			}
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return c, fmt.Errorf("connection %d: %w", i+1, err)
		}
		time.Sleep(pace)
	}
	return c, nil
}

// quitAll ends connections.
func quitAll(players []*player) error {
	var err error
	for _, p := range players {
		err = errors.Join(err, p.quit())
	}
	return err
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
