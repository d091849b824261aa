package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// part is works that have servers and material in common.
type part struct {
	name, title string
	prepare     func(ctx context.Context, b *bench) ([]*work, error)
}

// parts returns all parts, in the order of the output.
func parts() []part {
	return []part{
		{"store", "Store", prepareStore},
		{"dns", "DNS", prepareDNS},
		{"maps", "Maps", prepareMaps},
		{"policy", "Greylist", preparePolicy},
	}
}

func names(all []part) (list []string) {
	for _, p := range all {
		list = append(list, p.name)
	}
	return list
}

// work is what several do alike, for which each gets a figure in each of the units.
type work struct {
	name  string
	units []unit
	doers []*doer
}

// unit is what a figure counts.
type unit string

// The units. Where it is per second, more is better.
const (
	perSecond unit = "/s"
	seconds   unit = "s"
	mebibytes unit = "MiB"
)

// doer is one who does a work.
type doer struct {
	name    string
	own     bool   // it is luamilter
	beside  string // of a peer: the one of us whom it is compared with; "" for all
	lacks   string // why it takes no part; "" if it does
	measure func(ctx context.Context) ([]float64, error)

	figures [][]float64 // by round
	err     error       // why it is out
}

// takesPart reports whether there is anything to measure.
func (d *doer) takesPart() bool { return d.lacks == "" && d.err == nil }

// rate makes a doer of what returns so many a second.
func rate(name string, measure func(ctx context.Context) (float64, error)) *doer {
	return &doer{name: name, measure: func(ctx context.Context) ([]float64, error) {
		perSecond, err := measure(ctx)
		return []float64{perSecond}, err
	}}
}

// ours marks a doer as luamilter.
func ours(d *doer) *doer {
	d.own = true
	return d
}

// beside has a peer compared with one of us only.
func beside(own string, d *doer) *doer {
	d.beside = own
	return d
}

// absent is a doer that is not there.
func absent(name string, err error) *doer { return &doer{name: name, lacks: err.Error()} }

// bench is one use of the program.
type bench struct {
	options
	dir     string
	notes   io.Writer // progress, faults
	bad     bool      // somebody failed
	cleanup []func() error
}

// later has something done when the part is over.
func (b *bench) later(do func() error) { b.cleanup = append(b.cleanup, do) }

// finish undoes what the part's preparation did, the last first.
func (b *bench) finish() (err error) {
	for _, do := range slices.Backward(b.cleanup) {
		err = errors.Join(err, do())
	}
	b.cleanup = nil
	return err
}

// result is what came of a part.
type result struct {
	part
	works []*work
}

// part measures a part. Somebody who fails is out, and a fault.
func (b *bench) part(ctx context.Context, p part) (r *result, err error) {
	defer func() { err = errors.Join(err, b.finish()) }()
	b.note("%s: prepares", p.name)
	works, err := p.prepare(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	for _, w := range works {
		b.note("%s: %s", p.name, w.name)
		for round := range b.rounds {
			for i := range w.doers {
				b.do(ctx, w, w.doers[(i+round)%len(w.doers)])
			}
		}
	}
	return &result{p, works}, ctx.Err()
}

// longest bounds one measurement, which takes some seconds at most unless something is wrong.
const longest = 2 * time.Minute

// do measures one who takes part. An interrupted run is nobody's fault.
func (b *bench) do(ctx context.Context, w *work, d *doer) {
	if !d.takesPart() || ctx.Err() != nil {
		return
	}
	within, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	figures, err := d.measure(within)
	if err == nil && len(figures) != len(w.units) {
		err = fmt.Errorf("%d figures came, %d were expected", len(figures), len(w.units))
	}
	if err != nil {
		d.figures = nil // what it came to before does not count
		if d.err = err; ctx.Err() == nil {
			b.bad = true
			b.note("%s: %s: %v", w.name, d.name, err)
		}
		return
	}
	d.figures = append(d.figures, figures)
}

func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(b.notes, "lookups: "+format+"\n", args...)
}

// perform has so many callers do something over and over for a time, and returns how often a second that was. Each is told who it is and how often it
// has called before. The first error ends it.
func perform(ctx context.Context, callers int, length time.Duration, do func(caller, n int) error) (float64, error) {
	var over atomic.Bool
	var all sync.WaitGroup
	done, failed := make([]int, callers), make([]error, callers)
	begin := time.Now()
	for c := range callers {
		all.Go(func() {
			for n := 0; !over.Load(); n++ {
				if failed[c] = do(c, n); failed[c] != nil {
					over.Store(true)
					return
				}
				done[c]++
			}
		})
	}
	for end := begin.Add(length); !over.Load() && ctx.Err() == nil && time.Now().Before(end); {
		wait(ctx, min(10*time.Millisecond, time.Until(end)))
	}
	over.Store(true)
	all.Wait()
	took := time.Since(begin).Seconds()
	sum := 0
	for _, n := range done {
		sum += n
	}
	return float64(sum) / took, errors.Join(append(failed, ctx.Err())...)
}

// wait lets a time pass, unless ctx is over.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
