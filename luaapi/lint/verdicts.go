package lint

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// silent are the hooks whose result nobody waits for.
var silent = []string{"negotiate", "abort", "close"}

// verdicts finds results that are no verdict, and verdicts where they do not
// fit.
func (c *checker) verdicts() {
	for _, r := range c.results {
		if len(r.fn.hooks) == 0 || slices.ContainsFunc(silent, r.fn.isHook) || len(r.stmt.Exprs) == 0 {
			continue
		}
		if what := literal(r.stmt.Exprs[0]); what != "" {
			hint := "a hook returns a verdict, such as reject(\"go away\"), or nothing"
			if text, ok := r.stmt.Exprs[0].(*ast.StringExpr); ok && slices.Contains(verdictNames, strings.ToLower(text.Value)) {
				hint = "write return " + strings.ToLower(text.Value) + ", without quotes"
			}
			c.add(notVerdict, r.stmt.Line(), "return", hint,
				"%s returns %s, which is not a verdict", oneOf(r.fn.hooks), what)
		}
	}
	for _, fn := range c.hookFunctions() {
		if !fn.isHook("body") {
			c.misplaced(fn, misplacedSkip, "skip", "skip works only in body, not in "+oneOf(fn.hooks), "accept ends a script's work on the message")
		}
		if !slices.ContainsFunc(fn.hooks, afterHelo) {
			c.misplaced(fn, misplacedDiscard, "discard", "MTAs ignore discard in "+oneOf(fn.hooks), "there is no message yet; reject, or discard from mail on")
		}
		if fn.isHook("unknown") && len(fn.hooks) == 1 {
			c.misplaced(fn, misplacedDiscard, "discard", "discard does not work in unknown", "an unknown command is no message; reject it")
		}
	}
}

func afterHelo(hook string) bool { return hook != "connect" && hook != "helo" }

// misplaced reports a verdict that a hook uses, other than to compare with it.
func (c *checker) misplaced(fn *function, r rule, verdict, text, hint string) {
	compared := map[ast.Expr]bool{}
	seen := map[int]bool{}
	body(fn, func(n ast.PositionHolder) {
		if rel, ok := n.(*ast.RelationalOpExpr); ok {
			compared[rel.Lhs], compared[rel.Rhs] = true, true
		}
		id, ok := n.(*ast.IdentExpr)
		if !ok || compared[id] || !c.src.isGlobal(id, verdict) || c.isSet(verdict) || seen[id.Line()] {
			return
		}
		seen[id.Line()] = true
		c.add(r, id.Line(), verdict, hint, "%s", text)
	})
}
