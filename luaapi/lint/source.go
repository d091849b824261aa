package lint

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Source is one script, read. It does not change and may be used by many
// goroutines at once.
type Source struct {
	path    string
	text    string
	stmts   []ast.Stmt
	model   *model
	flow    *flow
	fields  map[string][]int // lines of x.name and x:name()
	globals map[string][]int // lines that read a global
}

// Call is one method call x:method(...).
type Call struct {
	Line int
	Args int  // arguments after the receiver
	Open bool // there may be more: the last one is a call or "...", or the method is used in another way than x:method()
}

// Require is one require "name"; Name is "" where it is computed.
type Require struct {
	Name     string
	Line     int
	Optional bool // the script goes on without it: pcall(require, "name"), or inside a function given to pcall
}

// Pass is one place where conn, msg, headers or neg leaves the file: an
// argument of a function from elsewhere, or stored where others may find it.
type Pass struct {
	Line   int
	Module string // the module whose function gets it, "" if that cannot be told
}

func newSource(path, text string, stmts []ast.Stmt) *Source {
	m := resolve(stmts)
	s := &Source{path: path, text: text, stmts: stmts, model: m, flow: trace(m, stmts),
		fields: map[string][]int{}, globals: map[string][]int{}}
	for _, ix := range m.indexes {
		if name, ok := m.constant(ix.node.Key); ok {
			s.fields[name] = append(s.fields[name], keyLine(ix.node))
		}
		if name := m.throughG(ix.node); name != "" && !ix.write {
			s.globals[name] = append(s.globals[name], keyLine(ix.node))
		}
	}
	for _, c := range m.calls {
		if c.node.Func == nil {
			s.fields[c.node.Method] = append(s.fields[c.node.Method], c.node.Line())
		}
	}
	for name, v := range m.globals {
		for _, r := range v.reads {
			s.globals[name] = append(s.globals[name], r.node.Line())
		}
	}
	for _, lines := range []map[string][]int{s.fields, s.globals} {
		for name := range lines {
			lines[name] = sortedSet(lines[name])
		}
	}
	return s
}

// keyLine is the line of the key: that of the expression is where it begins.
func keyLine(e *ast.AttrGetExpr) int {
	if line := e.Key.Line(); line > 0 {
		return line
	}
	return e.Line()
}

func sortedSet(lines []int) []int {
	slices.Sort(lines)
	return slices.Compact(lines)
}

// Path returns the path given to Parse.
func (s *Source) Path() string { return s.path }

// Lines returns the lines where name is a field key, as in x.name and
// x["name"], read or written, or a method, as in x:name(); nil if it is none.
// A local that is only ever one string counts as that string.
func (s *Source) Lines(name string) []int { return slices.Clone(s.fields[name]) }

// GlobalLines returns the lines where the global of that name is read or
// called, as name or as _G.name; nil if it never is.
func (s *Source) GlobalLines(name string) []int { return slices.Clone(s.globals[name]) }

// SetAt returns the first line that assigns to the global of that name, 0 if none does.
func (s *Source) SetAt(name string) int {
	for _, a := range s.model.assigns {
		if v := s.model.globalTarget(a.target); v != nil && v.name == name {
			return a.line
		}
	}
	return 0
}

// Macros returns the macro names that the script reads from any x.macros, also
// through a local, each with its lines and without braces; and the lines where
// the name is computed, or where macros goes where it cannot be followed.
func (s *Source) Macros() (names map[string][]int, computed []int) {
	names = make(map[string][]int, len(s.flow.macros))
	for name, lines := range s.flow.macros {
		names[name] = sortedSet(slices.Clone(lines))
	}
	return names, slices.Clone(s.flow.anyMacro)
}

// TakesData reports a file that hooks may call with conn without its being passed to it (see Passed): it defines hooks itself, or returns
// nothing, as a script does.
func (s *Source) TakesData() bool {
	if !s.model.isModule() {
		return true
	}
	for _, fn := range s.model.functions {
		if len(fn.hooks) > 0 {
			return true
		}
	}
	g := s.model.globals["_G"]
	return g != nil && s.flow.bareG(g)
}

