package engine

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// Error returns one line: the place, what is wrong there, and what to do.
func (e *ScriptError) Error() string {
	var out strings.Builder
	out.WriteString(e.Path)
	if e.Line > 0 {
		fmt.Fprintf(&out, ":%d", e.Line)
	}
	out.WriteString(": ")
	if e.Rank != "" {
		out.WriteString(e.Rank + ": ")
	}
	out.WriteString(e.message())
	return out.String()
}

// message is what is wrong and what to do.
func (e *ScriptError) message() string {
	if e.Hint == "" {
		return e.Text
	}
	return e.Text + " (" + e.Hint + ")"
}

// Detail returns the error for a terminal: the line of Error, and below it the line of the source with a caret.
func (e *ScriptError) Detail() string {
	if excerpt := e.Excerpt(); excerpt != "" {
		return e.Error() + "\n" + excerpt
	}
	return e.Error()
}

// Excerpt returns the line of the source and below it a caret, "" if the line is not known.
func (e *ScriptError) Excerpt() string {
	text := strings.ReplaceAll(e.source, "\t", " ")
	if e.Line < 1 || strings.TrimSpace(text) == "" {
		return ""
	}
	column := e.Column
	if column < 1 || column > len(text)+1 {
		column = len(text) - len(strings.TrimLeft(text, " ")) + 1
	}
	head := fmt.Sprintf("%5d | ", e.Line)
	return head + text + "\n" + strings.Repeat(" ", len(head)-2) + "| " + strings.Repeat(" ", column-1) + "^"
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

// sourceLine returns a line of a source, without its end.
func sourceLine(source []byte, line int) string {
	for i := 1; ; i++ {
		text, rest, more := bytes.Cut(source, []byte("\n"))
		if i == line {
			return strings.TrimRight(string(text), "\r")
		}
		if !more {
			return ""
		}
		source = rest
	}
}
