package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Limits bound what one call of a hook may use.
type Limits struct {
	Instructions int64         // of the VM
	CommandTime  time.Duration // wall time of every hook but eom
	MessageTime  time.Duration // wall time of eom
	Message      int64         // bytes of header and body that are collected for msg
}

// DefaultLimits stay below the time-outs of the MTAs: 30 s for a command, 300 s for the end of the message in Postfix.
var DefaultLimits = Limits{Instructions: 50_000_000, CommandTime: 8 * time.Second, MessageTime: 4 * time.Minute, Message: 100 << 20}

// budgetSlice is how many instructions pass between looks at the clock.
const budgetSlice = 4096

// budget is the context of a VM. gopher-lua asks it once for each instruction whether to stop, so it counts them. Once it has
// ended it stays ended, so that no pcall can go on.
type budget struct {
	slice int64 // instructions until the next look
	left  int64 // instructions beyond this slice
	limit int64
	wall  time.Duration
	start time.Time           // zero until the clock is first looked at: most hooks end before
	tick  func(now time.Time) // called at every look, to keep the MTA waiting
	stop  <-chan struct{}     // closed when the daemon ends at once; may be nil
	err   error
}

var (
	errTime     = errors.New("time is up")
	errStopping = errors.New("the daemon stops")
)

// begin starts a hook's budget.
func (b *budget) begin(instructions int64, wall time.Duration) {
	b.slice, b.left, b.limit, b.err = budgetSlice, instructions-budgetSlice, instructions, nil
	b.wall, b.start = wall, time.Time{}
}

// deadline returns when the hook's time is up.
func (b *budget) deadline() time.Time {
	if b.start.IsZero() {
		b.start = time.Now()
	}
	return b.start.Add(b.wall)
}

// expire ends the budget because the time is up.
func (b *budget) expire() {
	b.slice, b.err = 0, fmt.Errorf("stopped after %v: %w", b.wall, errTime)
}

// Done implements context.Context.
func (b *budget) Done() <-chan struct{} {
	if b.slice--; b.slice > 0 {
		return nil
	}
	return b.look()
}

func (b *budget) look() <-chan struct{} {
	if b.err == nil {
		b.check()
	}
	if b.err != nil {
		return ended
	}
	return nil
}

func (b *budget) check() {
	if b.left <= 0 {
		b.err = fmt.Errorf("stopped after %s instructions", thousands(b.limit))
		return
	}
	b.slice = min(budgetSlice, b.left)
	b.left -= b.slice
	select {
	case <-b.stop:
		b.err = errStopping
		return
	default:
	}
	now := time.Now()
	if b.tick != nil {
		b.tick(now)
	}
	if now.After(b.deadline()) {
		b.expire()
	}
}

// ended is a channel that is closed.
var ended = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Err implements context.Context.
func (b *budget) Err() error { return b.err }

// Deadline implements context.Context. The budget watches the clock itself.
func (b *budget) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements context.Context.
func (b *budget) Value(any) any { return nil }

var _ context.Context = (*budget)(nil)

// thousands writes a number with commas.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
