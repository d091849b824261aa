package load

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Target is a filter to be measured.
type Target struct {
	Name      string
	Generator *Generator
	PID       int // its process, 0 if not known
	Samples   []Sample
}

// Total returns all samples together.
func (t *Target) Total() Sample {
	var sum Sample
	for i := range t.Samples {
		sum.Add(&t.Samples[i])
	}
	return sum
}

// Rounds measures targets in turn, in another order each round, so that what changes on the machine meets all of them alike.
type Rounds struct {
	Count    int
	Warm     time.Duration // before each sample; not with Messages
	Length   time.Duration // of each sample
	Messages int           // to each target in all rounds, in the place of Length; 0: not counted
	Within   time.Duration // how long those of a round may take
}

// Measure adds a sample for each round to each target, and tells of it. What the filters do wrong is in the samples; the error is of those that
// cannot be measured at all.
func (r Rounds) Measure(ctx context.Context, targets []*Target, tell func(round int, t *Target, s *Sample)) error {
	for round := range r.Count {
		for _, i := range Order(len(targets), round) {
			t := targets[i]
			s, err := r.sample(ctx, round, t)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && s.Err() == nil:
				return fmt.Errorf("measure %s: %w", t.Name, err)
			}
			t.Samples = append(t.Samples, s)
			tell(round, t, &s)
		}
	}
	return nil
}

func (r Rounds) sample(ctx context.Context, round int, t *Target) (Sample, error) {
	if r.Messages > 0 {
		messages := r.Messages*(round+1)/r.Count - r.Messages*round/r.Count
		return t.Generator.Counted(ctx, messages, r.Within, t.PID)
	}
	return t.Generator.Timed(ctx, r.Warm, r.Length, t.PID)
}

// Order returns the order of a round: each begins with another target, and every other one goes backwards.
func Order(targets, round int) []int {
	var out []int
	for i := range targets {
		out = append(out, (i+round)%targets)
	}
	if round%2 == 1 {
		slices.Reverse(out)
	}
	return out
}

// Ratio returns how many times a figure of a reference a target has: the median over the rounds, 0 if it is not known.
func Ratio(of, reference []Sample, figure func(*Sample) float64) float64 {
	var all []float64
	for i := range min(len(of), len(reference)) {
		value, base := figure(&of[i]), figure(&reference[i])
		if value > 0 && base > 0 {
			all = append(all, value/base)
		}
	}
	return Median(all)
}

// Median returns the middle value, or the mean of the middle two; 0 if there are none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	middle := len(s) / 2
	if len(s)%2 == 1 {
		return s[middle]
	}
	return (s[middle-1] + s[middle]) / 2
}
