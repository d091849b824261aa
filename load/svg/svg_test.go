package svg

import "testing"

func TestScale(t *testing.T) {
	for _, c := range []struct {
		most, step float64
		ticks      int
	}{{0, 1, 1}, {1, 0.2, 5}, {6, 1, 6}, {6.1, 2, 4}, {13, 5, 3}, {40, 10, 4}, {99, 20, 5}, {100, 20, 5}, {1234, 500, 3}, {0.06, 0.01, 6}} {
		if step, ticks := Scale(c.most); Round(step) != c.step || ticks != c.ticks {
			t.Errorf("up to %v: %d ticks of %v, expected %d of %v", c.most, ticks, step, c.ticks, c.step)
		}
	}
}
