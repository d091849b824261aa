package engine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
)

// errTold is raised by a function that only the suite has.
var errTold = errors.New("told")

// collect opens a suite whose file calls collect with functions, which it returns.
func collect(t *testing.T, text string) (*Suite, []*lua.LFunction, error) {
	t.Helper()
	var all []*lua.LFunction
	entry := func(name string, fn lua.LGFunction) luaapi.Func {
		return luaapi.Func{Name: name, Bind: func(*luaapi.Env) lua.LGFunction { return fn }}
	}
	more := []luaapi.Module{{Name: "suite", Kind: luaapi.Globals, Funcs: []luaapi.Func{
		entry("collect", func(L *lua.LState) int { all = append(all, L.CheckFunction(1)); return 0 }),
		entry("tell", func(L *lua.LState) int { L.Error(&lua.LUserData{Value: errTold}, 0); return 0 }),
	}}}
	s, err := OpenSuite(writeScript(t, "suite", text), luaapi.NewClock(time.Unix(60, 0)), more)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, all, err
}

func TestSuite(t *testing.T) {
	s, all, err := collect(t, `
collect(function() assert(os.time() == 60) end)
collect(function() tell() end)
collect(function()
  local x
  return x.y
end)
collect(function() undeclared = 1 end)
collect(function() print("x") end)`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "told", ":6: attempt to index a nil value", `:8: assignment to the undeclared global "undeclared"`, ":9: print works only inside a hook"} {
		err := s.Call(all[i])
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("function %d: %v, want %q", i+1, err, want)
		}
		var script *ScriptError
		if _, line, _ := strings.Cut(want, ":"); line != "" && !(errors.As(err, &script) && script.Excerpt() != "") {
			t.Errorf("function %d: the line is not shown: %v", i+1, err)
		}
	}
	if err := s.Call(all[1]); !errors.Is(err, errTold) {
		t.Errorf("an error of Go comes out as %v", err)
	}
	if e := s.ErrorAt(s.Files()[0], 2, "wrong"); !strings.Contains(e.Detail(), "suite.lua:2: wrong\n    2 | collect(function() assert") {
		t.Errorf("%s", e.Detail())
	}
}

func TestSuitesThatCannotBeOpened(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a syntax error", "if", ":1: 'if' opened at line 1 is never closed"},
		{"a function that was meant", "colect(1)", "did you mean collect?"},
		{"an endless loop", "local s = ('x'):rep(2^20) while true do s:find('y', 1, true) end", "stopped after 100,000,000 instructions"}, // long texts take many at once
		{"a module that is not there", "require 'x'", `module "x" is not there`},
	} {
		if _, _, err := collect(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := OpenSuite(filepath.Join(t.TempDir(), "none"), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// A program that lends its VMs in turn, with an engine that takes them back after each event, has no two events in one VM.
func TestRotate(t *testing.T) {
	path := writeScript(t, "first", `
local hooks = ""
local function note(conn) hooks = hooks .. conn.stage .. " " log.info(hooks) end
function mail(conn) note(conn) return continue end
function rcpt(conn) note(conn) return continue end
function eom(conn) note(conn) end`)
	p, err := Load([]string{path}, Options{Limits: DefaultLimits, Rotate: true})
	if err != nil {
		t.Fatal(err)
	}
	s := defaults()
	s.park = 0
	r := serving(t, s, p)
	r.mta().dialog("mail a -> continue\nrcpt b -> continue\nrcpt c -> continue\neom -> continue\nquit")
	r.ended()
	if got, want := r.said(), []string{"mail ", "rcpt ", "mail rcpt ", "rcpt eom "}; !slices.Equal(got, want) {
		t.Errorf("hooks of the VM: %q, want %q", got, want)
	}
}

// The clock of a program is what scripts see, and sleep moves it.
func TestProgramWithAClock(t *testing.T) {
	path := writeScript(t, "first", `
local time = require "time"
local loaded = time.now()
function mail() time.sleep(3600) log.info(loaded .. " " .. time.now() .. " " .. os.time()) return continue end`)
	p, err := Load([]string{path}, Options{Limits: DefaultLimits, Clock: luaapi.NewClock(time.Unix(100, 0))})
	if err != nil {
		t.Fatal(err)
	}
	r := serving(t, defaults(), p)
	r.mta().dialog("mail a -> continue\nquit")
	r.ended()
	equal(t, "times", r.said(), []string{"100 3700 3700"})
}

// Coverage counts the lines of scripts and modules over all programs that are loaded with it.
func TestCoverage(t *testing.T) {
	path := writeScript(t, "first", "local m = require 'm'\nfunction mail(conn, sender)\n  if sender == 'b' then\n    return m.no()\n  end\n  return m.yes()\nend\n")
	module := filepath.Join(filepath.Dir(path), "m.lua")
	replace(t, module, "local M = {}\nfunction M.no()\n  return reject\nend\nfunction M.yes()\n  return accept\nend\nreturn M\n")
	c := NewCoverage()
	for _, dialog := range []string{"mail a -> accept\nquit", "mail c -> accept\nquit"} {
		p, err := Load([]string{path}, Options{Limits: DefaultLimits, Coverage: c})
		if err != nil {
			t.Fatal(err)
		}
		r := serving(t, defaults(), p)
		r.mta().dialog(dialog)
		r.ended()
	}
	if got := c.Files(); !slices.Equal(got, []string{path, module}) {
		t.Errorf("files %v", got)
	}
	if got, want := c.Lines(path), []LineCount{{1, 2}, {2, 2}, {3, 2}, {4, 0}, {6, 2}}; !slices.Equal(got, want) {
		t.Errorf("script: %v, want %v", got, want)
	}
	if got, want := c.Lines(module), []LineCount{{1, 2}, {2, 2}, {3, 0}, {5, 2}, {6, 2}, {8, 2}}; !slices.Equal(got, want) {
		t.Errorf("module: %v, want %v", got, want)
	}
}
