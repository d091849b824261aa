package lint

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// fieldArguments looks at the names of header fields that are written out, and at which of them is meant.
func (c *checker) fieldArguments(e *ast.FuncCallExpr, f Function) {
	if e.Func != nil {
		return
	}
	object := bare(c.types.of(e.Receiver))
	if object != "msg" && object != "headers" && object != "part" {
		return
	}
	for i, p := range f.Params {
		if i >= len(e.Args) {
			return
		}
		if p.Name == "name" || p.Name == "what" {
			c.fieldName(e.Args[i], e)
		}
		if number, ok := e.Args[i].(*ast.NumberExpr); ok && p.Name == "n" && number.Value == "0" {
			c.add(indexZero, e.Line(), "0", "1 is the first, -1 the last", "%s: there is no field 0", c.calledAs(e))
		}
	}
}

// fieldName is for the name of a field, RFC 5322 section 2.2.
func (c *checker) fieldName(e ast.Expr, call *ast.FuncCallExpr) {
	text, ok := e.(*ast.StringExpr)
	if !ok {
		return
	}
	name := text.Value
	right := strings.TrimRight(name, ": \t")
	odd := strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }) >= 0
	switch {
	case name == "":
		c.add(headerName, call.Line(), call.Method, "write the name of a field, such as \"Subject\"", "the name of a header field is empty")
	case odd && right != name && right != "":
		c.add(headerName, call.Line(), `"`+name+`"`, "write "+strconv.Quote(right), "the name of a header field is written without colon and blank")
	case odd:
		c.add(headerName, call.Line(), `"`+name+`"`, "names are printable ASCII without blank and colon", "%s is no name of a header field", strconv.Quote(shorten(name)))
	}
}

// zeroIndexes finds indexes from 0, which is where arrays of other languages begin.
func (c *checker) zeroIndexes() {
	for _, ix := range c.indexes {
		number, ok := ix.node.Key.(*ast.NumberExpr)
		if !ok || number.Value != "0" || ix.write {
			continue
		}
		typ := bare(c.types.of(ix.node.Object))
		if typ == "headers" || typ == "params" || strings.HasSuffix(typ, "[]") {
			c.add(indexZero, keyLine(ix.node), "0", "write [1]", "%s[0] is always nil: the first is number 1", c.nameOr(ix.node.Object, typ))
		}
	}
}

// format compares the layout of string.format, or of layout:format, with what it is given.
func (c *checker) format(e *ast.FuncCallExpr) {
	args := e.Args
	switch {
	case e.Func == nil && e.Method == "format":
		args = append([]ast.Expr{e.Receiver}, args...)
	case e.Func == nil || c.spelling(e.Func) != "string.format":
		return
	}
	layout, known := c.constant(args[0])
	if !known || openEnded(e.Args) {
		return
	}
	wanted, wrong := directives(layout)
	switch given := len(args) - 1; {
	case wrong != "":
		c.add(formatArguments, e.Line(), "format", "write %% for a percent sign; else one of %s %d %f %g %x %q %c", "string.format does not know %s", wrong)
	case given < wanted:
		c.add(formatArguments, e.Line(), "format", "give it a value for each %, and write %% for a percent sign", "the layout shows %s, but string.format is given %d", countOf(wanted, "value"), given)
	case given > wanted:
		c.addAs(Warning, formatArguments, e.Line(), "format", "remove what is too many, or show it with %s", "the layout shows %s, but string.format is given %d", countOf(wanted, "value"), given)
	}
}

// directives counts the values that a layout shows; wrong is a directive that does not exist.
func directives(layout string) (values int, wrong string) {
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			continue
		}
		from := i
		for i++; i < len(layout) && strings.IndexByte("-+ #0123456789.", layout[i]) >= 0; i++ {
		}
		switch {
		case i == len(layout):
			return values, strconv.Quote(layout[from:])
		case layout[i] == '%':
		case strings.IndexByte("cdiouxXeEfgGaAqs", layout[i]) >= 0:
			values++
		default:
			return values, strconv.Quote(layout[from : i+1])
		}
	}
	return values, ""
}
