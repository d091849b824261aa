package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Explanation is what an error that was raised at a line is about.
type Explanation struct {
	Text   string // what is wrong, in the words of Lua's manual
	Hint   string // what to do about it, "" if that is plain
	Column int    // where on the line, 0 if that is not known
}

// explainer looks for what an error at a line is about.
type explainer struct {
	*checker
	line   int
	tokens []token // of the line
}

// explanations are the errors of Lua and gopher-lua of which the line tells more than the text does. The parts in parentheses are handed on.
var explanations = []struct {
	form    *regexp.Regexp
	explain func(*explainer, []string) Explanation
}{
	{regexp.MustCompile(`^attempt to index a non-table object\((\w+)\) with key '(.*)'$`), (*explainer).index},
	{regexp.MustCompile(`^attempt to index a (\w+) value()$`), (*explainer).index},
	{regexp.MustCompile(`^attempt to call a (?:(\w+) value|non-function object)$`), (*explainer).call},
	{regexp.MustCompile(`^cannot perform (add|sub|mul|div|mod|pow) operation between (\w+) and (\w+)$`), (*explainer).arithmetic},
	{regexp.MustCompile(`^attempt to perform arithmetic on a ()(\w+) value()$`), (*explainer).arithmetic},
	{regexp.MustCompile(`^__unm undefined$`), (*explainer).negate},
	{regexp.MustCompile(`^cannot perform concat operation between (\w+) and (\w+)$`), (*explainer).concat},
	{regexp.MustCompile(`^attempt to concatenate a (\w+) value()$`), (*explainer).concat},
	{regexp.MustCompile(`^attempt to compare (\w+) with (\w+)$`), (*explainer).compare},
	{regexp.MustCompile(`^(?:__len undefined|attempt to get length of a (\w+) value)$`), (*explainer).length},
	{regexp.MustCompile(`^assignment to the undeclared global "(\w+)"`), (*explainer).undeclaredGlobal},
	{regexp.MustCompile(`^bad argument #\d+ to '?(\w+)'?`), (*explainer).argument},
	{regexp.MustCompile(`^(?:\w+\.)*(\w+)[: ]`), (*explainer).function},
}

// Explain says what an error at a line of this source is about, as far as the source tells for certain. The text is what Lua said, without
// the place.
func (s *Source) Explain(line int, text string, api API) Explanation {
	x := &explainer{checker: newChecker(s, api), line: line, tokens: s.lineTokens(line)}
	for _, e := range explanations {
		if m := e.form.FindStringSubmatch(text); m != nil {
			out := e.explain(x, append(m[1:], text))
			if out.Text == "" {
				out.Text = text
			}
			if out.Column == 0 {
				out.Column = x.raised()
			}
			return out
		}
	}
	return Explanation{Text: text, Column: x.raised()}
}

