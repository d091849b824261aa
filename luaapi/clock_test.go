package luaapi

import (
	"testing"
	"time"

	"luamilter/protocol"
)

// TestClock tells a script another time than the system's.
func TestClock(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	v.Clock = NewClock(time.Date(2026, 1, 5, 12, 0, 0, 500_000_000, time.UTC))
	const script = `
		local time = require "time"
		return string.format("%.1f %d %s %s %.1f", time.now(), os.time(), os.date("!%H:%M:%S"), os.date("!*t").hour, os.clock())`
	for _, c := range []struct {
		name string
		move func()
		want string
	}{
		{"it stands", func() {}, "1767614400.5 1767614400 12:00:00 12 0.0"},
		{"it is advanced", func() { v.Clock.Advance(90 * time.Minute) }, "1767619800.5 1767619800 13:30:00 13 5400.0"},
		{"it is set", func() { v.Clock.Set(time.Unix(60, 0)) }, "60.0 60 00:01:00 0 -1767614340.5"},
	} {
		c.move()
		if got, err := v.run(script); err != nil || got.String() != c.want {
			t.Errorf("%s: %v, %v, want %s", c.name, got, err, c.want)
		}
	}
	if d := time.Since((*Clock)(nil).Now()); d < 0 || d > time.Hour {
		t.Errorf("a nil clock is %v off", d)
	}
}
