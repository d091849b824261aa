package engine

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"
)

// Error returns one line: the place, what is wrong there, and what to do.
func (e *ScriptError) Error() string {
	var out strings.Builder
	out.WriteString(harmless(e.Path, maxPath))
	if e.Line > 0 {
		fmt.Fprintf(&out, ":%d", e.Line)
	}
	if e.Rule != "" && e.Column > 0 {
		fmt.Fprintf(&out, ":%d", e.Column)
	}
	out.WriteString(": ")
	if e.Rank != "" {
		out.WriteString(e.Rank + ": ")
	}
	out.WriteString(harmless(e.Text, maxText))
	if e.Hint != "" {
		out.WriteString("; " + harmless(e.Hint, maxHint))
	}
	if e.Rule != "" {
		out.WriteString(" [" + e.Rule + "]")
	}
	return out.String()
}

// Bounds of what is shown, in bytes.
const (
	maxPath = 4096
	maxText = 1000
	maxHint = 300
)

// Detail returns the error for a terminal: the line of Error, and below it the line of the source with a caret.
func (e *ScriptError) Detail() string {
	if excerpt := e.Excerpt(); excerpt != "" {
		return e.Error() + "\n" + excerpt
	}
	return e.Error()
}

// Log adds the error to a line of the log and writes it. An error in a module has the field file besides script.
func (e *ScriptError) Log(line *zerolog.Event) {
	if e.Script == "" || e.Script == e.Path {
		line = line.Str("script", e.Path)
	} else {
		line = line.Str("script", e.Script).Str("file", e.Path)
	}
	if e.Hook != "" {
		line = line.Str("hook", e.Hook)
	}
	if e.Line > 0 {
		line = line.Int("line", e.Line)
	}
	if excerpt := e.Excerpt(); excerpt != "" {
		line = line.Str("excerpt", excerpt)
	}
	line.Msg(e.Error())
}

// Excerpt returns the line of the source and below it a caret, "" if the line is not known.
func (e *ScriptError) Excerpt() string {
	if e.file == nil || e.Line < 1 {
		return ""
	}
	text, column := visible(sourceLine(e.file.source, e.Line), e.Column)
	if text == "" {
		return ""
	}
	head := fmt.Sprintf("%5d | ", e.Line)
	return head + text + "\n" + strings.Repeat(" ", len(head)-2) + "| " + strings.Repeat(" ", column-1) + "^"
}

// Of a long line, what is around the column is shown.
const (
	maxExcerpt = 160
	before     = 60
)

// visible returns what is shown of a source line, each character in one cell, and the cell of the column, which is in bytes; for column 0
// it is that of the first character. The text is "" for a blank line.
func visible(line []byte, column int) (text string, cell int) {
	blanks := len(line) - len(bytes.TrimLeft(line, " \t"))
	if blanks == len(line) {
		return "", 0
	}
	if column < 1 || column > len(line)+1 {
		column = blanks + 1
	}
	from := 0
	if len(line) > maxExcerpt {
		from = max(0, column-1-before)
	}
	var out strings.Builder
	if from > 0 {
		out.WriteString("...")
		for from < column-1 && !utf8.RuneStart(line[from]) {
			from++
		}
	}
	cells := out.Len()
	for i := from; i < len(line) && cells < maxExcerpt; cells++ {
		if i < column {
			cell = cells + 1
		}
		r, size := utf8.DecodeRune(line[i:])
		out.WriteRune(shown(r))
		if i += size; cells == maxExcerpt-1 && i < len(line) {
			out.WriteString("...")
		}
	}
	if column > len(line) {
		cell = cells + 1
	}
	return strings.TrimRight(out.String(), " "), cell
}

// shown is a character that takes a cell and does nothing else to a terminal.
func shown(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r != utf8.RuneError && unicode.IsPrint(r) && !unicode.Is(unicode.M, r):
		return r
	}
	return '?'
}

// harmless makes a text valid, one line, and not too long: what cannot be printed is written as an escape.
func harmless(s string, limit int) string {
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "\ufffd") + "..."
	}
	if utf8.ValidString(s) && strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		switch {
		case !unprintable(r):
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r < 0x80:
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			fmt.Fprintf(&out, `\u{%x}`, r)
		}
	}
	return out.String()
}

func unprintable(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }

// sourceLine returns a line of a source without its end, which is LF, CR or both, as Lua counts lines; nil if there is no such line.
func sourceLine(source []byte, line int) []byte {
	for n := 1; ; n++ {
		end := bytes.IndexAny(source, "\r\n")
		switch {
		case n == line && end < 0:
			return source
		case n == line:
			return source[:end]
		case end < 0:
			return nil
		}
		next := end + 1
		if next < len(source) && source[next] != source[end] && (source[next] == '\n' || source[next] == '\r') {
			next++
		}
		source = source[next:]
	}
}
