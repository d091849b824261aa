package luaapi

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/json"
)

func (e *Env) bindTOMLEncode() lua.LGFunction {
	e.openJSON()
	return func(L *lua.LState) int {
		const function = "toml.encode"
		e.dotted(L, function)
		t, ok := L.Get(1).(*lua.LTable)
		if !ok {
			L.RaiseError("%s: value is %s; a table with names as keys was expected", function, kindOf(L.Get(1)))
		}
		w := tomlWriter{jsonWriter{env: e, out: e.takeBuffer()}}
		if err := w.document(t); err != nil {
			orRaisePlainly(L, e.Budget.Err())
			L.RaiseError("%s: %s%v", function, w.place(), err)
		}
		e.grow(L, len(w.out))
		L.Push(lua.LString(e.made(w.out)))
		return 1
	}
}

// tomlWriter writes values as TOML. What it has in common with JSON are strings, places and budgets.
type tomlWriter struct{ jsonWriter }

// tomlKind is how a value is written.
type tomlKind uint8

const (
	tomlPlain  tomlKind = iota // behind a key and =
	tomlNamed                  // a table with names, below [path]
	tomlTables                 // an array of such, each below [[path]]
)

var errTOMLArray = errors.New("an array cannot stand alone; TOML begins with a table with names as keys")

// document writes the whole.
func (w *tomlWriter) document(t *lua.LTable) error {
	names, n, err := w.keys(t)
	switch {
	case err != nil:
		return err
	case n > 0 || w.env.isArray(t):
		return errTOMLArray
	}
	return w.members(t, names, nil)
}

func (w *tomlWriter) keys(t *lua.LTable) (names []string, n int, err error) {
	return w.env.keys(t, "TOML has tables or arrays", "TOML has no nil")
}

// members writes what is in a table with names: first the values, since all behind a [path] belongs to that, then the tables.
func (w *tomlWriter) members(t *lua.LTable, names, path []string) error {
	if len(path) == maxTOMLDepth {
		return errDeepTOML
	}
	for _, name := range names {
		v := t.RawGetString(name)
		if w.kind(v) != tomlPlain {
			continue
		}
		w.out = append(tomlKey(w.out, name), " = "...)
		if err := w.inTable(name, func() error { return w.plain(v, len(path)+1) }); err != nil {
			return err
		}
		w.out = append(w.out, '\n')
	}
	for _, name := range names {
		v, ok := t.RawGetString(name).(*lua.LTable)
		if !ok || w.kind(v) == tomlPlain {
			continue
		}
		below := append(path[:len(path):len(path)], name)
		if err := w.inTable(name, func() error { return w.tables(v, below) }); err != nil {
			return err
		}
	}
	return w.room()
}

// inTable writes a value that is in a table. After an error the path is that of the value.
func (w *tomlWriter) inTable(name string, write func() error) error {
	w.path = append(w.path, name)
	if err := write(); err != nil {
		return err
	}
	w.path = w.path[:len(w.path)-1]
	return nil
}

// tables writes a table below its path, or each of an array of tables.
func (w *tomlWriter) tables(t *lua.LTable, path []string) error {
	names, n, err := w.keys(t)
	if err != nil {
		return err
	}
	if n == 0 {
		w.heading("[", path, "]")
		return w.members(t, names, path)
	}
	for i := 1; i <= n; i++ {
		err := w.inTable(strconv.Itoa(i), func() error {
			one := t.RawGetInt(i).(*lua.LTable) // which kind has found
			names, _, err := w.keys(one)
			if err != nil {
				return err
			}
			w.heading("[[", path, "]]")
			return w.members(one, names, path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// heading writes the path of a table.
func (w *tomlWriter) heading(begin string, path []string, end string) {
	if len(w.out) > 0 {
		w.out = append(w.out, '\n')
	}
	w.out = append(w.out, begin...)
	for i, name := range path {
		if i > 0 {
			w.out = append(w.out, '.')
		}
		w.out = tomlKey(w.out, name)
	}
	w.out = append(append(w.out, end...), '\n')
}

// kind returns how a value is written.
func (w *tomlWriter) kind(v lua.LValue) tomlKind {
	t, ok := v.(*lua.LTable)
	switch {
	case !ok:
		return tomlPlain
	case w.isNamed(t):
		return tomlNamed
	}
	n := t.Len()
	for i := 1; i <= n; i++ {
		if one, ok := t.RawGetInt(i).(*lua.LTable); !ok || !w.isNamed(one) {
			return tomlPlain
		}
	}
	if n == 0 {
		return tomlPlain
	}
	return tomlTables
}

// isNamed reports a table that is no array. One that is both is an error later.
func (w *tomlWriter) isNamed(t *lua.LTable) bool {
	first, _ := t.Next(lua.LNil)
	return first.Type() == lua.LTString || first == lua.LNil && !w.env.isArray(t)
}

// plain writes a value behind its key, tables in one line.
func (w *tomlWriter) plain(v lua.LValue, depth int) error {
	switch v := v.(type) {
	case lua.LBool:
		w.out = append(w.out, v.String()...)
	case lua.LNumber:
		w.out = tomlNumber(w.out, float64(v))
	case lua.LString:
		w.out = json.AppendString(w.out, string(v)) // whose escapes TOML has too
	case *lua.LTable:
		return w.line(v, depth)
	default:
		return fmt.Errorf("%s has no place in TOML", kindOf(v))
	}
	return w.room()
}

// line writes an array, or a table that is in one with other things.
func (w *tomlWriter) line(t *lua.LTable, depth int) error {
	if depth >= maxTOMLDepth {
		return errDeepTOML
	}
	names, n, err := w.keys(t)
	if err != nil {
		return err
	}
	if n == 0 && !w.env.isArray(t) {
		w.out = append(w.out, '{')
		for i, name := range names {
			if w.out = append(w.out, ' '); i > 0 {
				w.out = append(w.out[:len(w.out)-1], ", "...)
			}
			w.out = append(tomlKey(w.out, name), " = "...)
			if err := w.inTable(name, func() error { return w.plain(t.RawGetString(name), depth+1) }); err != nil {
				return err
			}
		}
		w.out = append(w.out, " }"...)
		return w.room()
	}
	w.out = append(w.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			w.out = append(w.out, ", "...)
		}
		if err := w.inTable(strconv.Itoa(i), func() error { return w.plain(t.RawGetInt(i), depth+1) }); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return w.room()
}

var errDeepTOML = fmt.Errorf("tables are deeper than %d inside each other; is one in itself?", maxTOMLDepth)

// tomlKey writes a name, in quotes if it must be.
func tomlKey(dst []byte, name string) []byte {
	bare := func(r rune) bool {
		return r == '_' || r == '-' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !bare(r) }) < 0 {
		return append(dst, name...)
	}
	return json.AppendString(dst, name)
}

// tomlNumber writes a number: a whole one as an integer, as far as Lua has them exactly.
func tomlNumber(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 0):
		return append(dst, strings.TrimPrefix(strings.ToLower(fmt.Sprint(f)), "+")...)
	case f == math.Trunc(f) && math.Abs(f) <= 1<<53:
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64) // with a point or an exponent, which make it a float
}
