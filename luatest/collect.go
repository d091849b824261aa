package luatest

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// group is what a describe has, or the file.
type group struct {
	name   string
	parent *group // nil for the file
	before []*lua.LFunction
	after  []*lua.LFunction
}

// test is what an it has.
type test struct {
	name    string // with those of its groups
	path    string
	line    int
	group   *group
	fn      *lua.LFunction // nil if it is pending
	pending string         // why
}

// fullName is a name with those of the groups around it.
func (g *group) fullName(name string) string {
	for ; g != nil; g = g.parent {
		if g.name != "" {
			name = g.name + " " + name
		}
	}
	return name
}

// describe is describe(name, fn).
func (f *file) describe(L *lua.LState) int {
	name, fn := f.named(L, "describe")
	if fn == nil {
		L.RaiseError("describe: fn is %s; a function with the tests was expected", kind(L.Get(2)))
	}
	outer := f.group
	f.group = &group{name: name, parent: outer}
	defer func() { f.group = outer }()
	L.Push(fn)
	L.Call(0, 0)
	return 0
}

// it is it(name, fn).
func (f *file) it(L *lua.LState) int {
	name, fn := f.named(L, "it")
	t := &test{name: f.group.fullName(name), group: f.group, fn: fn}
	if fn == nil {
		t.pending = "it has no function yet"
	}
	t.path, t.line = caller(L)
	f.tests = append(f.tests, t)
	return 0
}

// pending is pending(name, fn) at the file level, and pending(reason) in a test.
func (f *file) pending(L *lua.LState) int {
	if f.running {
		stop(L, &skipped{textArg(L, "pending", 1, "name")})
	}
	name, _ := f.named(L, "pending")
	t := &test{name: f.group.fullName(name), group: f.group, pending: "pending"}
	t.path, t.line = caller(L)
	f.tests = append(f.tests, t)
	return 0
}

// beforeEach is before_each(fn).
func (f *file) beforeEach(L *lua.LState) int {
	f.group.before = append(f.group.before, f.around(L, "before_each"))
	return 0
}

// afterEach is after_each(fn).
func (f *file) afterEach(L *lua.LState) int {
	f.group.after = append(f.group.after, f.around(L, "after_each"))
	return 0
}

func (f *file) around(L *lua.LState, function string) *lua.LFunction {
	f.collecting(L, function)
	fn, ok := L.Get(1).(*lua.LFunction)
	if !ok {
		L.RaiseError("%s: fn is %s; a function was expected", function, kind(L.Get(1)))
	}
	return fn
}

// named returns the arguments name and fn; fn is nil if there is none.
func (f *file) named(L *lua.LState, function string) (name string, fn *lua.LFunction) {
	f.collecting(L, function)
	name = strings.TrimSpace(textArg(L, function, 1, "name"))
	if name == "" {
		L.RaiseError("%s: name is empty", function)
	}
	fn, ok := L.Get(2).(*lua.LFunction)
	if !ok && L.Get(2) != lua.LNil {
		L.RaiseError("%s: fn is %s; a function was expected", function, kind(L.Get(2)))
	}
	return name, fn
}

// collecting refuses what belongs to the file level.
func (f *file) collecting(L *lua.LState, function string) {
	if f.running {
		L.RaiseError("%s works at the file level and in describe, not inside a test", function)
	}
}

// inTest refuses what belongs into a test.
func (f *file) inTest(L *lua.LState, function string) {
	if !f.running {
		L.RaiseError("%s works inside a test: in it, before_each or after_each", function)
	}
}

// befores are the functions that run before a test, the outermost group's first.
func (g *group) befores() []*lua.LFunction {
	if g == nil {
		return nil
	}
	return append(g.parent.befores(), g.before...)
}

// afters are the functions that run after a test, the innermost group's first.
func (g *group) afters() []*lua.LFunction {
	if g == nil {
		return nil
	}
	return append(append([]*lua.LFunction(nil), g.after...), g.parent.afters()...)
}
