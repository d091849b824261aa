package luaapi

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Func is a Lua function or method with its documentation. The reference, the editor types and check are made from it, so
// literals are written without field names: one that leaves something out does not compile.
type Func struct {
	Name   string
	Params string // "name: string, n: integer?"; types as in Signature
	Result string // "boolean", "" for none
	Stages string // hooks in which it works; "" for all
	Doc    string // what it does, units and errors
	Source string // RFC section or mfapi.h name; "" for our own
	Bind   func(e *Env) lua.LGFunction
}

// Property is a readable field of an object, with its documentation.
type Property struct {
	Name   string
	Type   string
	Doc    string
	Source string
}

// Module is a table of functions, a set of globals, or the methods and fields of an object.
type Module struct {
	Name   string
	Kind   Kind
	Doc    string
	Fields []Property
	Funcs  []Func
}

// Kind says how scripts reach a module.
type Kind uint8

// The kinds of module.
const (
	Globals Kind = iota // each function is a global
	Library             // a table: require "name", and a global of that name
	Require             // a table: require "name" only
	Object              // a value that hooks are given
)

// Param is a parameter of a function.
type Param struct {
	Name     string
	Type     string
	Optional bool
}

// Parameters takes a Func's Params apart.
func (f *Func) Parameters() []Param {
	var out []Param
	for part := range strings.SplitSeq(f.Params, ",") {
		name, typ, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			continue
		}
		typ = strings.TrimSpace(typ)
		out = append(out, Param{name, strings.TrimSuffix(typ, "?"), strings.HasSuffix(typ, "?")})
	}
	return out
}

// Signature returns the function as a line of the reference.
func (f *Func) Signature(prefix string) string {
	var names []string
	for _, p := range f.Parameters() {
		if p.Optional {
			p.Name = "[" + p.Name + "]"
		}
		names = append(names, p.Name)
	}
	return prefix + f.Name + "(" + strings.Join(names, ", ") + ")"
}

// Modules returns everything that scripts can use beyond Lua itself, in the order of the reference.
func Modules() []Module {
	return []Module{
		connModule, messageModule, headersModule, bodyModule, negotiationModule,
		verdictModule, textModule, logModule, timeModule,
	}
}

// bindAll returns the functions of a module for one VM, by name.
func (m *Module) bindAll(e *Env) map[string]lua.LGFunction {
	out := make(map[string]lua.LGFunction, len(m.Funcs))
	for i := range m.Funcs {
		if f := &m.Funcs[i]; f.Bind != nil {
			out[f.Name] = f.Bind(e)
		}
	}
	return out
}

// methods returns the table of an object's methods for one VM.
func (m *Module) methods(e *Env) *lua.LTable {
	return e.L.SetFuncs(e.L.CreateTable(0, len(m.Funcs)), m.bindAll(e))
}

// Check reports entries without documentation, for tests.
func (m *Module) Check() error {
	if m.Name == "" || m.Doc == "" {
		return fmt.Errorf("module %q has no name or no text", m.Name)
	}
	for _, p := range m.Fields {
		if p.Name == "" || p.Type == "" || p.Doc == "" {
			return fmt.Errorf("%s.%s has no type or no text", m.Name, p.Name)
		}
	}
	for _, f := range m.Funcs {
		if f.Name == "" || f.Doc == "" {
			return fmt.Errorf("%s.%s has no text", m.Name, f.Name)
		}
	}
	return nil
}
