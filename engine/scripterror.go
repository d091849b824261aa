package engine

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
)

// ScriptError is what is wrong in a script or one of its modules: an error while it runs, one in its text, or a finding of check. All
// are shown in the same way.
type ScriptError struct {
	Path   string // of the file that the line is in
	Line   int    // from 1; 0 if it is not known
	Column int    // in bytes from 1; 0 for the first character of the line
	Rank   string // "error" or "warning" for a finding, "" for what happened
	Rule   string // the name of a finding, "" for what happened
	Text   string // what is wrong, without the place
	Hint   string // what to do about it
	Script string // path of the script that ran; "" where none did
	Hook   string // the hook that ran, or "load"
	Stack  string // Lua's, or Go's and Lua's after a panic
	Err    error  // the cause

	file   *File   // that the line is in, nil if it is not known
	script *Script // that ran, nil where none did
}

// Unwrap returns the cause.
func (e *ScriptError) Unwrap() error { return e.Err }

// errorAt makes an error about a word on a line of a file.
func (f *File) errorAt(line int, word, text, hint string) *ScriptError {
	return f.place(&ScriptError{Line: line, Column: f.Lint.Column(line, word), Text: text, Hint: hint})
}

// place notes the file of an error.
func (f *File) place(e *ScriptError) *ScriptError {
	e.Path, e.file = f.Path, f
	return e
}

// syntaxError is for what lint says of a file that cannot be compiled.
func (f *File) syntaxError(err error) error {
	var syntax *lint.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	return f.place(&ScriptError{Line: syntax.Line, Column: syntax.Column, Text: syntax.Text, Err: err})
}

// finding is for what check finds in a file.
func (f *File) finding(found lint.Finding) *ScriptError {
	return f.place(&ScriptError{Line: found.Line, Column: found.Column, Rank: found.Severity.String(), Rule: found.Rule, Text: found.Text, Hint: found.Hint})
}

// failure is for an error that ended a hook of a script, or its file level. Where Lua does not tell the line, it is that of the innermost
// function of the script.
func (s *Script) failure(hook string, err error) *ScriptError {
	var known *ScriptError
	if errors.As(err, &known) {
		return known
	}
	text, stack := err.Error(), ""
	var api *lua.ApiError
	if errors.As(err, &api) {
		text, stack = said(api, hook), api.StackTrace
	}
	file, line, text := s.located(text)
	if file == nil {
		file, line = s.innermost(stack)
	}
	return s.ended(hook, text, err).at(file, line).with(stack)
}

// ended makes an error that ended a hook.
func (s *Script) ended(hook, text string, err error) *ScriptError {
	if len(text) > maxText { // do not keep what a script can make as long as it likes
		text = strings.Clone(text[:maxText]) + "..."
	}
	return &ScriptError{Path: s.Path, Text: text, Script: s.Path, Hook: hook, Err: err, script: s}
}

// at notes the place, if there is a file.
func (e *ScriptError) at(f *File, line int) *ScriptError {
	if f == nil {
		return e
	}
	e.Line = line
	return f.place(e)
}

func (e *ScriptError) with(stack string) *ScriptError {
	e.Stack = stack
	return e
}

// Explain puts what Lua said into words that name what is wrong, as far as the source line tells. It takes a while, and changes
// the error it is called on, which it returns.
func (e *ScriptError) Explain() *ScriptError {
	if e.file == nil || e.script == nil {
		return e
	}
	x := e.file.Lint.Explain(e.Line, e.Text, e.script.surroundings(e.file, e.script.api()))
	e.Text, e.Hint, e.Column = x.Text, x.Hint, x.Column
	e.script = nil // done
	return e
}

// said is what Lua raised, with the place in front if Lua put it there.
func said(api *lua.ApiError, hook string) string {
	if table, ok := api.Object.(*lua.LTable); ok {
		return fmt.Sprintf("error with a table of %d values raised in %s", table.Len(), hook)
	}
	if api.Type == lua.ApiErrorPanic {
		return fmt.Sprintf("internal error in %s: %v", hook, api.Object)
	}
	return strings.TrimRight(api.Object.String(), "\n")
}

// located takes the place off the front of what Lua said; the file is nil if there is none.
func (s *Script) located(text string) (f *File, line int, rest string) {
	for f := range s.all() {
		if after, ok := strings.CutPrefix(text, f.Path+":"); ok {
			if line, rest, ok := cutLineNumber(after); ok {
				return f, line, strings.TrimPrefix(rest, " ")
			}
		}
	}
	return nil, 0, text
}

// innermost returns the innermost line of the script's files on a stack.
func (s *Script) innermost(stack string) (*File, int) {
	for entry := range strings.Lines(stack) {
		if f, line, _ := s.located(strings.TrimPrefix(entry, "\t")); f != nil {
			return f, line
		}
	}
	return nil, 0
}

// cutLineNumber takes "12:" off the front of a text.
func cutLineNumber(text string) (line int, rest string, ok bool) {
	i := 0
	for i < len(text) && i < 9 && '0' <= text[i] && text[i] <= '9' {
		line = 10*line + int(text[i]-'0')
		i++
	}
	if i == 0 || i == len(text) || text[i] != ':' {
		return 0, text, false
	}
	return line, text[i+1:], true
}

// Character returns the column in characters from 1, 0 if it is not known.
func (e *ScriptError) Character() int {
	if e.file == nil || e.Line < 1 || e.Column < 1 {
		return 0
	}
	line := sourceLine(e.file.source, e.Line)
	return utf8.RuneCount(line[:min(e.Column-1, len(line))]) + 1
}
