package luaapi

import (
	"bytes"
	"flag"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func TestReference(t *testing.T) {
	var out bytes.Buffer
	if err := WriteReference(&out); err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(out.String(), "\n") {
		if line != strings.TrimRight(line, " ") {
			t.Errorf("line %d ends in a blank: %q", i+1, line)
		}
		if !strings.HasPrefix(line, "```") && strings.Count(line, "`")%2 != 0 {
			t.Errorf("line %d has an odd number of backquotes: %q", i+1, line)
		}
	}
}

// TestEntries checks that every entry says all that it should, and that every function exists.
func TestEntries(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	names := map[string]bool{}
	for _, m := range Modules() {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
		if names[m.Name] {
			t.Errorf("there are two modules %s", m.Name)
		}
		names[m.Name] = true
		if _, hook := protocol.StageNamed(m.Name); hook && m.Name != "body" { // an object has no global of its name
			t.Errorf("module %s is named like a hook", m.Name)
		}
		for _, f := range m.Funcs {
			if f.Bind == nil && m.Name != "verdict" {
				t.Errorf("%s.%s has no function", m.Name, f.Name)
			}
			if len(f.Parameters()) > 0 && f.Params == "" {
				t.Errorf("%s.%s has parameters", m.Name, f.Name)
			}
		}
		switch m.Kind {
		case Globals:
			for _, f := range m.Funcs {
				if v.L.GetGlobal(f.Name) == lua.LNil {
					t.Errorf("there is no %s", f.Name)
				}
			}
		case Library, Require:
			for _, f := range m.Funcs {
				if v.library(m.Name).RawGetString(f.Name) == lua.LNil {
					t.Errorf("there is no %s.%s", m.Name, f.Name)
				}
			}
			if global := v.L.GetGlobal(m.Name) != lua.LNil; global != (m.Kind == Library) {
				t.Errorf("module %s as a global: %v", m.Name, global)
			}
		}
	}
	for s, h := range hookArguments {
		if h.args == "" || h.doc == "" || h.source == "" {
			t.Errorf("hook %s has no entry", protocol.Stage(s))
		}
	}
}

func TestCheck(t *testing.T) {
	good := Func{"f", "a: string, b: integer?", "string?", "eom mail", "Does `a` and `b`.", "Never.", "", nil}
	change := func(do func(*Func)) Func { f := good; do(&f); return f }
	for want, f := range map[string]Func{
		"":                          good,
		"has no text":               change(func(f *Func) { f.Doc = "" }),
		"returns \"a b\", which":    change(func(f *Func) { f.Result = "a b" }),
		"has parameters \"a\"":      change(func(f *Func) { f.Params = "a" }),
		"has a parameter a of \"\"": change(func(f *Func) { f.Params = "a:" }),
		"does not say in its text":  change(func(f *Func) { f.Doc = "Does `a`." }),
		"has a parameter b that":    change(func(f *Func) { f.Params = "a: string?, b: string" }),
		"works at a stage \"x\"":    change(func(f *Func) { f.Stages = "eom x" }),
		"has errors that are no":    change(func(f *Func) { f.Errors = "x" }),
	} {
		m := Module{"m", Object, "Text.", []Property{{"p", "string[]|table?", "Text.", ""}}, []Func{f}}
		if err := m.checkEntries(); want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), "m.f "+want)) {
			t.Errorf("%q: %v", want, err)
		}
	}
	examples := Module{Name: "m", Fields: []Property{{Name: "p"}}, Funcs: []Func{good}}
	for want, all := range map[string][]Example{
		"":                     {{"f", "f()"}, {"p", "m.p"}},
		"m.f has no example":   {{"p", "m.p"}},
		"m.f has two examples": {{"f", "f()"}, {"f", "f()"}},
		"luaapi/examples/m.lua has an example of g": {{"f", "f()"}, {"g", "g()"}},
	} {
		if err := examples.checkExamples(all); want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v", want, err)
		}
	}
	for _, m := range []Module{{}, {Name: "m"}, {Name: "m", Doc: "x", Fields: []Property{{"p", "", "x", ""}}}, {Name: "m", Doc: "x", Fields: []Property{{"p", "string", "", ""}}}} {
		if m.Check() == nil {
			t.Errorf("%+v passes", m)
		}
	}
}

func TestSignature(t *testing.T) {
	f := Func{Name: "f", Params: "a: string, b: integer?, c: string|table?"}
	if got := f.Signature("m:"); got != "m:f(a, [b], [c])" {
		t.Error(got)
	}
	if got := f.Parameters(); !slices.Equal(got, []Param{{"a", "string", false}, {"b", "integer", true}, {"c", "string|table", true}}) {
		t.Error(got)
	}
	if got := plainType("string|table?"); got != "string or table or nil" {
		t.Error(got)
	}
}

// failingWriter is full at once.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }

func TestReferenceWriteError(t *testing.T) {
	if WriteReference(failingWriter{}) == nil {
		t.Error("no error")
	}
}
