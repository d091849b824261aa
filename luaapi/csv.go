package luaapi

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

var csvModule = Module{
	"csv", Require,
	"Tables as text: values with commas between them, one row on each line. A row is an array of strings. Text that is not CSV never raises an error.",
	nil,
	[]Func{
		{"decode", "text: string?, options: table?", "table?, string?", "", "The rows in `text`, an array of arrays of strings. Rows may differ in length; empty lines are left out. Nil, and why, if a quote is where none may be. " +
			"In `options`, `separator` is the character between values, by default a comma; lines that begin with the character `comment` are left out; with `header = true` the first row names the columns, and the others are tables with these names.",
			noText + " `options` has another key; `separator` or `comment` is not one character, or a quote or line break; there are more rows than an array may have.", "RFC 4180", (*Env).bindCSVDecode},
		{"encode", "rows: table, options: table?", "string", "", "Writes `rows`, an array of arrays of strings, numbers and booleans, with CRLF line ends, and quotes where they are needed. In `options`, `separator` is as for `decode`.",
			"A row is no array, or has something else in it; `options` has another key; the result is longer than a string may be.", "RFC 4180", (*Env).bindCSVEncode},
	},
}

// characterOption is an option that is one character that CSV does not use itself.
func characterOption(name string, into *rune) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		s, _ := v.(lua.LString)
		r, size := utf8.DecodeRuneInString(string(s))
		if size == 0 || size != len(s) || r == utf8.RuneError || strings.ContainsRune("\"\r\n\x00", r) {
			L.RaiseError("%s: %s is %s; one character was expected that is no quote and no line break", function, name, shortKey(v))
		}
		*into = r
	}}
}

func (e *Env) bindCSVDecode() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "csv.decode"
		s, given := e.foreign(L, function, 1, "the text")
		if !given {
			return pushWhy(L, "there are no rows: the text is nil")
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, "\uFEFF")))
		r.FieldsPerRecord, r.ReuseRecord = -1, true
		var header bool
		takeOptions(L, function, 2, characterOption("separator", &r.Comma), characterOption("comment", &r.Comment), boolOption("header", &header))
		if r.Comma == r.Comment {
			L.RaiseError("%s: options.separator and options.comment are the same", function)
		}
		rows, err := e.csvRows(L, r, header)
		if err != nil {
			orRaisePlainly(L, e.Budget.Err())
			return pushWhy(L, csvReason(err))
		}
		L.Push(rows)
		return 1
	}
}

// csvReason says where a text is no CSV.
func csvReason(err error) string {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("no CSV in line %d, column %d: %v", wrong.Line, wrong.Column, wrong.Err)
	}
	return err.Error()
}

// csvRows reads all rows. With a header those after it are tables with names.
func (e *Env) csvRows(L *lua.LState, r *csv.Reader, header bool) (*lua.LTable, error) {
	rows := L.NewTable()
	var names []string
	for n := 1; ; {
		record, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if header && names == nil {
			names = append([]string{}, record...)
			continue
		}
		row, err := e.csvRow(L, record, names)
		if err != nil {
			return nil, err
		}
		if n == maxArray {
			L.RaiseError("csv.decode: %v", errLongArray)
		}
		rows.RawSetInt(n, row)
		n++
	}
}

// csvRow makes a table of a row: an array if there are no names.
func (e *Env) csvRow(L *lua.LState, record, names []string) (*lua.LTable, error) {
	e.Budget.Count(tableSize + len(record)*itemSize)
	row := L.CreateTable(0, 0)
	for i, value := range record {
		if err := e.Budget.Grow(len(value)); err != nil {
			return nil, err
		}
		switch {
		case names == nil:
			row.RawSetInt(i+1, lua.LString(value))
		case i < len(names):
			row.RawSetString(names[i], lua.LString(value))
		}
	}
	return row, e.Budget.Spend(int64(tableSteps + len(record)))
}

func (e *Env) bindCSVEncode() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "csv.encode"
		e.dotted(L, function)
		rows, ok := L.Get(1).(*lua.LTable)
		if !ok {
			L.RaiseError("%s: rows is %s; an array of arrays was expected", function, kindOf(L.Get(1)))
		}
		var out strings.Builder
		w := csv.NewWriter(&out)
		w.UseCRLF = true
		takeOptions(L, function, 2, characterOption("separator", &w.Comma))
		for i := 1; i <= rows.Len(); i++ {
			if err := w.Write(csvRecord(L, function, i, rows.RawGetInt(i))); err != nil {
				L.RaiseError("%s: row %d: %v", function, i, err)
			}
			w.Flush()
			orRaisePlainly(L, e.room(out.Len(), 0))
			e.spend(L, tableSteps)
		}
		e.grow(L, out.Len())
		L.Push(lua.LString(out.String()))
		return 1
	}
}

// csvRecord returns the values of a row as text.
func csvRecord(L *lua.LState, function string, i int, v lua.LValue) []string {
	row, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("%s: row %d is %s; an array was expected", function, i, kindOf(v))
	}
	record := make([]string, row.Len())
	for j := range record {
		switch v := row.RawGetInt(j + 1).(type) {
		case lua.LString:
			record[j] = string(v)
		case lua.LNumber:
			record[j] = fullNumber(v)
		case lua.LBool:
			record[j] = v.String()
		default:
			L.RaiseError("%s: row %d, value %d is %s; a string was expected", function, i, j+1, kindOf(v))
		}
	}
	return record
}
