package lint

import (
	"fmt"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"luamilter/luaapi/pattern"
)

// patternArgs are the functions of strings that take a pattern, after the text.
var patternArgs = map[string]bool{"find": true, "match": true, "gmatch": true, "gfind": true, "gsub": true}

// patterns looks at patterns that are written out.
func (c *checker) patterns() {
	for _, call := range c.calls {
		name, args, ok := c.patternCall(call.node)
		if !ok {
			continue
		}
		text, known := c.constant(args[0])
		if !known || name == "find" && len(args) > 2 { // find(s, text, 1, true), or who knows
			continue
		}
		c.pattern(call.node, name, text, args)
	}
}

// patternCall returns the function that is called with a pattern, and its arguments from that on.
func (c *checker) patternCall(e *ast.FuncCallExpr) (name string, args []ast.Expr, ok bool) {
	if e.Func != nil {
		name, isString := strings.CutPrefix(c.spelling(e.Func), "string.")
		if !isString || !patternArgs[name] || len(e.Args) < 2 {
			return "", nil, false
		}
		return name, e.Args[1:], true
	}
	if !patternArgs[e.Method] || len(e.Args) == 0 || c.isWritten(e.Method) {
		return "", nil, false
	}
	switch bare(c.types.of(e.Receiver)) { // what is not known is a string: nothing else has such methods
	case "", "string", "body":
		return e.Method, e.Args, true
	}
	return "", nil, false
}

func (c *checker) pattern(e *ast.FuncCallExpr, name, text string, args []ast.Expr) {
	word := c.mark(args[0], name)
	if err := pattern.Compile(text).Malformed(); err != nil {
		c.add(malformedPattern, e.Line(), word, repairs(err), "the pattern is malformed: %s", strings.TrimPrefix(err.Error(), "malformed pattern "))
		return
	}
	if name == "gsub" && len(args) > 1 {
		c.replacement(e, text, args[1])
	}
	items := patternItems(text)
	if hint := plainText(text, items, name); hint != "" {
		c.add(magicCharacter, e.Line(), word, hint, "%s looks like plain text, but is a pattern: %s", quoted(text), magic(text))
		return
	}
	if last := len(items) - 1; last >= 0 && items[last].repeat == '-' && name != "gsub" {
		c.add(emptyMatch, e.Line(), word, "write * or + instead of -, or put behind it what it shall stop at", "%s at the end of a pattern takes as little as it can, which is nothing", items[last].text())
		return
	}
	for i := 1; i < len(items); i++ {
		if a, b := items[i-1], items[i]; a.unbounded() && b.unbounded() && a.class == b.class {
			c.add(slowPattern, e.Line(), word, "one is enough", "%s%s tries every way to share the text between the two", a.text(), b.text())
			return
		}
	}
	if method := c.caseMade(subject(e)); method == "lower" && hasCapital(items) && len(args) == 1 {
		c.add(neverEqual, e.Line(), word, "write "+quoted(strings.ToLower(text)), "what lower makes has no capital letters, so %s is never in it", quoted(text))
	}
}

// replacement looks at what a gsub puts in, if it is written out. Without captures, %1 is the match.
func (c *checker) replacement(e *ast.FuncCallExpr, text string, arg ast.Expr) {
	into, known := c.constant(arg)
	if !known {
		return
	}
	has := pattern.Compile(text).Captures()
	for i := 0; i+1 < len(into); i++ {
		if into[i] != '%' {
			continue
		}
		i++
		if n := int(into[i]) - '0'; n >= 1 && n <= 9 && n > max(1, has) {
			c.add(missingCapture, e.Line(), c.mark(arg, "gsub"), "write %% for a percent sign, %0 for the whole match, or put ( ) around what it shall be",
				"%%%d is the capture number %d, and the pattern has %s", n, n, captureCount(has))
			return
		}
	}
}

func captureCount(n int) string {
	switch n {
	case 0:
		return "none"
	case 1:
		return "only one"
	}
	return fmt.Sprintf("only %d", n)
}