// lineTokens returns the tokens that begin on a line.
func (s *Source) lineTokens(line int) []token {
	var tokens []token
	l := newLexer(s.text)
	for t := l.next(); t.kind != tokenEnd && !t.open && t.line <= line; t = l.next() {
		if t.line == line {
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// raised is the column of the one call of error or assert on the line, 0 if there is none or several.
func (x *explainer) raised() int {
	column := 0
	for _, t := range x.tokens {
		if t.kind == tokenName && (t.text == "error" || t.text == "assert") {
			if column > 0 {
				return 0
			}
			column = t.column
		}
	}
	return column
}

// column is where a name stands on the line: where it is a key, after the name before it if that is known, or else anywhere.
func (x *explainer) column(name, before string) int {
	if name == "" {
		return 0
	}
	any, key := 0, 0
	for i, t := range x.tokens {
		if t.text != name && !t.says(name) {
			continue
		}
		if any == 0 {
			any = t.column
		}
		if i == 0 || !strings.Contains(".:[", x.tokens[i-1].text) {
			continue
		}
		if i > 1 && before != "" && x.tokens[i-2].text == before {
			return t.column
		}
		if key == 0 {
			key = t.column
		}
	}
	if key > 0 {
		return key
	}
	return any
}

// used is where the value of that name is used: a field where it is a key, a variable where it stands last.
func (x *explainer) used(n named) int {
	if n.what == "field" || n.what == "method" {
		return x.column(n.name, "")
	}
	for i := len(x.tokens) - 1; i >= 0; i-- {
		if x.tokens[i].text == n.name {
			return x.tokens[i].column
		}
	}
	return 0
}

// called is where a name stands on the line that is called.
func (x *explainer) called(name string) int {
	for i, t := range x.tokens[:max(0, len(x.tokens)-1)] {
		next := x.tokens[i+1]
		if t.text == name && (next.text == "(" || next.text == "{" || next.kind == tokenText) {
			return t.column
		}
	}
	return x.column(name, "")
}

// index is for x.key where x is no table.
func (x *explainer) index(m []string) Explanation {
	kind, key := m[0], m[1]
	var objects []ast.Expr
	for _, ix := range x.indexes {
		if x.here(ix.node) && (key == "" || x.mayBe(ix.node.Key, key)) {
			objects = append(objects, ix.node.Object)
		}
	}
	for _, c := range x.calls {
		if c.node.Func == nil && x.here(c.node) && (key == "" || c.node.Method == key) {
			objects = append(objects, c.node.Receiver)
		}
	}
	n := x.sole(objects, kind)
	out := Explanation{Text: fmt.Sprintf("attempt to index a %s value%s", kind, n), Column: x.column(key, n.name)}
	switch {
	case n.name != "" && kind == "nil":
		out.Hint = x.hint(n)
	case n.name == "" && key != "":
		out.Text += fmt.Sprintf(" (with key '%s')", shorten(key))
	}
	if out.Column == 0 {
		out.Column = x.used(n)
	}
	return out
}

// mayBe reports whether a key may be that text.
func (x *explainer) mayBe(key ast.Expr, text string) bool {
	if number, ok := key.(*ast.NumberExpr); ok {
		return number.Value == text
	}
	name, known := x.constant(key)
	return !known || name == text
}

// call is for f() where f is no function.
func (x *explainer) call(m []string) Explanation {
	kind := m[0]
	var called []named
	for _, c := range x.calls {
		if !x.here(c.node) || x.surelyCallable(c.node) {
			continue
		}
		if c.node.Func == nil {
			called = append(called, named{"method", c.node.Method, c.node.Receiver})
		} else {
			called = append(called, x.describe(c.node.Func))
		}
	}
	n := only(called)
	if looped := x.loopedOver(); looped != nil {
		if n = x.describe(looped); len(called) > 0 {
			n = named{}
		}
		if kind == "" || kind == "table" {
			return Explanation{Text: callText(kind, n), Hint: "for ... in takes pairs(t) or ipairs(t)", Column: x.column("in", "")}
		}
	}
	out := Explanation{Column: x.called(n.name)}
	if n.name != "" && kind == "" && x.surelyNil(n) {
		kind = "nil"
	}
	if n.name != "" && (kind == "" || kind == "nil") {
		out.Hint = x.hint(n)
	}
	out.Text = callText(kind, n)
	return out
}

func callText(kind string, n named) string {
	if kind == "" {
		return fmt.Sprintf("attempt to call a value that is no function%s", n)
	}
	return fmt.Sprintf("attempt to call a %s value%s", kind, n)
}

// surelyCallable reports the call of something that is a function, whatever happens.
func (x *explainer) surelyCallable(c *ast.FuncCallExpr) bool {
	if c.Func == nil {
		return x.src.flow.kindOf(c.Receiver)&data != 0 && slices.Contains(x.methods(), c.Method) && !x.written[c.Method]
	}
	if x.src.flow.hostMethod(c.Func) {
		attr := c.Func.(*ast.AttrGetExpr)
		name, _ := x.constant(attr.Key)
		return slices.Contains(x.methods(), name)
	}
	if fns, known := x.functionsOf(c.Func); known && len(fns) > 0 {
		return true
	}
	lib, member, isMember := strings.Cut(x.src.flow.builtin(c.Func), ".")
	if isMember {
		return slices.Contains(x.api.Members[lib], member) && !x.written[member]
	}
	return x.known[lib]
}

// loopedOver is what a for loop on the line is given instead of an iterator.
func (x *explainer) loopedOver() ast.Expr {
	var found ast.Expr
	x.each(func(n ast.PositionHolder) {
		if loop, ok := n.(*ast.GenericForStmt); ok && loop.Line() == x.line {
			if _, isCall := loop.Exprs[0].(*ast.FuncCallExpr); !isCall {
				found = loop.Exprs[0]
			}
		}
	})
	return found
}

// here reports a node on the line.
func (x *explainer) here(n ast.PositionHolder) bool {
	attr, ok := n.(*ast.AttrGetExpr)
	return n.Line() == x.line || ok && keyLine(attr) == x.line
}

// each visits the whole file.
func (x *explainer) each(visit func(ast.PositionHolder)) {
	for _, s := range x.src.stmts {
		inspect(s, func(n ast.PositionHolder) bool {
			visit(n)
			return true
		})
	}
}
