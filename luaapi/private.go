package luaapi

import (
	"fmt"
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What gopher-lua keeps to itself and a host needs: which instruction is about to run, how deep the stack is, and which local
// variables are shared with closures. Nothing of it is changed but the list of those variables, which pcall puts aside.
//
// The layout is that of the version in go.mod. It is compared when the program starts, so that another version cannot go wrong
// silently.

// frame is a call frame.
type frame struct {
	Idx        int // depth in its thread, from 0
	Fn         *lua.LFunction
	Parent     *frame
	Pc         int // of the next instruction
	Base       int
	LocalBase  int
	ReturnBase int
	NArgs      int
	NRet       int
	TailCall   int
}

// upvalue is a local variable that is shared with a closure.
type upvalue struct {
	next   *upvalue
	reg    unsafe.Pointer
	index  int
	value  lua.LValue
	closed bool
}

// Where a thread keeps its running frame, and the list of its variables that are shared with closures and still live.
var frameOffset, upvaluesOffset = checkLayout()

func checkLayout() (frames, upvalues uintptr) {
	thread := reflect.TypeFor[lua.LState]()
	return field(thread, "currentFrame", reflect.TypeFor[frame]()), field(thread, "uvcache", reflect.TypeFor[upvalue]())
}

// field returns the offset of a field that points to something laid out like want.
func field(in reflect.Type, name string, want reflect.Type) uintptr {
	f, ok := in.FieldByName(name)
	if !ok || f.Type.Kind() != reflect.Pointer || f.Type.Elem().NumField() != want.NumField() {
		panic(fmt.Sprintf("gopher-lua is not the version this was written for: LState.%s", name))
	}
	for i := range want.NumField() {
		got, want := f.Type.Elem().Field(i), want.Field(i)
		if got.Name != want.Name || got.Offset != want.Offset || got.Type.Kind() != want.Type.Kind() && want.Type.Kind() != reflect.UnsafePointer {
			panic(fmt.Sprintf("gopher-lua is not the version this was written for: %s.%s", f.Type.Elem(), got.Name))
		}
	}
	return f.Offset
}

// frameOf returns where a thread keeps its running frame.
func frameOf(L *lua.LState) **frame {
	return (**frame)(unsafe.Add(unsafe.Pointer(L), frameOffset))
}

// upvaluesOf returns where a thread keeps its shared variables.
func upvaluesOf(L *lua.LState) **upvalue {
	return (**upvalue)(unsafe.Add(unsafe.Pointer(L), upvaluesOffset))
}

// close gives the closures that share a variable, and all after it in the list, a copy of their own, before its register goes.
func (u *upvalue) close() {
	for ; u != nil; u = u.next {
		(*lua.Upvalue)(unsafe.Pointer(u)).Close()
	}
}

// instruction returns the instruction that a frame of a Lua function runs.
func (f *frame) instruction() uint32 { return f.Fn.Proto.Code[f.Pc-1] }

// The parts of an instruction: its code and its operands. A, B and C number registers; of B and C, constants where constant says so.
func opcode(inst uint32) int    { return int(inst >> 26) }
func operandA(inst uint32) int  { return int(inst>>18) & 0xff }
func operandB(inst uint32) int  { return int(inst & 0x1ff) }
func operandC(inst uint32) int  { return int(inst>>9) & 0x1ff }
func constant(operand int) bool { return operand&0x100 != 0 }

// calledAsMethod tells whether the running Go function was called with a colon: whether that put it into the register it was called from.
func calledAsMethod(L *lua.LState) bool {
	caller := (*frameOf(L)).Parent
	if caller == nil || caller.Fn.IsG {
		return false
	}
	code, at := caller.Fn.Proto.Code, caller.Pc-1
	if call := opcode(code[at]); call != lua.OP_CALL && call != lua.OP_TAILCALL {
		return false
	}
	for i := at - 1; i >= 0; i-- {
		if operandA(code[i]) != operandA(code[at]) {
			continue
		}
		switch opcode(code[i]) {
		case lua.OP_SELF:
			return true
		case lua.OP_GETGLOBAL, lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_GETUPVAL, lua.OP_MOVE, lua.OP_CALL, lua.OP_CLOSURE:
			return false
		}
	}
	return false
}
