package engine

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/budget"
	"luamilter/protocol"
)

// vm is one Lua state with every script of a program loaded.
type vm struct {
	L       *lua.LState
	env     *luaapi.Env
	budget  *budget.Budget
	scripts []loaded
	uses    int // leases so far
}

// loaded is one script in one VM.
type loaded struct {
	hooks [protocol.NumStages]*lua.LFunction // nil where it has none
}

// newVM loads the scripts into a new VM. Their file levels run under the budget of a command.
func newVM(scripts []*Script, limits Limits) (*vm, error) {
	v := &vm{budget: &budget.Budget{MaxString: limits.String}}
	v.env = luaapi.Open(v.budget)
	v.L = v.env.L
	for _, s := range scripts {
		l, err := v.load(s, limits)
		if err != nil {
			v.close()
			return nil, err
		}
		v.scripts = append(v.scripts, l)
	}
	return v, nil
}

// load runs a script's file level in globals of its own and takes its hooks.
func (v *vm) load(s *Script, limits Limits) (loaded, error) {
	var l loaded
	globals := v.L.CreateTable(0, 16)
	meta := v.L.CreateTable(0, 3)
	meta.RawSetString("__index", v.L.Get(lua.GlobalsIndex))
	meta.RawSetString("__metatable", lua.LString("globals"))
	v.L.SetMetatable(globals, meta)
	globals.RawSetString("_G", globals)

	fn := v.L.NewFunctionFromProto(s.proto)
	fn.Env = globals
	v.budget.Begin(limits.Instructions, limits.CommandTime)
	v.L.Push(fn)
	if err := v.L.PCall(0, 0, nil); err != nil {
		return l, &ScriptError{Script: s, Doing: "load", Err: err}
	}
	for stage := range protocol.Stage(protocol.NumStages) {
		switch h := globals.RawGetString(stage.String()).(type) {
		case *lua.LNilType:
		case *lua.LFunction:
			l.hooks[stage] = h
		default:
			return l, &ScriptError{Script: s, Doing: "load", Err: fmt.Errorf("%s: %s is a %s; the hook must be a function (the names of hooks are reserved)", s.Path, stage, h.Type())}
		}
	}
	meta.RawSetString("__newindex", v.L.NewFunction(func(L *lua.LState) int {
		L.RaiseError("assignment to the undeclared global %q (did you forget local?)", L.Get(2).String())
		return 0
	}))
	return l, nil
}

func (v *vm) close() { v.L.Close() }

// mayReply reports whether a hook can return a value. A function that never does has only RETURN instructions without one.
func mayReply(fn *lua.LFunction) bool {
	if fn.IsG {
		return true
	}
	for _, inst := range fn.Proto.Code {
		switch int(inst >> 26) {
		case lua.OP_TAILCALL:
			return true
		case lua.OP_RETURN:
			if inst&0x1ff != 1 { // B: number of values plus one, 0 for all
				return true
			}
		}
	}
	return false
}

// takes reports whether a hook declares its n-th parameter.
func takes(fn *lua.LFunction, n int) bool {
	return fn.IsG || int(fn.Proto.NumParameters) >= n || fn.Proto.IsVarArg != 0
}
