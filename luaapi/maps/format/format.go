package format

import (
	"fmt"
	"path"
	"strings"

	"luamilter/luaapi/lint"
)

// Format is how a list is written.
type Format string

// The formats.
const (
	Lines    Format = "lines"
	CSV      Format = "csv"
	JSON     Format = "json"
	TextHash Format = "texthash"
	CIDR     Format = "cidr"
	Regexp   Format = "regexp"
	CDB      Format = "cdb"
)

// Names returns what the formats are called.
func Names() []string {
	return []string{string(Lines), string(CSV), string(JSON), string(TextHash), string(CIDR), string(Regexp), string(CDB)}
}

// Named returns the format of a name. The error says which there are.
func Named(name string) (Format, error) {
	for _, known := range Names() {
		if name == known {
			return Format(name), nil
		}
	}
	if near := lint.Nearest(name, Names()); near != "" {
		return "", fmt.Errorf("there is no format %s; did you mean %s?", name, near)
	}
	return "", fmt.Errorf("there is no format %s; there is %s", name, strings.Join(Names(), ", "))
}

// OfPath returns the format that the ending of a file's name says, Lines if it says none.
func OfPath(name string) Format {
	switch f := Format(strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")); f {
	case CSV, JSON, CDB, CIDR, Regexp:
		return f
	}
	return Lines
}

// Ordered reports whether the first entry that matches counts, instead of the one that fits best.
func (f Format) Ordered() bool { return f == CIDR || f == Regexp }

// Op is what an entry is for.
type Op uint8

// The ops. All but Match are of cidr and regexp tables.
const (
	Match Op = iota
	If       // what follows, up to its EndIf, counts only where this matches
	EndIf
)

// Entry is one entry of a list.
type Entry struct {
	Key, Value string
	Line       int // where it is, from 1; 0 where there are no lines
	Op         Op
	Not        bool   // it matches what Key does not
	Flags      string // letters of a regexp table
}

// Options say what a format leaves open.
type Options struct {
	WholeLines bool   // of Lines: the key is all of a line, and there are no values
	Key, Value string // of CSV and JSON: the column's number from 1, or its name; "" for the first and the second column, or the object's own keys
}

// Read gives the entries of a text in their order, until add returns an error, which it returns with the line.
func Read(f Format, text string, o Options, add func(Entry) error) error {
	at := func(e Entry) error {
		err := add(e)
		if err != nil && e.Line > 0 {
			return Error{e.Line, err}
		}
		return err
	}
	if f != CDB {
		text = strings.TrimPrefix(text, "\ufeff") // some editors begin with it
	}
	switch f {
	case CSV:
		return readCSV(text, o, at)
	case JSON:
		return readJSON(text, o, at)
	case TextHash:
		return readTextHash(text, at)
	case CIDR:
		return readCIDR(text, at)
	case Regexp:
		return readRegexp(text, at)
	case CDB:
		return readCDB(text, at)
	}
	return readLines(text, o.WholeLines, at)
}

// Error is what is wrong in a line of a list.
type Error struct {
	Line int
	Err  error
}

func (e Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e Error) Unwrap() error { return e.Err }

// wrong returns an error about a line.
func wrong(line int, format string, args ...any) error {
	return Error{line, fmt.Errorf(format, args...)}
}
