package luatest

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/pattern"
)

// expectation is what expect returns: a value about which something is expected.
type expectation struct {
	value lua.LValue
}

// expect is expect(value).
func (f *file) expect(L *lua.LState) int {
	f.inTest(L, "expect")
	if L.GetTop() == 0 {
		L.RaiseError("expect: there is no value; write expect(value):is(...)")
	}
	L.Push(f.kinds.object(L, &expectation{L.Get(1)}, "expectation"))
	return 1
}

// about makes a method of an expectation. It returns the expectation, so that another can follow.
func (f *file) about(name string, check func(L *lua.LState, v lua.LValue)) lua.LGFunction {
	return func(L *lua.LState) int {
		e := receive[*expectation](L, "expectation", name)
		check(L, e.value)
		L.Push(L.Get(1))
		return 1
	}
}

// is is expect(v):is(other).
func (f *file) is(L *lua.LState, v lua.LValue) {
	want := L.Get(2)
	if same(L, v, want, maxDepth) {
		return
	}
	failure := Failure{Expected: show(want), Got: show(v)}
	a, text := want.(lua.LString)
	b, both := v.(lua.LString)
	if text && both && strings.ContainsRune(string(a)+string(b), '\n') {
		failure.Diff = differences(string(a), string(b))
	}
	f.fail(L, failure, "the value is another one")
}

// isNil is expect(v):is_nil().
func (f *file) isNil(L *lua.LState, v lua.LValue) {
	if v != lua.LNil {
		f.fail(L, Failure{Expected: "nil", Got: show(v)}, "there is a value")
	}
}

// matches is expect(v):matches(pattern).
func (f *file) matches(L *lua.LState, v lua.LValue) {
	p := textArg(L, "expect:matches", 2, "pattern")
	s, ok := textOf(v)
	if !ok {
		f.fail(L, Failure{Expected: "a text that matches " + quote(p), Got: show(v)}, "the value is no text")
	}
	var m pattern.Matcher
	found, err := m.Find(pattern.Compile(p), s, 0)
	if err != nil {
		L.RaiseError("expect:matches: %v", err)
	}
	if !found {
		f.fail(L, Failure{Expected: "a text that matches " + quote(p), Got: show(v)}, "the text does not match")
	}
}

// has is expect(v):has(...).
func (f *file) has(L *lua.LState, v lua.LValue) {
	for i := 2; i <= L.GetTop(); i++ {
		part := L.Get(i)
		switch whole := v.(type) {
		case lua.LString:
			if !strings.Contains(string(whole), textArg(L, "expect:has", i, "part")) {
				f.fail(L, Failure{Expected: "a text with " + show(part), Got: show(v)}, "the text lacks a part")
			}
		case *lua.LTable:
			if !contains(L, whole, part) {
				f.fail(L, Failure{Expected: "a table with " + show(part), Got: show(v)}, "the table lacks a value")
			}
		default:
			f.fail(L, Failure{Expected: "a text or a table with " + show(part), Got: show(v)}, "the value has no parts")
		}
	}
}

func contains(L *lua.LState, t *lua.LTable, value lua.LValue) bool {
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if same(L, v, value, maxDepth) {
			return true
		}
	}
	return false
}

// raises is expect(v):raises(text): a function raises an error, or a script under test did.
func (f *file) raises(L *lua.LState, v lua.LValue) {
	text := ""
	if L.Get(2) != lua.LNil {
		text = textArg(L, "expect:raises", 2, "text")
	}
	if s := sessionOf(v); s != nil {
		f.scriptRaises(L, s, text)
		return
	}
	if _, ok := v.(*lua.LFunction); !ok {
		L.RaiseError("expect:raises: the value is %s; a function, a session or a result was expected", kind(v))
	}
	L.Push(L.GetGlobal("pcall"))
	L.Push(v)
	L.Call(1, 2)
	ok, raised := L.ToBool(-2), L.Get(-1)
	L.Pop(2)
	got := show(raised)
	if s, isText := textOf(raised); isText {
		got = s
	}
	switch {
	case ok:
		f.fail(L, Failure{Expected: "an error" + with(text), Got: "none"}, "the function raises no error")
	case !strings.Contains(got, text):
		f.fail(L, Failure{Expected: "an error" + with(text), Got: got}, "the function raises another error")
	}
}

// scriptRaises looks for an error of a script, which the test then expects.
func (f *file) scriptRaises(L *lua.LState, s *session, text string) {
	var got []string
	for i, e := range s.errs {
		if strings.Contains(e.Error(), text) {
			s.errs = append(s.errs[:i:i], s.errs[i+1:]...)
			return
		}
		got = append(got, e.Error())
	}
	f.fail(L, Failure{Expected: "an error" + with(text), Got: orNothing(got)}, "no script raised that error")
}

func with(text string) string {
	if text == "" {
		return ""
	}
	return " with " + quote(text)
}

// orNothing joins what came, or says that nothing did.
func orNothing(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, "\n            ")
}

// sessionOf returns the session that a value belongs to, nil if it belongs to none.
func sessionOf(v lua.LValue) *session {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return nil
	}
	switch v := ud.Value.(type) {
	case *session:
		return v
	case *result:
		return v.session
	}
	return nil
}
