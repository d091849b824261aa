package budget

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// begun returns a budget of so many instructions, and an hour.
func begun(instructions int64) *Budget {
	b := &Budget{MaxString: 1 << 20}
	b.Begin(instructions, time.Hour)
	return b
}

// run counts instructions until the budget says stop, as a VM does, and returns how many there were.
func run(b *Budget, most int) (n int) {
	for n < most {
		if b.Step() && b.Look() != nil {
			return n
		}
		n++
	}
	return n
}

// Every instruction counts, and so does other work; exactly.
func TestInstructions(t *testing.T) {
	for _, limit := range []int64{1, 100, slice - 1, slice, slice + 1, 3*slice + 7} {
		b := begun(limit)
		if n := run(b, 1<<30); int64(n) > limit || int64(n) < limit-1 {
			t.Errorf("%d instructions ran, the limit is %d", n, limit)
		}
		if err := b.Err(); err == nil || err.Error() != "stopped after "+Thousands(limit)+" instructions" {
			t.Error(err)
		}
	}
	b := begun(3 * slice)
	if err := b.Spend(2 * slice); err != nil {
		t.Error(err)
	}
	if n := run(b, 1<<30); n > slice || n < slice-2 {
		t.Errorf("%d instructions ran after work that counts as two thirds of %d", n, 3*slice)
	}
	if err := begun(slice).Spend(1 << 62); err == nil {
		t.Error("work beyond all limits is fine")
	}
}

// Once it has ended it stays ended, until the next hook.
func TestEndedStaysEnded(t *testing.T) {
	b := begun(10)
	run(b, 100)
	for range 3 {
		if b.Spend(0) == nil || b.Look() == nil || b.Err() == nil || run(b, 100) != 0 {
			t.Fatal("it goes on")
		}
	}
	b.Begin(10, time.Hour)
	if b.Err() != nil || run(b, 5) != 5 {
		t.Error("the next hook has none")
	}
}

// The clock is looked at now and then.
func TestTime(t *testing.T) {
	b := &Budget{}
	b.Begin(1<<40, 20*time.Millisecond)
	run(b, 1<<40)
	if err := b.Err(); !errors.Is(err, ErrTime) || err.Error() != "stopped after 20ms: time is up" {
		t.Error(err)
	}
	b.Begin(1<<40, time.Hour)
	ticks := 0
	b.Tick = func(time.Time) { ticks++ }
	run(b, 3*slice)
	if ticks != 2 && ticks != 3 {
		t.Errorf("%d looks in %d instructions", ticks, 3*slice)
	}
}

// A string that is too long is refused, and the hook may go on.
func TestStrings(t *testing.T) {
	b := begun(1 << 40)
	if err := b.Grow(1<<20 + 1); err == nil || !strings.Contains(err.Error(), "a string of 1,048,577 bytes is longer than the 1,048,576 that a string may have") {
		t.Error(err)
	}
	if err := b.Grow(1 << 20); err != nil || b.Err() != nil {
		t.Error(err, b.Err())
	}
	b = begun(1000)
	if b.Grow(500*bytesPerInstruction) != nil || b.Grow(500*bytesPerInstruction) == nil {
		t.Error("long strings do not count as instructions")
	}
	b = begun(1 << 60)
	b.MaxString = 0
	if err := b.Grow(1 << 40); err != nil {
		t.Error("without a limit:", err)
	}
}

// What is taken shows from outside before long, and not after the hook.
func TestUsed(t *testing.T) {
	b := begun(1 << 40)
	for range 100 {
		b.Count(lookBytes / 10)
		run(b, 1)
	}
	if used := b.Used(); used < 9*lookBytes || used > 11*lookBytes {
		t.Errorf("%d bytes show of %d", used, 10*lookBytes)
	}
	b.End()
	if b.Used() != 0 {
		t.Error("some are used after the end")
	}
}

// It can be stopped from outside, by whatever is counted next.
func TestStop(t *testing.T) {
	b := begun(1 << 40)
	no := errors.New("no more")
	b.Stop(no)
	if n := run(b, 1<<30); n > slice || b.Err() != no {
		t.Errorf("it went on for %d instructions; %v", n, b.Err())
	}
	b.Begin(100, time.Hour)
	if run(b, 50) != 50 {
		t.Error("the next hook is stopped too")
	}
	stopping := make(chan struct{})
	close(stopping)
	b.Stopping = stopping
	b.Begin(1<<40, time.Hour)
	if run(b, 1<<30); !errors.Is(b.Err(), ErrStopping) {
		t.Error(b.Err())
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 50_000_000: "50,000,000"} {
		if got := Thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
