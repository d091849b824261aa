package lint

import "fmt"

// opener is a block or bracket that was opened and not yet closed.
type opener struct {
	token
	indent int  // column of the first token of its line
	loop   bool // while or for, whose do is still to come
}

// blocks follows the opening and closing words of a source.
type blocks struct {
	stack   []opener
	indent  int     // column of the first token of the current line
	suspect *opener // closed by an end that is indented less than it
	last    int     // line of the last token
}

// explainEnd says why the source ended too early: which block, bracket or
// string was never closed. When an end in the middle is missing, the words
// pair up wrongly from there on and the one left over is innocent; the
// indentation then tells which was meant.
func explainEnd(path, text string) *SyntaxError {
	b := &blocks{last: 1}
	l := newLexer(text)
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		if t.open {
			return &SyntaxError{Path: path, Line: t.line, Column: t.column,
				Text: fmt.Sprintf("'%s' opened at line %d is never closed", openWord(t), t.line)}
		}
		b.add(t)
	}
	o := b.unclosed()
	if o == nil {
		return &SyntaxError{Path: path, Line: b.last, Text: "the script ends in the middle of a statement"}
	}
	return &SyntaxError{Path: path, Line: o.line, Column: o.column,
		Text: fmt.Sprintf("'%s' opened at line %d is never closed", o.text, o.line)}
}

func openWord(t token) string {
	if len(t.text) > 0 && t.text[0] != '-' && t.text[0] != '[' {
		return t.text[:1]
	}
	if len(t.text) > 0 && t.text[0] == '[' {
		return "[["
	}
	return t.text
}

func (b *blocks) add(t token) {
	b.last = t.line
	if t.first {
		b.indent = t.column
	}
	if t.kind != tokenKeyword && t.kind != tokenSymbol {
		return
	}
	switch t.text {
	case "function", "if", "repeat", "(", "{", "[":
		b.push(t, false)
	case "while", "for":
		b.push(t, true)
	case "do":
		b.do(t)
	case "end", "until", ")", "}", "]":
		b.pop(t)
	}
}

func (b *blocks) push(t token, loop bool) {
	b.stack = append(b.stack, opener{token: t, indent: b.indent, loop: loop})
}

// do opens a block of its own, unless it is the one a loop waits for.
func (b *blocks) do(t token) {
	if n := len(b.stack); n > 0 && b.stack[n-1].loop {
		b.stack[n-1].loop = false
		return
	}
	b.push(t, false)
}

func (b *blocks) pop(t token) {
	n := len(b.stack)
	if n == 0 {
		return
	}
	o := b.stack[n-1]
	b.stack = b.stack[:n-1]
	if b.suspect == nil && t.text == "end" && t.first && t.column < o.indent {
		b.suspect = &o
	}
}

func (b *blocks) unclosed() *opener {
	if len(b.stack) == 0 {
		return nil
	}
	if b.suspect != nil {
		return b.suspect
	}
	return &b.stack[len(b.stack)-1]
}
