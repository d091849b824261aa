package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"luamilter/load"
)

// openLength is how long messages are sent over the busy ones of the open connections.
func (o *options) openLength() time.Duration { return o.length * time.Duration(o.roundCount) }

// someActive measures filters that have many connections open, of which few are busy.
func (b *bench) someActive(ctx context.Context, w *workload) error {
	t := b.table(w)
	t.line("filter", "open", "active", "peak MiB", "CPU us", "msg/s", "p50 us", "p99 us", "max ms", "wrong", "lost")
	for _, f := range b.filters {
		r, err := b.start(ctx, f, w, "")
		if err != nil {
			b.fault(ctx, f.name, w, err)
			continue
		}
		s, peak, err := b.busyAmongQuiet(ctx, r, w)
		if err != nil {
			err = fmt.Errorf("%w%s", err, r.deathNote())
		}
		r.stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.fault(ctx, f.name, w, err)
		}
		t.line(f.name, fmt.Sprint(b.open), fmt.Sprint(b.active), mebibytes(peak), known(s.PerMessage(s.CPU)), fmt.Sprintf("%.0f", s.Throughput()),
			fmt.Sprintf("%.0f", micros(s.Latencies.Quantile(0.50))), fmt.Sprintf("%.0f", micros(s.Latencies.Quantile(0.99))),
			fmt.Sprintf("%.1f", millis(s.Latencies.Quantile(1))), fmt.Sprint(s.Wrong), fmt.Sprint(s.Lost))
		fmt.Fprintf(b.notes, "load: %s open: %-10s %s MiB, %s\n", w.name, f.name, mebibytes(peak), brief(&s))
	}
	t.print()
	return nil
}

// busyAmongQuiet opens all connections, keeps some of them busy, and returns what these did and the most memory that the filter had.
func (b *bench) busyAmongQuiet(ctx context.Context, r *running, w *workload) (s load.Sample, peak int64, err error) {
	l := b.load(r, w, b.active)
	held, err := l.Hold(ctx, b.open, b.openLength()+time.Minute)
	busy, quiet := held.Players, []*load.Player(nil)
	if err == nil {
		busy, quiet = spread(held.Players, b.active)
	}
	defer func() { err = errors.Join(err, load.QuitAll(quiet)) }()
	if err != nil {
		return s, 0, errors.Join(err, load.QuitAll(busy))
	}
	l.Opened = busy
	s, err = l.Timed(ctx, warmUp, b.openLength(), r.cmd.Process.Pid)
	s.Wrong += held.Tally.Wrong
	return s, load.PeakMemory(load.Tree(r.cmd.Process.Pid)), errors.Join(held.Err(), err)
}

// spread chooses that many players from all over the list, and returns them and the others.
func spread(players []*load.Player, number int) (chosen, others []*load.Player) {
	for i, p := range players {
		if len(chosen)*len(players) <= i*number && len(chosen) < number {
			chosen = append(chosen, p)
		} else {
			others = append(others, p)
		}
	}
	return chosen, others
}
