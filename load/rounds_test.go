package load

import (
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0}, {[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := Median(c.values); got != c.want {
			t.Errorf("median of %v: %v, expected %v", c.values, got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	firsts := map[int]bool{}
	for round := range 3 {
		o := Order(3, round)
		firsts[o[0]] = true
		if s := slices.Sorted(slices.Values(o)); !slices.Equal(s, []int{0, 1, 2}) {
			t.Errorf("round %d: %v", round, o)
		}
	}
	if len(firsts) < 2 || slices.Equal(Order(2, 0), Order(2, 2)) != true {
		t.Errorf("rounds begin with %v", firsts)
	}
}

func TestRatio(t *testing.T) {
	figure := func(s *Sample) float64 { return float64(s.Messages) }
	at := func(messages ...int) (samples []Sample) {
		for _, n := range messages {
			samples = append(samples, Sample{Tally: Tally{Messages: n}})
		}
		return samples
	}
	for _, c := range []struct {
		name          string
		of, reference []Sample
		want          float64
	}{
		{"each round by itself", at(10, 40, 90), at(10, 20, 30), 2},
		{"rounds without the reference do not count", at(10, 40, 90), at(0, 20, 30), 2.5},
		{"nothing is known", at(10), at(0), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Ratio(c.of, c.reference, figure); got != c.want {
				t.Errorf("%v, expected %v", got, c.want)
			}
		})
	}
}
