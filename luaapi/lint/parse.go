package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// SyntaxError is why a script cannot be read. Line and Column count from 1 and
// are 0 where unknown.
type SyntaxError struct {
	Path   string
	Line   int
	Column int
	Text   string // one sentence, no position in front

	Unfinished bool // the text is right so far, and there must be more of it
}

// Error returns "path:line:column: text", without the parts that are unknown.
func (e *SyntaxError) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.Path, e.Text)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Text)
}

// Parse reads the source of one script. The path is used for messages only; an
// error is always a *SyntaxError. Source nested or chained beyond reason is
// refused, so that what Parse took may be compiled without fear for the stack.
func Parse(path string, src []byte) (*Source, error) {
	text := withoutShebang(string(src))
	if strings.HasPrefix(text, "\ufeff") {
		return nil, &SyntaxError{Path: path, Line: 1, Column: 1,
			Text: "the file begins with a byte order mark; save it as UTF-8 without one"}
	}
	if err := limited(path, text); err != nil {
		return nil, err
	}
	stmts, err := parseText(path, text)
	if err != nil {
		return nil, explain(path, text, err)
	}
	if line := tooDeep(stmts); line > 0 {
		return nil, tooLong(path, line)
	}
	return newSource(path, text, stmts), nil
}

// withoutShebang blanks a first line that begins with #, as lua does for
// programs started by the shell; the line numbers stay.
func withoutShebang(text string) string {
	if !strings.HasPrefix(text, "#") {
		return text
	}
	end := strings.IndexAny(text, "\r\n")
	if end < 0 {
		end = len(text)
	}
	return text[end:]
}

// parseText runs gopher-lua's parser, which panics on some source it does not
// like and swallows panics that are not errors.
func parseText(path, text string) (stmts []ast.Stmt, err error) {
	defer func() {
		if v := recover(); v != nil {
			stmts, err = nil, fmt.Errorf("the parser stumbled: %v", v)
		}
	}()
	stmts, err = parse.Parse(strings.NewReader(text), path)
	if err == nil && stmts == nil {
		err = errors.New("the parser gave up")
	}
	return stmts, err
}

// explain turns the parser's error into one for the person who wrote the
// script.
func explain(path, text string, err error) *SyntaxError {
	var pe *parse.Error
	if !errors.As(err, &pe) {
		return &SyntaxError{Path: path, Text: strings.TrimSpace(err.Error())}
	}
	if pe.Pos.Line == parse.EOF {
		e := explainEnd(path, text)
		e.Unfinished = true
		return e
	}
	e := &SyntaxError{Path: path, Line: pe.Pos.Line, Column: pe.Pos.Column}
	t := tokenAt(text, pe.Pos.Line, pe.Pos.Column)
	if t.kind != tokenEnd {
		e.Line, e.Column = t.line, t.column
	}
	e.Text = wording(pe, t)
	if name := loneVerdict(text, t); name != "" {
		e.Text = name + " alone does nothing; write return " + name
	}
	return e
}

// loneVerdict returns the verdict that stands before a token as if it were a statement, "" if there is none.
func loneVerdict(text string, at token) string {
	var before, last token
	l := newLexer(text)
	for t := l.next(); t.kind != tokenEnd && !t.open && (t.line < at.line || t.line == at.line && t.column < at.column); t = l.next() {
		before, last = last, t
	}
	if !slices.Contains(verdictNames, last.text) || last.kind != tokenName || !last.first && before.kind != tokenKeyword || before.text == "return" {
		return ""
	}
	return last.text
}

// tokenAt finds the token that covers a position, or the string before it that
// is not closed; tokenEnd if there is neither.
func tokenAt(text string, line, column int) token {
	var found token
	l := newLexer(text)
	for t := l.next(); t.kind != tokenEnd && t.line <= line; t = l.next() {
		if t.open {
			return t
		}
		if t.line == line && t.column <= column {
			found = t
		}
	}
	return found
}

// foreign are signs of other languages, and what Lua has instead.
var foreign = map[string]string{
	"!": "Lua writes ~= for \"not equal\" and not for \"not\"",
	"&": "Lua writes and",
	"|": "Lua writes or",
	"?": "Lua has no ?:; write condition and a or b",
	"~": "not equal is ~=",
}

func wording(pe *parse.Error, t token) string {
	near := pe.Token
	switch {
	case strings.HasPrefix(pe.Message, "ambiguous"):
		return "a line that begins with ( continues the call above it; put a ; before it"
	case strings.Contains(pe.Message, "unterminated string"):
		return "the string is not closed on its line"
	case len(near) > 0 && near[0] >= 0x80:
		return fmt.Sprintf("the byte 0x%02X stands outside a string; a typographic quote or dash, perhaps", near[0])
	case foreign[near] != "":
		return fmt.Sprintf("syntax error near '%s'; %s", near, foreign[near])
	case near == "=" && t.text == "=":
		return "syntax error near '='; a comparison is written =="
	case near == "":
		return "syntax error"
	}
	return fmt.Sprintf("syntax error near '%s'", shorten(near))
}

func shorten(s string) string {
	const most = 40
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
