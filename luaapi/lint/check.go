package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Severity tells what will not work from what may not be meant.
type Severity int

// The severities, the lesser first.
const (
	Warning Severity = iota
	Error
)

// String returns "warning" or "error".
func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// Finding is one thing that looks wrong. Line and Column count from 1, Column
// is 0 where unknown.
type Finding struct {
	Rule     string // the name of one of Rules
	Line     int
	Column   int
	Severity Severity
	Text     string // what is wrong
	Hint     string // what to do about it, "" if that is plain
}

// String returns "line: severity: text; hint [rule]".
func (f Finding) String() string {
	s := fmt.Sprintf("%d: %s: %s", f.Line, f.Severity, f.Text)
	if f.Hint != "" {
		s += "; " + f.Hint
	}
	return s + " [" + f.Rule + "]"
}

// checker collects the findings of one Check.
type checker struct {
	*model
	src   *Source
	api   API
	reach *reach
	known map[string]bool // api.Globals
	types *types
	all   *survey

	emptyTested map[tested]bool   // what comparisons has found
	nearKeys    map[string]string // what nearestKey has found

	keys  []string // that conn may have
	gives given
	found []Finding
	marks []string // per finding, the word its column is that of
}

// Check looks for mistakes and returns them by line, of very many not all.
func (s *Source) Check(api API) []Finding {
	c := newChecker(s, api)
	c.reach = newReach(s.model)
	c.timers()
	c.gives = s.given()
	c.types = c.newTypes()
	c.all = newSurvey(s)
	c.hookNames()
	c.hookValues()
	c.hookLocals()
	c.hookTwice()
	c.hookParams()
	c.actions()
	c.undeclared()
	c.members()
	c.requires()
	c.unconfigured()
	c.fileState()
	c.resettingCounters()
	c.verdicts()
	c.parameterOrder()
	c.early()
	c.fields()
	c.dotsAndColons()
	c.arguments()
	c.zeroIndexes()
	c.statements()
	c.replies()
	c.returned()
	c.unreachable()
	c.comparisons()
	c.patterns()
	c.loops()
	c.collected()
	c.locate()
	c.ignored()
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return c.found
}

func newChecker(s *Source, api API) *checker {
	c := &checker{model: s.model, src: s, api: api, known: setOf(api.Globals)}
	for _, h := range api.Hooks {
		c.known[h] = true
	}
	return c
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}

// maxFindings ends a list that nobody reads to its end.
const maxFindings = 500

func (c *checker) full() bool { return len(c.found) >= maxFindings }

// add reports a finding about a word on a line.
func (c *checker) add(r rule, line int, word, hint, format string, args ...any) {
	c.addAs(rules[r].Severity, r, line, word, hint, format, args...)
}

// addAs is add with another severity than the rule's.
func (c *checker) addAs(sev Severity, r rule, line int, word, hint, format string, args ...any) {
	if c.full() {
		return
	}
	c.found = append(c.found, Finding{Rule: rules[r].Name, Line: max(line, 1), Severity: sev, Text: fmt.Sprintf(format, args...), Hint: hint})
	c.marks = append(c.marks, word)
}

// firstWord marks a line's first token.
const firstWord = "\n"

// locate fills in the columns, which the syntax tree does not keep, from the
// first token on the line that is the word.
func (c *checker) locate() {
	wanted := map[int][]int{} // line to findings
	for i, f := range c.found {
		if c.marks[i] != "" {
			wanted[f.Line] = append(wanted[f.Line], i)
		}
	}
	if len(wanted) == 0 {
		return
	}
	l := newLexer(c.src.text)
	for t := l.next(); t.kind != tokenEnd && !t.open; t = l.next() {
		for _, i := range wanted[t.line] {
			mark := c.marks[i]
			text, isText := strings.CutPrefix(mark, `"`)
			if c.found[i].Column == 0 && (t.text == mark || mark == firstWord && t.first || isText && t.says(strings.TrimSuffix(text, `"`))) {
				c.found[i].Column = t.column
			}
		}
	}
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + shorten(name) + "?"
}

// oneOf writes the hooks of a function for a sentence.
func oneOf(hooks []string) string { return strings.Join(hooks, " or ") }

// hookFunctions returns the hook functions of the script.
func (c *checker) hookFunctions() []*function {
	var fns []*function
	for _, fn := range c.functions {
		if len(fn.hooks) > 0 {
			fns = append(fns, fn)
		}
	}
	return fns
}

// usedOutside reports whether a variable is read anywhere but in its own
// functions.
func (c *checker) usedOutside(v *variable) bool {
	own, _ := c.functionsIn(v)
	for _, r := range v.reads {
		if !slices.ContainsFunc(own, func(fn *function) bool { return within(r.fn, fn) }) {
			return true
		}
	}
	return false
}

// within reports whether fn is outer, or inside it.
func within(fn, outer *function) bool {
	for ; fn != nil; fn = fn.parent {
		if fn == outer {
			return true
		}
	}
	return false
}

// body visits everything that belongs to a function itself, not to functions
// inside it.
func body(fn *function, visit func(ast.PositionHolder)) {
	for _, s := range fn.node.Stmts {
		inspect(s, func(n ast.PositionHolder) bool {
			if _, nested := n.(*ast.FunctionExpr); nested {
				return false
			}
			visit(n)
			return true
		})
	}
}
