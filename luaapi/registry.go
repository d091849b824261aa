package luaapi

import (
	"fmt"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// Func is a Lua function or method with its documentation. The reference, the editor types and check are made from it, so
// literals are written without field names: one that leaves something out does not compile.
type Func struct {
	Name   string
	Params string // "name: string, n: integer?", a question mark for one that may be missing
	Result string // "boolean", "string?" for one that may be nil, "boolean, string?" for two, "" for none
	Stages string // hooks in which it works, separated by blanks; "" for everywhere
	Doc    string // what it does, every parameter named in backquotes; units
	Errors string // what raises an error besides arguments of the wrong type; "" for nothing
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
	Record              // a table or value with fields, which functions give or take
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
		connModule, verdictModule, messageModule, headersModule, fieldModule, bodyModule, partModule, negotiationModule,
		tlsModule, authModule, rejectedModule, offeredModule, mailboxModule, footerModule, noteModule, entryModule, limitsModule, requestModule, responseModule,
		rspamdresultModule, spamcresultModule, questionModule, calloutModule, noticeModule,
		lookupModule, mxModule, srvModule, listQueryModule, listingModule, linkModule, placeModule,
		textModule, requireModule, settingsModule, logModule, metricsModule, timeModule, addressModule, storeModule, cacheModule, cachedModule, dnsModule, parallelModule,
		reModule, regexModule, regexsetModule, jsonModule, hashModule, base64Module, hexModule, uuidModule, csvModule, tomlModule, urlModule, geoModule,
		mapModule, listModule, mapoptionsModule,
		ratelimitModule, limiterModule, greylistModule, greylisterModule, counterModule, tallyModule,
		timerModule, httpModule, clamavModule, rspamdModule, spamcModule, socketModule, smtpModule,
		baseModule, coroutineModule, tableModule, stringModule, mathModule, osModule, utf8Module, bit32Module,
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

// typeForm is how the entries write types: t, t?, t[], t|u, and iterator<t, u> for what a loop gives.
var typeForm = regexp.MustCompile(`^(\w+(\[\])?(\|\w+(\[\])?)*|iterator(<\w+(, \w+)*>)?)\??$`)

// Results takes a Func's Result apart: a type for each value.
func (f *Func) Results() []string {
	switch {
	case f.Result == "":
		return nil
	case strings.HasPrefix(f.Result, "iterator"):
		return []string{f.Result}
	}
	return strings.Split(f.Result, ", ")
}

// Check reports entries that are incomplete, cannot be read, or lack an example, for tests.
func (m *Module) Check() error {
	if err := m.checkEntries(); err != nil {
		return err
	}
	return m.checkExamples(Examples(m.Name))
}

func (m *Module) checkEntries() error {
	if m.Name == "" || m.Doc == "" {
		return fmt.Errorf("module %q has no name or no text", m.Name)
	}
	for _, p := range m.Fields {
		if p.Name == "" || !typeForm.MatchString(p.Type) || p.Doc == "" {
			return fmt.Errorf("%s.%s has no type or no text", m.Name, p.Name)
		}
	}
	for i := range m.Funcs {
		if err := m.Funcs[i].check(); err != nil {
			return fmt.Errorf("%s.%s %w", m.Name, m.Funcs[i].Name, err)
		}
	}
	return nil
}

func (f *Func) check() error {
	if f.Name == "" || f.Doc == "" {
		return fmt.Errorf("has no text")
	}
	for _, result := range f.Results() {
		if !typeForm.MatchString(result) {
			return fmt.Errorf("returns %q, which is no type", result)
		}
	}
	params := f.Parameters()
	if f.Params != "" && len(params) != strings.Count(f.Params, ",")+1 {
		return fmt.Errorf("has parameters %q; the form is \"name: type, name: type?\"", f.Params)
	}
	for i, p := range params {
		if !typeForm.MatchString(p.Type) {
			return fmt.Errorf("has a parameter %s of %q, which is no type", p.Name, p.Type)
		}
		if !strings.Contains(f.Doc, "`"+p.Name+"`") {
			return fmt.Errorf("does not say in its text what `%s` is", p.Name)
		}
		if i > 0 && params[i-1].Optional && !p.Optional {
			return fmt.Errorf("has a parameter %s that may not be missing behind one that may", p.Name)
		}
	}
	for s := range strings.FieldsSeq(f.Stages) {
		if _, ok := protocol.StageNamed(s); !ok {
			return fmt.Errorf("works at a stage %q that does not exist", s)
		}
	}
	if f.Errors != "" && !strings.HasSuffix(f.Errors, ".") {
		return fmt.Errorf("has errors that are no sentence: %q", f.Errors)
	}
	return nil
}
