package lint

import (
	"strings"
	"unicode"

	"github.com/yuin/gopher-lua/ast"
)

// comparisons finds comparisons that have the same result whatever happens.
func (c *checker) comparisons() {
	c.emptyTested = c.testedForEmpty()
	for _, p := range c.all.compares {
		e := p.node
		equality := e.Operator == "==" || e.Operator == "~="
		if equality && c.notFirst(e) {
			continue
		}
		if equality && (c.sided(p, e.Lhs, e.Rhs) || c.sided(p, e.Rhs, e.Lhs)) {
			continue
		}
		c.mismatch(e, equality)
	}
	for _, p := range c.all.negations {
		if c.emptyInstead(p.node.Expr, p.fn) {
			name := c.nameOr(p.node.Expr, "it")
			c.add(neverNil, p.node.Line(), c.mark(p.node.Expr, "not"), "write "+name+" == \"\"", "%s is a string, \"\" where there is none, and a string is never false", name)
		}
	}
	for _, p := range c.all.logical {
		c.alternative(p.node, p.fn)
	}
	for _, condition := range c.all.conditions {
		c.orLiteral(condition)
	}
}

// notFirst finds not a == b.
func (c *checker) notFirst(e *ast.RelationalOpExpr) bool {
	not, ok := e.Lhs.(*ast.UnaryNotOpExpr)
	if !ok {
		return false
	}
	switch e.Rhs.(type) {
	case *ast.StringExpr, *ast.NumberExpr, *ast.NilExpr:
	default:
		return false
	}
	other := "~="
	if e.Operator == "~=" {
		other = "=="
	}
	name := c.nameOr(not.Expr, "a")
	c.add(notPrecedence, e.Line(), "not", "write "+name+" "+other+" ...", "not %s %s ... compares true or false with the right side, for not comes first", name, e.Operator)
	return true
}

