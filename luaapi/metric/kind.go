package metric

import "math"

// Kind is what a metric makes of the values that it is given.
type Kind uint8

// The kinds.
const (
	Counter   Kind = iota // their sum
	Gauge                 // the last one
	Histogram             // how many there are of which size
)

// String returns the kind as Prometheus calls it.
func (k Kind) String() string { return [...]string{"counter", "gauge", "histogram"}[k] }

// Bounds are the upper bounds of a histogram's classes: powers of ten, and three times those. One more class is for what is larger. They
// fit seconds from a millisecond on, scores, and sizes up to a megabyte.
var Bounds = [...]float64{
	0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6,
}

// classes is how many classes a histogram has.
const classes = len(Bounds) + 1

// class returns the class that a value belongs to.
func class(value float64) int {
	i := 0
	for i < len(Bounds) && value > Bounds[i] {
		i++
	}
	return i
}

// lines is how many lines a series of a kind has when it is shown, which is what monitoring systems count: a histogram also has its sum
// and the number of its values.
func (k Kind) lines() int64 {
	if k == Histogram {
		return int64(classes) + 2
	}
	return 1
}

func finite(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }
