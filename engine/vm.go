package engine

import (
	"errors"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/budget"
	"luamilter/protocol"
)

// vm is one Lua state with one script loaded. A script has a state of its own, and so its own globals, libraries and strings' methods:
// nothing that it does to them reaches another script, and an error in it costs no other script anything.
type vm struct {
	L      *lua.LState
	env    *luaapi.Env
	budget *budget.Budget
	hooks  [protocol.NumStages]*lua.LFunction // nil where the script has none
	script *Script
	uses   int // leases so far
}

// newVM loads a script into a new VM. Its file level runs under the budget of a command.
func newVM(s *Script, p *Program) (*vm, error) {
	b := &budget.Budget{MaxString: p.limits.String}
	env := luaapi.Open(b, s.more...)
	env.Script, env.Files, env.Settings, env.Clock = s.Name, &s.files, s.given, p.clock
	env.Services = p.services
	p.cover.open(env.L)
	v := &vm{L: env.L, env: env, budget: b, script: s}
	if err := v.load(s, p.limits); err != nil {
		v.close()
		return nil, s.failure("load", err).Explain()
	}
	return v, nil
}

// load runs the script's file level and takes its hooks. After it, an assignment to a global that it did not declare is an error.
func (v *vm) load(s *Script, limits Limits) error {
	v.budget.Begin(limits.Instructions, limits.CommandTime)
	defer v.budget.End()
	v.L.Push(v.L.NewFunctionFromProto(s.proto))
	if err := v.L.PCall(0, 0, nil); err != nil {
		return err
	}
	globals := v.L.G.Global
	for stage := range protocol.Stage(protocol.NumStages) {
		switch h := globals.RawGetString(stage.String()).(type) {
		case *lua.LNilType:
		case *lua.LFunction:
			v.hooks[stage] = h
		default:
			return s.noHook(stage.String(), h.Type().String())
		}
	}
	v.env.Freeze()
	return nil
}

// selfTest calls the script's selftest function, if it has one. An error in it, or false with a reason, fails the script.
func (v *vm) selfTest(limits Limits) error {
	test, ok := v.L.G.Global.RawGetString(selfTest).(*lua.LFunction)
	if !ok {
		return nil
	}
	top := v.L.GetTop()
	defer v.L.SetTop(top)
	v.budget.Begin(limits.Instructions, limits.CommandTime)
	defer v.budget.End()
	v.L.Push(test)
	if err := v.L.PCall(0, 2, nil); err != nil {
		return v.script.failure(selfTest, err).Explain()
	}
	if v.L.Get(-2) != lua.LFalse {
		return nil
	}
	why := "it returned false"
	if v.L.Get(-1) != lua.LNil {
		why = v.L.Get(-1).String()
	}
	file, line := v.script.definition(test)
	return v.script.ended(selfTest, "selftest: "+why, errors.New(why)).at(file, line)
}

// selfTest is the function by which a script says whether it can work.
const selfTest = "selftest"

func (v *vm) close() { v.L.Close() }

// findReader finds out whether the script's body hook does nothing with a chunk but look at it, so that it needs no chunk of its own. The
// hook must be one whose text was read: it is found by what was compiled from a file, not by the name that it gives itself.
func (s *Script) findReader(tried *vm) {
	hook := tried.hooks[protocol.StageBody]
	if hook == nil || hook.IsG {
		return
	}
	for file := range s.all() {
		if within(file.proto, hook.Proto) && file.Lint.OnlyRead(hook.Proto.LineDefined, 2, luaapi.LentMethods) {
			s.reader = hook.Proto
		}
	}
}

// within reports whether a function is written inside another, however deep.
func within(outer, fn *lua.FunctionProto) bool {
	return slices.ContainsFunc(outer.FunctionPrototypes, func(inner *lua.FunctionProto) bool { return inner == fn || within(inner, fn) })
}

// definition returns where a hook of a script is defined, which may be in a module; nil if it is no function of Lua.
func (s *Script) definition(fn *lua.LFunction) (*File, int) {
	if fn.IsG {
		return nil, 0
	}
	return s.file(fn.Proto.SourceName), fn.Proto.LineDefined
}

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

// noHook is the error about the name of a hook that holds something else.
func (s *Script) noHook(name, kind string) error {
	e := s.ended("load", fmt.Sprintf("%s is a %s; the hook must be a function (the names of hooks are reserved)", name, kind), nil)
	for f := range s.all() {
		if line := f.Lint.SetAt(name); line > 0 {
			e.Column = f.Lint.Column(line, name)
			e.script = nil // nothing is left to explain
			return e.at(f, line)
		}
	}
	return e
}
