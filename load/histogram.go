package load

import (
	"math/bits"
	"time"
)

// Histogram counts durations. It is exact to one part in 128, and takes as much memory as they differ.
type Histogram struct {
	counts []uint32 // by index; see indexOf
	total  int
	most   time.Duration
}

const (
	exactBits = 7 // of a duration's leading bits, those that are kept after the first
	exact     = 1 << exactBits
)

// indexOf returns the index of the counter for a number of nanoseconds: one each up to 2*exact, then exact for each power of two.
func indexOf(n uint64) int {
	shift := max(0, bits.Len64(n)-exactBits-1)
	return shift<<exactBits + int(n>>shift)
}

// valueOf returns the largest number of nanoseconds that a counter is for.
func valueOf(index int) uint64 {
	shift := max(0, index>>exactBits-1)
	return uint64(index-shift<<exactBits+1)<<shift - 1
}

// Add counts a duration.
func (h *Histogram) Add(d time.Duration) {
	i := indexOf(uint64(max(0, d)))
	if i >= len(h.counts) {
		h.counts = append(h.counts, make([]uint32, i+exact-len(h.counts))...)
	}
	h.counts[i]++
	h.total++
	h.most = max(h.most, d)
}

// Merge counts all that another histogram has counted.
func (h *Histogram) Merge(other *Histogram) {
	if len(other.counts) > len(h.counts) {
		h.counts = append(h.counts, make([]uint32, len(other.counts)-len(h.counts))...)
	}
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}

// Total returns how many durations there are.
func (h *Histogram) Total() int { return h.total }

// Quantile returns the duration that a share of all does not exceed: 0.5 is for the median, 1 for the longest. It is 0 if there are none.
func (h *Histogram) Quantile(share float64) time.Duration {
	rank := int(share*float64(h.total) + 0.999999)
	seen := 0
	for i, n := range h.counts {
		if seen += int(n); n > 0 && seen >= rank {
			return min(time.Duration(valueOf(i)), h.most)
		}
	}
	return h.most
}
