package luaapi

import (
	"errors"
	"math"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

// What gopher-lua's instructions do otherwise than Lua 5.1, and the guard of a thread puts right before or after them.

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

// repair is a result that is wrong, to be put right before the next instruction.
type repair struct {
	register int // 0 for none
	value    lua.LNumber
	frame    *frame
	pc       int // of the next instruction
	depth    int // the guard's own
}

// modulo looks whether a % b will be what Lua 5.1 makes of it: -6 % 3 is 0, not -0, and a fraction is rounded as a - floor(a/b)*b is.
func (g *guard) modulo(f *frame, inst uint32) {
	x, ok := g.operand(f, operandB(inst)).(lua.LNumber)
	y, ok2 := g.operand(f, operandC(inst)).(lua.LNumber)
	if !ok || !ok2 {
		return
	}
	a, b := float64(x), float64(y)
	if a >= 0 && a < 1<<52 && b > 0 && a == math.Trunc(a) && b == math.Trunc(b) && b <= math.MaxFloat64 {
		return
	}
	g.repair = repair{operandA(inst) + 1, lua.LNumber(modulo(a, b)), f, f.Pc + 1, g.depth}
	g.depth = -1 // so that the next instruction is looked at
}

// finish puts right what the last instruction did, unless it was the last of a hook that ended there.
func (g *guard) finish(f *frame) {
	if f == g.repair.frame && f.Pc == g.repair.pc {
		g.thread.Replace(g.repair.register, g.repair.value)
	}
	g.depth = g.repair.depth
	g.repair.register = 0
}

// operand returns the value of an operand B or C.
func (g *guard) operand(f *frame, operand int) lua.LValue {
	if constant(operand) {
		return f.Fn.Proto.Constants[operand&0xff]
	}
	return g.thread.Get(operand + 1)
}