// Computed returns the lines where what may be conn, msg, headers or neg is
// indexed with a key known only at run time, other than a number; and those
// where load compiles code that nobody has read yet. In a module, a file that
// returns something, any parameter may be conn; where nobody passes conn to
// the module (see Passed), its answer does not matter.
func (s *Source) Computed() []int { return slices.Clone(s.flow.computed) }

// Passed returns the places where conn, msg, headers or neg is handed to a
// function that is not in this file, or kept where others may find it.
func (s *Source) Passed() []Pass { return slices.Clone(s.flow.passed) }

// Calls returns the calls x:method(...) in the order of their lines. Where the
// method is used in another way, as in x.method(x, ...) or f = x.method, there
// is an entry too, Open because the arguments are anyone's guess.
func (s *Source) Calls(method string) []Call {
	var calls []Call
	for _, c := range s.model.calls {
		if c.node.Func == nil && c.node.Method == method {
			calls = append(calls, Call{c.node.Line(), len(c.node.Args), openEnded(c.node.Args)})
		}
	}
	for _, ix := range s.model.indexes {
		if name, ok := s.model.constant(ix.node.Key); ok && name == method && !ix.write {
			calls = append(calls, Call{Line: keyLine(ix.node), Open: true})
		}
	}
	slices.SortStableFunc(calls, func(a, b Call) int { return a.Line - b.Line })
	return calls
}

// Requires returns the modules the script requires, in the order of their
// lines, pcall(require, "name") among them. Any other use of require as a
// value is an entry without a name.
func (s *Source) Requires() []Require {
	var requires []Require
	seen := map[*ast.IdentExpr]bool{}
	protected := s.protected()
	for _, c := range s.model.calls {
		id, arg := s.required(c.node)
		if id == nil {
			continue
		}
		seen[id] = true
		name, _ := s.model.constant(arg)
		optional := s.isGlobal(c.node.Func, "pcall") || insideAny(c.fn, protected)
		requires = append(requires, Require{name, c.node.Line(), optional})
	}
	if v := s.model.globals["require"]; v != nil {
		for _, r := range v.reads {
			if !seen[r.node] {
				requires = append(requires, Require{Line: r.node.Line()})
			}
		}
	}
	slices.SortStableFunc(requires, func(a, b Require) int { return a.Line - b.Line })
	return requires
}

// required picks the word require and its argument out of a call, nil if it is
// none.
func (s *Source) required(c *ast.FuncCallExpr) (*ast.IdentExpr, ast.Expr) {
	if c.Func == nil || len(c.Args) == 0 {
		return nil, nil
	}
	if s.isGlobal(c.Func, "require") {
		return c.Func.(*ast.IdentExpr), c.Args[0]
	}
	if len(c.Args) > 1 && s.isGlobal(c.Func, "pcall") && s.isGlobal(c.Args[0], "require") {
		return c.Args[0].(*ast.IdentExpr), c.Args[1]
	}
	return nil, nil
}

// protected returns the functions that are written as the first argument of pcall or xpcall.
func (s *Source) protected() map[*function]bool {
	set := map[*function]bool{}
	for _, c := range s.model.calls {
		if c.node.Func == nil || len(c.node.Args) == 0 || !s.isGlobal(c.node.Func, "pcall") && !s.isGlobal(c.node.Func, "xpcall") {
			continue
		}
		if given, ok := c.node.Args[0].(*ast.FunctionExpr); ok {
			set[s.model.byNode[given]] = true
		}
	}
	return set
}

func insideAny(fn *function, set map[*function]bool) bool {
	for ; fn != nil; fn = fn.parent {
		if set[fn] {
			return true
		}
	}
	return false
}

// isGlobal reports a plain identifier that is the global of that name.
func (s *Source) isGlobal(e ast.Expr, name string) bool {
	id, ok := e.(*ast.IdentExpr)
	if !ok || id.Value != name {
		return false
	}
	v := s.model.idents[id]
	return v != nil && v.owner == nil
}

func macroName(key string) string {
	return strings.TrimSuffix(strings.TrimPrefix(key, "{"), "}")
}
