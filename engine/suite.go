package engine

import (
	"errors"
	"fmt"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
)

// Suite is a file of Lua that is run by itself, not by an MTA, and has more modules than scripts have: a file of tests. It is otherwise as
// safe as a script, requires modules as a script does, and has the same errors. One goroutine uses it.
type Suite struct {
	program *Program
	script  *Script
	vm      *vm
}

// SuiteTime and SuiteInstructions bound the file level of a suite, and each Call.
const (
	SuiteTime         = time.Minute
	SuiteInstructions = 100_000_000
)

// OpenSuite compiles a file and runs its file level, which is told the time of a clock. An error in it is a *ScriptError.
func OpenSuite(path string, clock *luaapi.Clock, more []luaapi.Module) (*Suite, error) {
	limits := DefaultLimits
	limits.Instructions, limits.CommandTime = SuiteInstructions, SuiteTime
	p := &Program{limits: limits, memory: NewMemory(0), files: map[string]*File{}, clock: clock}
	p.api = sync.OnceValue(func() lint.API { return withModules(API(), more) })
	source, err := readScript(path)
	if err != nil {
		return nil, fmt.Errorf("tests: %w", err)
	}
	file, err := compile(path, source, nil)
	if err != nil {
		return nil, err
	}
	s := &Script{File: file, Name: ScriptName(path), api: p.api, more: more}
	if err := p.findModules(s); err != nil {
		return nil, err
	}
	p.Scripts = []*Script{s}
	v, err := newVM(s, p)
	if err != nil {
		return nil, err
	}
	return &Suite{p, s, v}, nil
}

// withModules adds what more modules have to what scripts can use.
func withModules(api lint.API, more []luaapi.Module) lint.API {
	for i := range more {
		m := &more[i]
		for _, f := range m.Fields {
			api.Methods = append(api.Methods, f.Name)
		}
		for _, f := range m.Funcs {
			if m.Kind == luaapi.Globals {
				api.Globals = append(api.Globals, f.Name)
			} else {
				api.Methods = append(api.Methods, f.Name)
			}
		}
	}
	return api
}

// Call calls a function of the suite. If the function raises a Go error in a userdata, that is returned; any other error in it is a
// *ScriptError.
func (s *Suite) Call(fn *lua.LFunction) error {
	v := s.vm
	top := v.L.GetTop()
	defer v.L.SetTop(top)
	v.budget.Begin(SuiteInstructions, SuiteTime)
	defer v.budget.End()
	v.L.Push(fn)
	err := v.L.PCall(0, 0, nil)
	if err == nil {
		return nil
	}
	var api *lua.ApiError
	if errors.As(err, &api) {
		if ud, ok := api.Object.(*lua.LUserData); ok {
			if told, ok := ud.Value.(error); ok {
				return told
			}
		}
	}
	return s.script.failure("test", err).Explain()
}

// ErrorAt returns an error about a line of the suite or one of its modules.
func (s *Suite) ErrorAt(path string, line int, text string) *ScriptError {
	e := &ScriptError{Path: path, Text: text}
	return e.at(s.script.file(path), line)
}

// Check returns what looks wrong in the suite and its modules.
func (s *Suite) Check() []*ScriptError { return s.program.Check() }

// Files returns the paths of the suite and its modules.
func (s *Suite) Files() []string { return s.program.Files() }

// Close lets the VM go.
func (s *Suite) Close() { s.vm.close() }
