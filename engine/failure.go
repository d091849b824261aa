package engine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"
)

// ScriptError is an error in a script, with the place in its source.
type ScriptError struct {
	Script *Script
	Doing  string // "load", or the hook
	Err    error
}

// Error returns the place and what is wrong there.
func (e *ScriptError) Error() string { return e.message() }

// Unwrap returns the cause.
func (e *ScriptError) Unwrap() error { return e.Err }

// message returns what Lua said, without its stack, and with the place if it is known.
func (e *ScriptError) message() string {
	text := e.text()
	switch path, _ := placeOf(text); {
	case path == e.Script.Path || strings.HasSuffix(path, ".lua"):
		return text
	case e.stackLine() > 0:
		return fmt.Sprintf("%s:%d: %s", e.Script.Path, e.stackLine(), text)
	default:
		return e.Script.Path + ": " + text
	}
}

// text returns what Lua said. Only errors that Lua raises itself begin with a place.
func (e *ScriptError) text() string {
	var api *lua.ApiError
	if !errors.As(e.Err, &api) {
		return e.Err.Error()
	}
	switch object := api.Object.(type) {
	case *lua.LTable:
		return fmt.Sprintf("error with a table of %d values raised in %s", object.Len(), e.Doing)
	}
	if api.Type == lua.ApiErrorPanic {
		return fmt.Sprintf("internal error in %s: %v", e.Doing, api.Object)
	}
	return strings.TrimRight(api.Object.String(), "\n")
}

// stack returns Lua's stack, or Go's and Lua's after a panic; "" if there is none.
func (e *ScriptError) stack() string {
	var api *lua.ApiError
	if errors.As(e.Err, &api) {
		return api.StackTrace
	}
	return ""
}

// place matches the "path:line:" that Lua puts in front of an error.
var place = regexp.MustCompile(`^(.*?):(\d+):`)

// placeOf returns the place that a text begins with, "" and 0 for none.
func placeOf(text string) (path string, line int) {
	m := place.FindStringSubmatch(text)
	if m == nil {
		return "", 0
	}
	line, _ = strconv.Atoi(m[2])
	return m[1], line
}

// stackLine returns the line of the innermost function of the script on the stack, 0 if there is none.
func (e *ScriptError) stackLine() int {
	_, rest, _ := strings.Cut(e.stack(), "\t"+e.Script.Path+":")
	_, line := placeOf(":" + rest)
	return line
}

// Line returns the line of the error in the script, 0 if it is not known.
func (e *ScriptError) Line() int {
	if path, line := placeOf(e.message()); path == e.Script.Path {
		return line
	}
	return 0
}

// Excerpt returns the source line of the error with a caret below, "" if the line is not known.
func (e *ScriptError) Excerpt() string {
	return Excerpt(e.Script.source, e.Line(), columnOf(e.message(), e.Script.source, e.Line()))
}

// quoted matches a name that an error message quotes.
var quoted = regexp.MustCompile(`key '([^']+)'|^.*?:\d+: (?:msg\.)?([a-z_]+)[: ]`)

// columnOf guesses the column from a name in the message that the line contains once.
func columnOf(message string, source []byte, line int) int {
	text := sourceLine(source, line)
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		for _, name := range m[1:] {
			if name != "" && strings.Count(text, name) == 1 {
				return strings.Index(text, name) + 1
			}
		}
	}
	return 0
}

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

// Excerpt returns a line of a source and below it a caret at the column, or at the first character for column 0. It is "" if there
// is no such line.
func Excerpt(source []byte, line, column int) string {
	text := strings.ReplaceAll(sourceLine(source, line), "\t", " ")
	if line < 1 || strings.TrimSpace(text) == "" {
		return ""
	}
	if column < 1 || column > len(text)+1 {
		column = len(text) - len(strings.TrimLeft(text, " ")) + 1
	}
	head := fmt.Sprintf("%5d | ", line)
	return head + text + "\n" + strings.Repeat(" ", len(head)-2) + "| " + strings.Repeat(" ", column-1) + "^"
}

// logFailure writes the one line that a script's error gets.
func logFailure(log *zerolog.Logger, e *ScriptError) {
	ev := log.Warn().Str("script", e.Script.Path).Str("hook", e.Doing)
	if line := e.Line(); line > 0 {
		ev = ev.Int("line", line)
	}
	if excerpt := e.Excerpt(); excerpt != "" {
		ev = ev.Str("excerpt", excerpt)
	}
	if log.GetLevel() <= zerolog.DebugLevel {
		ev = ev.Str("stack", e.stack())
	}
	ev.Msg(e.message())
}

// readScript reads a script's file, with a limit that no sane script reaches.
func readScript(path string) ([]byte, error) {
	const maxScript = 4 << 20
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name the scripts in it", path)
	}
	if info.Size() > maxScript {
		return nil, fmt.Errorf("%s has %d bytes; a script has at most %d", path, info.Size(), maxScript)
	}
	return os.ReadFile(path)
}
