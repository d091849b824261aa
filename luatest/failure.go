package luatest

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/engine"
)

// Failure is an expectation that was not met.
type Failure struct {
	Place    *engine.ScriptError // the line of the test, and what is wrong
	Expected string              // "" where the text says it
	Got      string
	Diff     string // unified, "" where there is nothing to compare
}

// Error returns one line.
func (f *Failure) Error() string { return f.Place.Error() }

// Detail returns the failure for a terminal: the line of Error, the line of the source, what was expected and what came instead.
func (f *Failure) Detail() string {
	var out strings.Builder
	out.WriteString(f.Place.Detail() + "\n")
	if f.Diff != "" {
		return out.String() + f.Diff
	}
	if f.Expected != "" {
		out.WriteString("  expected: " + f.Expected + "\n")
	}
	if f.Got != "" {
		out.WriteString("  got:      " + f.Got + "\n")
	}
	return out.String()
}

// skipped ends a test that is pending.
type skipped struct{ why string }

// Error returns why the test is pending.
func (s *skipped) Error() string { return s.why }

// stop ends the running test with an error of Go.
func stop(L *lua.LState, err error) { L.Error(&lua.LUserData{Value: err, Env: L.Env}, 0) }

// fail ends the running test: the line that called the running function is not met.
func (f *file) fail(L *lua.LState, failure Failure, text string) {
	path, line := caller(L)
	failure.Place = f.suite.ErrorAt(path, line, text)
	stop(L, &failure)
}

// caller returns the place that called the running Go function.
func caller(L *lua.LState) (path string, line int) {
	for level := 1; ; level++ {
		frame, ok := L.GetStack(level)
		if !ok {
			return "", 0
		}
		if _, err := L.GetInfo("Sl", frame, lua.LNil); err == nil && frame.CurrentLine > 0 {
			return frame.Source, frame.CurrentLine
		}
	}
}
