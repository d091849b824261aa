package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// contestant is a Lua in the table.
type contestant struct {
	name   string
	runner runner // nil if it is not installed
}

// bench is one use of the program.
type bench struct {
	contestants []contestant
	rounds      int
	length      time.Duration // of a measurement, about
	notes       io.Writer     // progress, faults
	bad         bool          // something failed, or results differ
}

// fewest is how often the work is done at least: once on each kind of material.
const fewest = 2

// entry is one contestant at one workload.
type entry struct {
	contestant
	sum    int64     // of the fewest runs
	runs   int       // in one measurement
	micros []float64 // CPU time of one run, by round
	err    error     // why it is out
}

// takesPart reports whether there is anything to measure.
func (e *entry) takesPart() bool { return e.runner != nil && e.err == nil }

// workload lets all contestants do a workload. A contestant that fails is out, and a fault.
func (b *bench) workload(ctx context.Context, w *workload) (result, error) {
	r := result{workload: w}
	for _, c := range b.contestants {
		r.entries = append(r.entries, &entry{contestant: c})
	}
	for _, e := range r.entries {
		b.do(ctx, w, e, (*entry).prepare)
	}
	r.differ = b.compare(w, r.entries)
	b.note("%s", progress(w, r.entries))
	end := time.Now().Add(patience)
	for round := range b.rounds {
		if round > 0 && time.Now().After(end) {
			b.note("%s: only %d rounds, they take too long", w.name, round)
			break
		}
		for _, i := range order(len(r.entries), round) {
			b.do(ctx, w, r.entries[i], (*entry).measure)
		}
	}
	return r, ctx.Err()
}

// patience is how long a workload is measured; no new round begins after that.
const patience = 20 * time.Second

// do takes a step with an entry unless it is out. An interrupted run is nobody's fault.
func (b *bench) do(ctx context.Context, w *workload, e *entry, step func(*entry, context.Context, *workload, time.Duration) error) {
	if !e.takesPart() || ctx.Err() != nil {
		return
	}
	if e.err = step(e, ctx, w, b.length); e.err != nil && ctx.Err() == nil {
		b.bad, e.micros = true, nil
		b.note("%s: %s: %v", w.name, e.name, e.err)
	}
}

func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(b.notes, "luabench: "+format+"\n", args...)
}

// prepare finds out what the sum is and how many runs fill a measurement.
func (e *entry) prepare(ctx context.Context, w *workload, length time.Duration) error {
	e.runs = fewest
	for {
		s, err := e.runner.measure(ctx, w, e.runs)
		if err != nil {
			return err
		}
		if e.runs == fewest {
			e.sum = s.sum
		}
		enough := s.cpu > length/4 || e.runs > mostRuns
		e.runs = fill(e.runs, s.cpu, length)
		if enough {
			return nil
		}
	}
}

// mostRuns is where the number of runs stops to grow, should a compiler make nothing of the work.
const mostRuns = 10_000_000

// fill returns how many runs take the length, if some took that much CPU time: an even number, and not many times more than was tried.
func fill(runs int, cpu, length time.Duration) int {
	const leap = 20
	factor := float64(leap)
	if cpu > length/leap {
		factor = float64(length) / float64(cpu)
	}
	return max(fewest, int(float64(runs)*factor)/2*2)
}

// measure takes one measurement. Every one must come to the sum that the first did.
func (e *entry) measure(ctx context.Context, w *workload, _ time.Duration) error {
	s, err := e.runner.measure(ctx, w, e.runs)
	if err != nil {
		return err
	}
	if want := e.sum * int64(e.runs/fewest); s.sum != want {
		return fmt.Errorf("%d runs came to %d, but %d were expected after the first %d", e.runs, s.sum, want, fewest)
	}
	e.micros = append(e.micros, float64(s.cpu)/1e3/float64(e.runs))
	return nil
}

// compare reports whether the results of the contestants differ, and notes them if they do.
func (b *bench) compare(w *workload, entries []*entry) (differ bool) {
	var sums []string
	first := int64(0)
	for _, e := range entries {
		if !e.takesPart() {
			continue
		}
		if len(sums) == 0 {
			first = e.sum
		}
		differ = differ || e.sum != first
		sums = append(sums, fmt.Sprintf("%s %d", e.name, e.sum))
	}
	if differ {
		b.bad = true
		b.note("%s: results differ: %s", w.name, strings.Join(sums, ", "))
	}
	return differ
}

// order returns the order of a round: each begins with another contestant.
func order(contestants, round int) []int {
	var out []int
	for i := range contestants {
		out = append(out, (i+round)%contestants)
	}
	return out
}

// progress says how many runs a measurement has.
func progress(w *workload, entries []*entry) string {
	var runs []string
	for _, e := range entries {
		if e.takesPart() {
			runs = append(runs, fmt.Sprintf("%s %d", e.name, e.runs))
		}
	}
	return fmt.Sprintf("%s: runs in a measurement: %s", w.name, strings.Join(runs, ", "))
}
