package luaapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
	"luamilter/luaapi/number"
)

// guard is the context of one Lua thread. gopher-lua asks it before each instruction whether to stop; so it counts instructions
// against the budget, and looks closer at the few that could take all memory or the whole stack at once.
type guard struct {
	env    *Env
	budget *budget.Budget
	thread *lua.LState
	frame  **frame
	depth  int   // how deep the thread's stack may be
	err    error // what is wrong with this instruction; a script may catch it

	started bool // the coroutine was resumed before
}

const (
	// maxDepth is how deep calls may be inside each other, over all coroutines that wait for one another. The Go stack holds it.
	maxDepth = 2000

	// stackSize is what a VM's call stack holds: what Go functions call, the guard sees a little later.
	stackSize = maxDepth + 64

	// registrySize is how many values the stack of a thread may hold, and maxRegister where a function that calls others may stand in it: the
	// rest is for their arguments, as many as maxResults, which a function with ... gets twice. gopher-lua cannot bear a
	// registry that is full when a function begins.
	registrySize = 1 << 18
	maxRegister  = registrySize - 2*maxResults - 4096

	// maxArray is how long an array gets. gopher-lua fills all below a new index at once; indices from here on go into the hash part.
	maxArray = 1 << 20

	// smallArray is below what is worth a look.
	smallArray = 1 << 12
)

// watched are the instructions that the guard looks at.
const watched = 1<<lua.OP_CONCAT | 1<<lua.OP_SETTABLE | 1<<lua.OP_NEWTABLE | 1<<lua.OP_CLOSURE | 1<<lua.OP_FORPREP | 1<<lua.OP_VARARG

// What things are taken to cost, in bytes.
const (
	tableSize   = 1 << 10
	itemSize    = 48
	closureSize = 128
	threadSize  = 8 << 10
)

func init() { lua.MaxArrayIndex = maxArray } // the library's own setting, which it has for all VMs together

// watch makes the guard of a thread its context.
func watch(e *Env, thread *lua.LState, depth int) *guard {
	g := &guard{env: e, budget: e.Budget, thread: thread, frame: frameOf(thread), depth: depth}
	thread.SetContext(g)
	return g
}

// guardOf returns the guard of a thread.
func guardOf(L *lua.LState) *guard { return L.Context().(*guard) }

// Done implements context.Context.
func (g *guard) Done() <-chan struct{} {
	if g.budget.Step() && g.budget.Look() != nil {
		return ended
	}
	f := *g.frame
	inst := f.instruction()
	if watched>>(inst>>26)&1 != 0 || f.Idx >= g.depth || f.LocalBase >= maxRegister {
		return g.inspect(f, inst)
	}
	return nil
}

// Err implements context.Context.
func (g *guard) Err() error {
	if err := g.err; err != nil {
		g.err = nil
		return err
	}
	return g.budget.Err()
}

// Deadline implements context.Context. The budget watches the clock itself.
func (g *guard) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements context.Context.
func (g *guard) Value(any) any { return nil }

var _ context.Context = (*guard)(nil)

// ended is a channel that is closed.
var ended = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

var errDepth = errors.New("stack overflow: functions call one another without end")

// inspect looks at an instruction before it runs.
func (g *guard) inspect(f *frame, inst uint32) <-chan struct{} {
	if f.Idx >= g.depth || f.LocalBase >= maxRegister {
		g.err = errDepth
		return ended
	}
	switch opcode(inst) {
	case lua.OP_CONCAT:
		g.err = g.concat(inst)
	case lua.OP_SETTABLE:
		g.budget.Count(itemSize)
		g.err = g.store(f, inst)
	case lua.OP_FORPREP:
		g.err = g.forLoop(inst)
	case lua.OP_NEWTABLE:
		g.budget.Count(tableSize)
	case lua.OP_CLOSURE:
		g.budget.Count(closureSize)
	case lua.OP_VARARG:
		g.err = g.spread(f)
	}
	if g.err != nil {
		return ended
	}
	return nil
}

// concat bounds the length of a joined string, and writes numbers in it as Lua does: gopher-lua gives them 17 digits and no exponent.
func (g *guard) concat(inst uint32) error {
	first, last := operandB(inst)+1, operandC(inst)+1
	size, numbers := 0, false
	for i := first; i <= last; i++ {
		switch v := g.thread.Get(i).(type) {
		case lua.LString:
			size += len(v)
		case lua.LNumber:
			numbers = true
		default: // a metamethod's business, or an error
			g.own(first, last)
			return nil
		}
	}
	if numbers {
		for i := first; i <= last; i++ { // operands of .. are temporaries
			if n, ok := g.thread.Get(i).(lua.LNumber); ok {
				s := luaNumber(n)
				size += len(s)
				g.thread.Replace(i, lua.LString(s))
			}
		}
	}
	return g.budget.Grow(size)
}

// own replaces what is lent in some registers by a copy, because a function of the script is going to get it.
func (g *guard) own(first, last int) {
	for i := first; i <= last; i++ {
		if s, ok := g.thread.Get(i).(lua.LString); ok && g.env.isLent(string(s)) {
			g.thread.Replace(i, lua.LString(strings.Clone(string(s))))
		}
	}
}

// spread bounds and counts the values that ... copies.
func (g *guard) spread(f *frame) error {
	n := f.NArgs - int(f.Fn.Proto.NumParameters)
	if n > maxResults {
		return errDepth
	}
	return g.budget.Spend(int64(max(n, 0) / 8))
}

// store bounds the arrays that t[k] = v makes.
func (g *guard) store(f *frame, inst uint32) error {
	key := operandB(inst)
	var k lua.LNumber
	var ok bool
	if constant(key) {
		k, ok = f.Fn.Proto.Constants[key&0xff].(lua.LNumber)
	} else {
		k, ok = g.thread.Get(key + 1).(lua.LNumber)
	}
	if !ok || !large(k) {
		return nil
	}
	t, ok := g.thread.Get(operandA(inst) + 1).(*lua.LTable)
	if !ok {
		return nil
	}
	return g.fill(t, int(k))
}

// set is asked by functions of Go before they set t[k].
func (g *guard) set(t *lua.LTable, k lua.LNumber) error {
	if !large(k) {
		return nil
	}
	return g.fill(t, int(k))
}

// large reports whether an index is in the array part, and so far up that it is worth a look; nan is not.
func large(k lua.LNumber) bool { return k >= smallArray && k <= maxArray }

// fill is asked before t[k] is set, for a whole k of at most maxArray.
func (g *guard) fill(t *lua.LTable, k int) error {
	have := t.MaxN()
	if k == maxArray && have >= maxArray-1 {
		return fmt.Errorf("an array has at most %d values; keep more of them under other keys, or in a store", maxArray-1)
	}
	if gap := k - have; gap > 64 {
		g.budget.Count(32 * gap) // with what growing leaves behind
		return g.budget.Spend(int64(gap / 2))
	}
	return nil
}

// forLoop makes numbers of the strings that a numeric for loop is given, and says which of its values is none.
func (g *guard) forLoop(inst uint32) error {
	for i, name := range [...]string{"initial value", "limit", "step"} {
		register := operandA(inst) + 1 + i
		switch v := g.thread.Get(register).(type) {
		case lua.LNumber:
			continue
		case lua.LString:
			if f, ok := number.Parse(string(v)); ok {
				g.thread.Replace(register, lua.LNumber(f))
				continue
			}
		}
		return errors.New("'for' " + name + " must be a number")
	}
	return nil
}
