// Package limits tests what rates, greylists and counters decide with a real Redis: all decisions as in memory, daemons that share one, and
// one that goes away.
package limits
