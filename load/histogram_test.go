package load

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogramIsExactToOnePartIn128(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var h Histogram
	var all []time.Duration
	for i := range 10_000 {
		d := time.Duration(random.Uint64() >> (24 + i%40))
		h.Add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	for _, share := range []float64{0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[min(max(0, int(share*float64(len(all))+0.999999)-1), len(all)-1)]
		if got := h.Quantile(share); got < want || got > want+want/128 {
			t.Errorf("share %v: %d, expected %d", share, got, want)
		}
	}
	if h.Quantile(1) != all[len(all)-1] || h.Total() != len(all) {
		t.Errorf("longest %v of %d", h.Quantile(1), h.Total())
	}
}

func TestHistogramIndexes(t *testing.T) {
	for n := uint64(0); n < 1<<20; n++ {
		i := indexOf(n)
		if n > 0 && i != indexOf(n-1) && (i != indexOf(n-1)+1 || valueOf(i-1) != n-1) {
			t.Fatalf("%d has index %d after %d, which ends at %d", n, i, indexOf(n-1), valueOf(i-1))
		}
	}
}

func TestHistogramsMerge(t *testing.T) {
	var a, b, none Histogram
	a.Add(time.Microsecond)
	b.Add(time.Second)
	b.Add(time.Second)
	a.Merge(&b)
	a.Merge(&none)
	if a.Total() != 3 || a.Quantile(0.3) > 1010 || a.Quantile(0.5) != time.Second {
		t.Errorf("%d, %v, %v", a.Total(), a.Quantile(0.3), a.Quantile(0.5))
	}
	if none.Quantile(0.5) != 0 {
		t.Errorf("nothing takes %v", none.Quantile(0.5))
	}
}
