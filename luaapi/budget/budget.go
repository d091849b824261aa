// Package budget bounds what one call of a hook may use: instructions, wall time, and the size of strings. It knows nothing of Lua.
//
// A Budget belongs to one VM and is used by the goroutine that runs it. Two things come from outside: Used tells a watch over the
// process how much the hook has taken so far, and Stop ends it.
package budget

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"
)

// Why a hook ends before its time. The errors of a Budget wrap these.
var (
	ErrTime         = errors.New("time is up")
	ErrInstructions = errors.New("too many instructions")
	ErrStopping     = errors.New("the daemon stops")
)

// slice is how many instructions pass between looks at the clock.
const slice = 4096

// lookBytes is how much memory may be taken between looks.
const lookBytes = 256 << 10

// perInstruction is what an instruction counts as in Used, in bytes, beyond what is counted for itself.
const perInstruction = 1

// bytesPerInstruction is how many bytes of a new string count as an instruction: they take about as long.
const bytesPerInstruction = 64

// Budget is what is left to a running hook. Once it has ended it stays ended until Begin, so that no pcall can go on.
type Budget struct {
	Tick      func(now time.Time) // called at every look at the clock, if not nil
	Stopping  <-chan struct{}     // closed when the daemon ends at once; may be nil
	MaxString int                 // bytes of the longest string; 0 for no limit

	left  int64 // instructions until the next look
	rest  int64 // instructions beyond those
	limit int64
	wall  time.Duration
	start time.Time // zero until the clock is first looked at: most hooks end before
	bytes int64     // allocated, as far as is known
	after int64     // how many of them make the next look due
	err   error

	counted atomic.Int64          // bytes that show from outside
	charged atomic.Int64          // and those from Charge
	order   atomic.Pointer[error] // what Stop said
}

// Begin starts a hook's budget: so many instructions, and so much wall time.
func (b *Budget) Begin(instructions int64, wall time.Duration) {
	b.left = min(slice, instructions)
	b.rest, b.limit = instructions-b.left, instructions
	b.wall, b.start, b.bytes, b.after, b.err = wall, time.Time{}, 0, lookBytes, nil
	if b.order.Load() != nil {
		b.order.Store(nil)
	}
}

// End says that the hook is over.
func (b *Budget) End() {
	if b.counted.Load() != 0 {
		b.counted.Store(0)
	}
	if b.charged.Load() != 0 {
		b.charged.Store(0)
	}
}

// Step counts one instruction, and reports whether Look must be called.
func (b *Budget) Step() bool {
	b.left--
	return b.left <= 0
}

// Spend counts work as so many instructions. Its error ends the hook.
func (b *Budget) Spend(instructions int64) error {
	if b.left -= min(instructions, math.MaxInt64/4); b.left <= 0 {
		return b.Look()
	}
	return b.err
}

// Count notes that memory is allocated. The next instruction looks, if that was much.
func (b *Budget) Count(bytes int) {
	if b.bytes += int64(bytes); b.bytes >= b.after {
		b.rest += b.left
		b.left = 0
	}
}

// Grow is asked before a string of that length is made, which counts as instructions too. Its error is one that a script may catch, unless the hook has ended.
func (b *Budget) Grow(bytes int) error {
	if b.MaxString > 0 && bytes > b.MaxString {
		return fmt.Errorf("a string of %s bytes is longer than the %s that a string may have", Thousands(int64(bytes)), Thousands(int64(b.MaxString)))
	}
	b.Count(bytes)
	return b.Spend(int64(bytes / bytesPerInstruction))
}

// Err returns why the budget has ended, nil if it has not.
func (b *Budget) Err() error { return b.err }

// Until returns when the hook's time is up.
func (b *Budget) Until() time.Time {
	if b.start.IsZero() {
		b.start = time.Now()
	}
	return b.start.Add(b.wall)
}

// Expire ends the budget because the time is up.
func (b *Budget) Expire() error {
	b.left, b.err = 0, fmt.Errorf("stopped after %v: %w", b.wall, ErrTime)
	return b.err
}

// Look checks everything there is to check, and returns the error of a budget that has ended.
func (b *Budget) Look() error {
	if b.err == nil {
		b.err = b.check()
	}
	if b.err != nil {
		b.left = 0
	}
	return b.err
}

func (b *Budget) check() error {
	if b.left < 0 {
		b.rest += b.left
		b.left = 0
	}
	b.counted.Store(b.bytes + perInstruction*(b.limit-b.rest-b.left))
	b.after = b.bytes + lookBytes
	select {
	case <-b.Stopping:
		return ErrStopping
	default:
	}
	if b.left == 0 {
		if b.rest <= 0 {
			return errInstructions(b.limit)
		}
		b.left = min(slice, b.rest)
		b.rest -= b.left
	}
	now := time.Now()
	until := b.Until()
	if b.Tick != nil {
		b.Tick(now)
	}
	if order := b.order.Load(); order != nil {
		return *order
	}
	if now.After(until) {
		return b.Expire()
	}
	return nil
}

// errInstructions is ErrInstructions with their number.
type errInstructions int64

func (e errInstructions) Error() string {
	return "stopped after " + Thousands(int64(e)) + " instructions"
}

func (e errInstructions) Is(target error) bool { return target == ErrInstructions }

// Since returns when the clock was first looked at, soon after the hook began.
func (b *Budget) Since() time.Time { return b.start }

// Counted returns how many bytes the running hook has allocated so far, as far as it is known here; 0 while none runs. Any goroutine may ask.
func (b *Budget) Counted() int64 { return b.counted.Load() }

// Charge adds bytes that the running hook has allocated beyond those. Any goroutine may do so.
func (b *Budget) Charge(bytes int64) { b.charged.Add(bytes) }

// Used returns roughly how many bytes the running hook has allocated so far: Counted and what it was charged. Any goroutine may ask.
func (b *Budget) Used() int64 { return b.counted.Load() + b.charged.Load() }

// Stop ends the running hook with an error. Any goroutine may do so.
func (b *Budget) Stop(err error) { b.order.Store(&err) }

// Stopped reports whether Stop was called; the hook ends at its next look.
func (b *Budget) Stopped() bool { return b.order.Load() != nil }

// Thousands writes a number with commas.
func Thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
