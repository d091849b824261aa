package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"luamilter/load"
)

// bench is one use of the program.
type bench struct {
	options
	dir     string // scripts, sockets, logs
	filters []filter
	bags    map[string]*load.Mailbag // by workload
	out     io.Writer                // tables
	notes   io.Writer                // progress, faults
	groups  []group                  // what was measured, to be drawn
	bad     bool                     // a filter did something wrong
}

// load returns the load of a workload on a filter.
func (b *bench) load(r *running, w *workload, connections int) *load.Generator {
	network, address := r.dial()
	if b.bags[w.name] == nil {
		b.bags[w.name] = load.NewMailbag(w.messages())
	}
	g := &load.Generator{Network: network, Address: address, Connections: connections, Bag: b.bags[w.name]}
	if b.churn {
		g.PerConnection = 1
	}
	return g
}

// run measures in the way that was asked for.
func (b *bench) run(ctx context.Context) error {
	each := b.rounds
	switch {
	case b.scripts > 0:
		return b.startUp(ctx)
	case b.postfix:
		return b.throughPostfix(ctx)
	case b.open > 0:
		each = b.someActive
	case b.idle > 0:
		each = b.idleConnections
	case b.syscalls:
		each = b.systemCalls
	}
	for _, w := range b.workloads {
		if err := each(ctx, w); err != nil {
			return err
		}
	}
	if b.plotFile == "" {
		return nil
	}
	p := plot{title: b.title(), reference: b.reference, groups: b.groups}
	return p.save(b.plotFile)
}

// fault notes that a filter did something wrong. An interrupted run is nobody's fault.
func (b *bench) fault(ctx context.Context, name string, w *workload, err error) {
	if ctx.Err() == nil {
		b.bad = true
		fmt.Fprintf(b.notes, "load: %s: %s: %v\n", w.name, name, err)
	}
}

// startAll starts every filter for a workload. One that does not start is a fault and left out.
func (b *bench) startAll(ctx context.Context, w *workload) ([]*running, error) {
	var all []*running
	for _, f := range b.filters {
		r, err := b.start(ctx, f, w, "")
		if err != nil {
			b.fault(ctx, f.name, w, err)
			continue
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("no filter works for %s", w.name))
	}
	return all, nil
}

func stopAll(all []*running) {
	for _, r := range all {
		r.stop()
	}
}

// warmUp is how long a filter works before it is measured.
const warmUp = 250 * time.Millisecond

// rounds measures all filters of a workload in turn, in another order each round, so that what changes on the machine meets all
// of them alike.
func (b *bench) rounds(ctx context.Context, w *workload) error {
	all, err := b.startAll(ctx, w)
	if err != nil {
		return err
	}
	defer stopAll(all)
	samples := map[string][]load.Sample{}
	for round := range b.roundCount {
		for _, i := range load.Order(len(all), round) {
			r := all[i]
			s, err := b.load(r, w, b.connections).Timed(ctx, warmUp, b.length, r.cmd.Process.Pid)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				b.fault(ctx, r.name, w, fmt.Errorf("%w%s", err, r.deathNote()))
			}
			samples[r.name] = append(samples[r.name], s)
			fmt.Fprintf(b.notes, "load: %s round %d of %d: %-10s %s\n", w.name, round+1, b.roundCount, r.name, brief(&s))
		}
	}
	b.printRounds(w, all, samples)
	return nil
}

// deathNote tells if the filter has ended, and what it said.
func (r *running) deathNote() string {
	if !r.endsWithin(0) {
		return ""
	}
	return fmt.Sprintf("; it ended: %v%s", r.err, r.said())
}
