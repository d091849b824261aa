package main

import (
	"testing"

	"luamilter/load"
)

func TestSomeActive(t *testing.T) {
	b, out, notes := ownBench(t)
	b.open, b.active = 30, 4
	if err := b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, out, "peak MiB", "self      30       4")
	says(t, notes, "w1 open: self", "0 wrong, 0 lost", "wrong: start wrong for w1", "it ended: exit status 1")
}

func TestSpread(t *testing.T) {
	for _, c := range []struct{ all, number, first, last int }{
		{10, 1, 0, 0}, {10, 2, 0, 5}, {10, 5, 0, 8}, {10, 10, 0, 9}, {7, 3, 0, 5}, {2000, 50, 0, 1960},
	} {
		var players []*load.Player
		at := map[*load.Player]int{}
		for i := range c.all {
			p := &load.Player{}
			at[p] = i
			players = append(players, p)
		}
		chosen, others := spread(players, c.number)
		if len(chosen) != c.number || len(chosen)+len(others) != c.all {
			t.Errorf("%d of %d: %d, and %d others", c.number, c.all, len(chosen), len(others))
			continue
		}
		if first, last := at[chosen[0]], at[chosen[len(chosen)-1]]; first != c.first || last != c.last {
			t.Errorf("%d of %d: from %d to %d, expected from %d to %d", c.number, c.all, first, last, c.first, c.last)
		}
		for _, p := range append(chosen, others...) {
			delete(at, p)
		}
		if len(at) != 0 {
			t.Errorf("%d of %d: %d are missing", c.number, c.all, len(at))
		}
	}
}