// sided makes the checks of a == b that look at each side in turn; it reports whether there was a finding.
func (c *checker) sided(p place[*ast.RelationalOpExpr], left, right ast.Expr) bool {
	line := p.node.Line()
	if isNilLiteral(right) {
		if !c.emptyInstead(left, p.fn) {
			return false
		}
		name := c.nameOr(left, "it")
		c.add(neverNil, line, c.mark(left, "nil"), "compare it with \"\"", "%s is never nil; it is \"\" where there is none", name)
		return true
	}
	text, ok := c.constant(right)
	if !ok || text == "" {
		return false
	}
	if c.isFieldName(left, p.fn) && text == strings.ToLower(text) && text != strings.ToUpper(text) {
		name := c.nameOr(left, "name")
		c.add(headerCase, line, c.mark(right, ""), "write "+name+":lower() == "+quoted(text), "%s has the case that the sender wrote, mostly like %s", name, headerForm(text))
		return true
	}
	switch method := c.caseMade(left); {
	case method == "lower" && text != strings.ToLower(text) && isASCII(text):
		c.add(neverEqual, line, c.mark(right, ""), "write "+quoted(strings.ToLower(text)), "what lower makes has no capital letters, so it never equals %s", quoted(text))
		return true
	case method == "upper" && text != strings.ToUpper(text) && isASCII(text):
		c.add(neverEqual, line, c.mark(right, ""), "write "+quoted(strings.ToUpper(text)), "what upper makes has no small letters, so it never equals %s", quoted(text))
		return true
	}
	return false
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

func quoted(s string) string { return `"` + shorten(s) + `"` }

func isNilLiteral(e ast.Expr) bool {
	_, ok := e.(*ast.NilExpr)
	return ok
}

// headerForm writes a header name as most mail programs do.
func headerForm(name string) string {
	parts := strings.Split(name, "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// isFieldName reports the name of a header field: the parameter of header, or the name of a field.
func (c *checker) isFieldName(e ast.Expr, fn *function) bool {
	switch e := e.(type) {
	case *ast.IdentExpr:
		v := c.idents[e]
		return fn.isHook("header") && len(fn.hooks) == 1 && len(fn.params) > 1 && v == fn.params[1] && len(v.defs) == 0
	case *ast.AttrGetExpr:
		name, _ := c.constant(e.Key)
		return name == "name" && bare(c.types.of(e.Object)) == "field"
	}
	return false
}

// caseMade returns "lower" or "upper" for what these have made, "" for all else.
func (c *checker) caseMade(e ast.Expr) string {
	if id, ok := e.(*ast.IdentExpr); ok {
		v := c.idents[id]
		if v == nil || v.owner == nil || v.opaque || len(v.defs) != 1 || v.defs[0].spread {
			return ""
		}
		e = v.defs[0].expr
	}
	call, ok := e.(*ast.FuncCallExpr)
	if !ok {
		return ""
	}
	if call.Func != nil {
		return strings.TrimPrefix(c.spelling(call.Func), "string.")
	}
	if c.isWritten(call.Method) || len(call.Args) > 0 {
		return ""
	}
	return call.Method
}

// emptyInstead reports a value that is "" where there is none, and that the function does not compare with "" too.
func (c *checker) emptyInstead(e ast.Expr, fn *function) bool {
	switch e := e.(type) {
	case *ast.IdentExpr:
		v := c.idents[e]
		if !fn.isHook("mail") || len(fn.params) < 2 || v != fn.params[1] || c.types.vars[v] != "string" {
			return false
		}
		return !c.emptyTested[tested{fn, v.name}]
	case *ast.AttrGetExpr:
		name, _ := c.constant(e.Key)
		object := bare(c.types.of(e.Object))
		if name == "" || c.emptyTested[tested{fn, name}] {
			return false
		}
		if object == "conn" && name == "sender" && !c.isKey(name) {
			return len(fn.hooks) == 1 && ofMessage[fn.hooks[0]]
		}
		return mayBeEmpty[object+"."+name]
	}
	return false
}

// ofMessage are the hooks in which there is a message.
var ofMessage = map[string]bool{"mail": true, "rcpt": true, "data": true, "header": true, "eoh": true, "body": true, "eom": true}

// mayBeEmpty are the fields that are "" where there is nothing to tell.
var mayBeEmpty = map[string]bool{
	"msg.sender": true, "part.charset": true, "part.disposition": true, "part.extension": true, "part.content_id": true, "part.visible_name": true,
	"tls.subject": true, "tls.issuer": true, "auth.user": true, "auth.author": true,
}

// tested is a name that a function compares with "".
type tested struct {
	fn   *function
	name string
}

func (c *checker) testedForEmpty() map[tested]bool {
	set := map[tested]bool{}
	for _, p := range c.all.compares {
		for _, sides := range [][2]ast.Expr{{p.node.Lhs, p.node.Rhs}, {p.node.Rhs, p.node.Lhs}} {
			if text, ok := sides[1].(*ast.StringExpr); ok && text.Value == "" {
				set[tested{p.fn, c.keyOr(sides[0], "")}] = true
			}
		}
	}
	return set
}

// alternative finds sender or "<>": the right side is never taken.
func (c *checker) alternative(e *ast.LogicalOpExpr, fn *function) {
	text, ok := e.Rhs.(*ast.StringExpr)
	if e.Operator != "or" || !ok || text.Value == "" || !c.emptyInstead(e.Lhs, fn) {
		return
	}
	name := c.nameOr(e.Lhs, "it")
	c.add(neverNil, e.Line(), c.mark(e.Lhs, "or"), "write "+name+" ~= \"\" and "+name+" or "+quoted(text.Value),
		"%s is a string, \"\" where there is none, so what stands after or is never taken", name)
}

// orLiteral finds if a == "b" or "c" then.
func (c *checker) orLiteral(e ast.Expr) {
	or, ok := e.(*ast.LogicalOpExpr)
	if !ok || or.Operator != "or" {
		return
	}
	text, ok := or.Rhs.(*ast.StringExpr)
	left := or.Lhs
	for {
		inner, more := left.(*ast.LogicalOpExpr)
		if !more || inner.Operator != "or" {
			break
		}
		left = inner.Lhs
	}
	compare, isCompare := left.(*ast.RelationalOpExpr)
	if !ok || !isCompare {
		return
	}
	name := c.nameOr(compare.Lhs, "a")
	c.add(orPrecedence, or.Line(), c.mark(text, "or"), "write "+name+" == ... or "+name+" == "+quoted(text.Value), "%s alone is true, so the condition always is", quoted(text.Value))
}

// mismatch finds comparisons of values of different types.
func (c *checker) mismatch(e *ast.RelationalOpExpr, equality bool) {
	left, right := family(c.types.of(e.Lhs)), family(c.types.of(e.Rhs))
	if left == "" || right == "" || left == right || left == "nil" || right == "nil" {
		return
	}
	if left == "params value" || right == "params value" { // a string, or true
		if equality && left != "number" && right != "number" {
			return
		}
	}
	if !equality && left != "number" && right != "number" && (left == "body" || right == "body") {
		return
	}
	word := c.mark(e.Rhs, c.mark(e.Lhs, e.Operator))
	hint := comparisonHint(left, right, c.nameOr(e.Lhs, "it"))
	if equality {
		never := map[string]string{"==": "never equals", "~=": "always differs from"}[e.Operator]
		c.add(wrongComparison, e.Line(), word, hint, "%s %s %s", described(left), never, described(right))
		return
	}
	c.addAs(Error, wrongComparison, e.Line(), word, hint, "%s cannot be compared with %s", described(left), described(right))
}

// family is what a type has in common with those it can be compared to.
func family(typ string) string {
	switch typ = bare(typ); {
	case typ == "integer":
		return "number"
	case typ == "param":
		return "params value"
	case strings.HasSuffix(typ, "[]"):
		return "table"
	case typ == "conn", typ == "params", typ == "verdict", typ == "raw", typ == "thread", typ == "iterator":
		return ""
	}
	return typ
}

func described(family string) string {
	switch family {
	case "params value":
		return "the value of a parameter, which is a string or true,"
	case "body":
		return "the body, which is an object,"
	case "tls", "auth", "rejected", "offered":
		return "a record"
	}
	return article(family)
}

func comparisonHint(left, right, name string) string {
	switch {
	case left == "body" || right == "body":
		return "write tostring(...) around the body"
	case left == "number" && right == "string":
		return "write the number without quotes"
	case right == "number":
		return "write tonumber(" + name + ")"
	case right == "boolean":
		return "write if " + name + " then, or if not " + name + " then"
	case left == "tls" || left == "auth" || left == "rejected":
		return "compare a field of it, such as " + name + "." + map[string]string{"tls": "version", "auth": "user", "rejected": "status"}[left]
	}
	return "compare values of the same type"
}