// repairs says what to do about a malformed pattern.
func repairs(err error) string {
	switch err {
	case pattern.ErrEscape:
		return "write %% for a percent sign"
	case pattern.ErrSet:
		return "close the set with ], or write %[ for a bracket"
	case pattern.ErrUnfinished:
		return "close the capture with ), or write %( for a bracket"
	case pattern.ErrClose:
		return "open the capture with (, or write %) for a bracket"
	case pattern.ErrIndex:
		return "%1 is what the first ( ) before it matched; write %% for a percent sign"
	case pattern.ErrBalance:
		return "%b is followed by two characters, as in %b()"
	case pattern.ErrFrontier:
		return "%f is followed by a set, as in %f[%w]"
	}
	return "see string.find in docs/reference.md"
}

// magic says what the marks of a text mean in a pattern.
func magic(text string) string {
	dot, dash := strings.Contains(text, "."), strings.Contains(text, "-")
	switch {
	case dot && dash:
		return "a dot is any character, a dash repeats what stands before it"
	case dash:
		return "a dash repeats what stands before it"
	}
	return "a dot is any character"
}

// subject is the text that a pattern is looked for in.
func subject(e *ast.FuncCallExpr) ast.Expr {
	if e.Func == nil {
		return e.Receiver
	}
	return e.Args[0]
}

// item is a single character or class of a pattern, with what says how often it comes.
type item struct {
	class  string // ".", "%s", "[a-z]", "x"
	repeat byte   // * + - ? or 0 for once
}

func (i item) unbounded() bool { return i.repeat == '*' || i.repeat == '+' || i.repeat == '-' }

func (i item) text() string {
	if i.repeat == 0 {
		return i.class
	}
	return i.class + string(i.repeat)
}

// patternItems takes a pattern apart that is not malformed. Captures do not show; anchors, %b, %f and %1 are items of their own.
func patternItems(text string) []item {
	var items []item
	for i := 0; i < len(text); {
		from := i
		switch c := text[i]; {
		case c == '(' || c == ')':
			i++
			continue
		case c == '%' && i+1 < len(text) && text[i+1] == 'b':
			i = min(i+4, len(text))
		case c == '%' && i+2 < len(text) && text[i+1] == 'f':
			i = setEnd(text, i+2)
		case c == '%':
			i = min(i+2, len(text))
		case c == '[':
			i = setEnd(text, i)
		default:
			i++
		}
		one := item{class: text[from:i]}
		if i < len(text) && strings.IndexByte("*+-?", text[i]) >= 0 && !strings.HasPrefix(one.class, "%b") && !strings.HasPrefix(one.class, "%f") {
			one.repeat = text[i]
			i++
		}
		items = append(items, one)
	}
	return items
}

// setEnd is behind the set that begins at an offset.
func setEnd(text string, from int) int {
	i := from + 1
	if i < len(text) && text[i] == '^' {
		i++
	}
	for first := true; i < len(text); first = false {
		switch {
		case text[i] == ']' && !first:
			return i + 1
		case text[i] == '%':
			i += 2
		default:
			i++
		}
	}
	return len(text)
}

// plainText says how to write a pattern that was meant as a text: a domain, a file name's end, or a header name. "" if it was not.
func plainText(text string, items []item, name string) string {
	body := strings.TrimSuffix(strings.TrimPrefix(text, "^"), "$")
	if !looksPlain(body) {
		return ""
	}
	escaped := strings.NewReplacer(".", "%.", "-", "%-").Replace(text)
	if name == "find" && body == text {
		return "write find(" + quoted(text) + ", 1, true), or the pattern " + quoted(escaped)
	}
	return "write " + quoted(escaped)
}

// looksPlain reports words of two letters or digits and more, with single dots, dashes and @ between them, one dot or dash at least. A word
// may be missing in front: ".exe", "@example.com".
func looksPlain(text string) bool {
	marks, run := 0, 0
	for i := range len(text) {
		switch b := text[i]; {
		case b == '.' || b == '-' || b == '@':
			if i > 0 && run < 2 && !(i == 1 && b == '-' && text[0]|0x20 == 'x') { // X-Spam
				return false
			}
			if b != '@' {
				marks++
			}
			run = 0
		case isDigit(b) || isNameStart(b):
			run++
		default:
			return false
		}
	}
	return marks > 0 && run >= 2 && text[0] != '-'
}

// hasCapital reports a pattern that needs a capital letter.
func hasCapital(items []item) bool {
	for _, i := range items {
		if len(i.class) == 1 && 'A' <= i.class[0] && i.class[0] <= 'Z' && i.repeat != '*' && i.repeat != '?' && i.repeat != '-' {
			return true
		}
	}
	return false
}
