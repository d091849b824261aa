package lint

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

var operators = map[string]string{"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "pow": "^"}

// arithmetic is for a + b where one is no number. gopher-lua tells which operator it was and what both are.
func (x *explainer) arithmetic(m []string) Explanation {
	operator, kind, right := operators[m[0]], m[1], m[2]
	side := 0 // unknown
	if right != "" {
		side = -1
		if kind == "number" || kind == "string" && right != "number" && right != "string" {
			kind, side = right, +1
		}
	}
	var operands []ast.Expr
	x.each(func(n ast.PositionHolder) {
		e, ok := n.(*ast.ArithmeticOpExpr)
		if !ok || e.Line() != x.line || operator != "" && e.Operator != operator {
			return
		}
		if side <= 0 {
			operands = append(operands, e.Lhs)
		}
		if side >= 0 {
			operands = append(operands, e.Rhs)
		}
	})
	return x.operand("attempt to perform arithmetic on a %s value", kind, operands)
}

// negate is for -a where a is no number.
func (x *explainer) negate([]string) Explanation {
	var operands []ast.Expr
	x.each(func(n ast.PositionHolder) {
		if e, ok := n.(*ast.UnaryMinusOpExpr); ok && e.Line() == x.line {
			operands = append(operands, e.Expr)
		}
	})
	n := x.sole(operands, "")
	return Explanation{Text: fmt.Sprintf("attempt to perform arithmetic on a value that is no number%s", n), Column: x.used(n)}
}

// concat is for a .. b where one is neither a string nor a number.
func (x *explainer) concat(m []string) Explanation {
	kind := m[0]
	if right := m[1]; (kind == "string" || kind == "number") && right != "" {
		kind = right
	}
	var operands []ast.Expr
	x.each(func(n ast.PositionHolder) {
		if e, ok := n.(*ast.StringConcatOpExpr); ok && e.Line() == x.line {
			operands = append(operands, e.Lhs, e.Rhs)
		}
	})
	return x.operand("attempt to concatenate a %s value", kind, operands)
}

// compare is for a < b of kinds that have no order. Lua does not name them; here the one that may be nil is named.
func (x *explainer) compare(m []string) Explanation {
	text := fmt.Sprintf("attempt to compare %s with %s", m[0], m[1])
	if m[0] == m[1] {
		return Explanation{Text: fmt.Sprintf("attempt to compare two %s values", m[0])}
	}
	if m[0] != "nil" && m[1] != "nil" {
		return Explanation{Text: text}
	}
	var operands []ast.Expr
	x.each(func(n ast.PositionHolder) {
		if e, ok := n.(*ast.RelationalOpExpr); ok && e.Line() == x.line && e.Operator != "==" && e.Operator != "~=" {
			operands = append(operands, e.Lhs, e.Rhs)
		}
	})
	out := x.operand("%s", "nil", operands)
	n := x.sole(operands, "nil")
	out.Text = text + n.String()
	return out
}

// length is for #a where a has none.
func (x *explainer) length(m []string) Explanation {
	var operands []ast.Expr
	x.each(func(n ast.PositionHolder) {
		if e, ok := n.(*ast.UnaryLenOpExpr); ok && e.Line() == x.line {
			operands = append(operands, e.Expr)
		}
	})
	if m[0] != "" {
		return x.operand("attempt to get length of a %s value", m[0], operands)
	}
	n := x.sole(operands, "")
	return Explanation{Text: fmt.Sprintf("attempt to get the length of a value that has none%s", n), Column: x.used(n)}
}

// operand names the operand that is of the kind, if there is but one that may be.
func (x *explainer) operand(text, kind string, operands []ast.Expr) Explanation {
	n := x.sole(operands, kind)
	out := Explanation{Text: fmt.Sprintf(text, kind) + n.String(), Column: x.used(n)}
	if kind == "nil" && n.name != "" {
		out.Hint = x.hint(n)
	}
	return out
}

// undeclaredGlobal is for an assignment that forgot local.
func (x *explainer) undeclaredGlobal(m []string) Explanation {
	return Explanation{Column: x.column(m[0], "")}
}

// argument is for a function of Lua that got something else. A method that is called with a dot gets its object's place in the row.
func (x *explainer) argument(m []string) Explanation {
	out := Explanation{Column: x.called(m[0])}
	for _, c := range x.calls {
		if !x.here(c.node) {
			continue
		}
		if lib := x.globalName(c.node.Receiver); c.node.Method == m[0] && x.api.Members[lib] != nil {
			out.Hint = fmt.Sprintf("write %s.%s(...), with a dot", lib, m[0])
		}
		attr, ok := c.node.Func.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		object, isName := attr.Object.(*ast.IdentExpr)
		if name, _ := x.constant(attr.Key); isName && name == m[0] && x.api.Members[x.globalName(attr.Object)] == nil && x.module(attr.Object) == "" {
			out.Hint = fmt.Sprintf("write %s:%s(...), with a colon", object.Value, name)
		}
	}
	return out
}

// function is for an error that begins with the name of a function of the API, or of a hook.
func (x *explainer) function(m []string) Explanation {
	if column := x.raised(); column > 0 { // the script's own words
		return Explanation{Column: column}
	}
	return Explanation{Column: x.called(m[0])}
}
