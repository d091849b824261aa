package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2"
)

// Error is one thing that is wrong with a configuration.
type Error struct {
	Origin  string // where it was written: the file, a flag, or "default"
	Line    int    // in the file; 0 if it is not from one
	Key     string // which key, as limits.memory; "" if none is to blame
	Problem string // what is wrong, and what to write
}

// Error returns file:line: key: problem, of what is not from a file flag: problem, of what nobody wrote key: problem.
func (e *Error) Error() string {
	switch {
	case e.Line > 0 && e.Key != "":
		return fmt.Sprintf("%s:%d: %s: %s", e.Origin, e.Line, e.Key, e.Problem)
	case e.Line > 0:
		return fmt.Sprintf("%s:%d:%s", e.Origin, e.Line, e.Problem)
	case e.Origin == OriginDefault:
		return e.Key + ": " + e.Problem
	default:
		return e.Origin + ": " + e.Problem
	}
}

// Errors are all that is wrong with a configuration, in the order of the lines. There is at least one.
type Errors []*Error

// Error returns a line for each.
func (e Errors) Error() string {
	var lines []string
	for _, one := range e {
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}

// orNil returns the errors in the order of their lines, nil if there are none.
func (e Errors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int { return cmp.Or(a.Line-b.Line, strings.Compare(a.Key, b.Key)) })
	return e
}

// fault makes an Error of a key.
func fault(from origin, key, format string, args ...any) *Error {
	return &Error{Origin: from.name, Line: from.line, Key: key, Problem: fmt.Sprintf(format, args...)}
}

// syntaxError shows where the text of a file is no TOML.
func syntaxError(file string, text []byte, err error) error {
	var decode *toml.DecodeError
	if !errors.As(err, &decode) {
		return fmt.Errorf("%s: %w", file, err)
	}
	row, column := decode.Position()
	problem := strconv.Itoa(column) + ": " + strings.TrimPrefix(decode.Error(), "toml: ") + excerpt(text, row, column)
	return Errors{{Origin: file, Line: row, Problem: problem}}
}

// excerpt shows a line with a mark below the column, counted in bytes; what would command a terminal is replaced.
func excerpt(text []byte, row, column int) string {
	lines := strings.Split(string(text), "\n")
	if row < 1 || row > len(lines) {
		return ""
	}
	line := strings.TrimSuffix(lines[row-1], "\r")
	before := line[:min(max(column-1, 0), len(line))]
	return "\n  | " + printable(line) + "\n  | " + strings.Repeat(" ", len([]rune(before))) + "^"
}

// printable replaces what is no visible character.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return '?'
	}, text)
}
