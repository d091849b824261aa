package luaapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/json"
)

// tableSteps is what a new table counts as in instructions.
const tableSteps = 4

var errLongArray = fmt.Errorf("an array has at most %d values", maxArray-1)

func (e *Env) bindJSONArray() lua.LGFunction {
	e.openJSON()
	return func(L *lua.LState) int {
		const function = "json.array"
		e.dotted(L, function)
		if L.Get(1) == lua.LNil {
			L.SetTop(0)
			L.Push(L.NewTable())
		}
		t, ok := L.Get(1).(*lua.LTable)
		switch {
		case !ok:
			L.RaiseError("%s: t is %s; a table was expected", function, kindOf(L.Get(1)))
		case t.Metatable != lua.LNil && t.Metatable != lua.LValue(e.arrayMeta):
			L.RaiseError("%s: t has a metatable; copy what is in it to a new table", function)
		}
		t.Metatable = e.arrayMeta
		L.Push(t)
		return 1
	}
}

func (e *Env) bindJSONEncode() lua.LGFunction {
	e.openJSON()
	return func(L *lua.LState) int {
		const function = "json.encode"
		e.dotted(L, function)
		w := jsonWriter{env: e, out: e.takeBuffer()}
		if err := w.value(L.Get(1), 0); err != nil {
			orRaisePlainly(L, e.Budget.Err())
			L.RaiseError("%s: %s%v", function, w.place(), err)
		}
		e.grow(L, len(w.out))
		L.Push(lua.LString(e.made(w.out)))
		return 1
	}
}

// jsonWriter writes values as JSON.
type jsonWriter struct {
	env  *Env
	out  []byte
	path []string // the keys down to the value that is being written
}

// place says where in the data a value is, for errors.
func (w *jsonWriter) place() string {
	if len(w.path) == 0 {
		return ""
	}
	return cut(strings.Join(w.path, "."), 80) + ": "
}

func (w *jsonWriter) value(v lua.LValue, depth int) error {
	var err error
	switch v := v.(type) {
	case *lua.LNilType:
		w.out = append(w.out, "null"...)
	case lua.LBool:
		w.out = append(w.out, v.String()...)
	case lua.LNumber:
		w.out, err = json.AppendNumber(w.out, float64(v))
	case lua.LString:
		w.out = json.AppendString(w.out, string(v))
	case *lua.LTable:
		return w.table(v, depth)
	default:
		if v != lua.LValue(w.env.jsonNull) {
			return fmt.Errorf("%s has no place in JSON", kindOf(v))
		}
		w.out = append(w.out, "null"...)
	}
	if err != nil {
		return err
	}
	return w.room()
}

// room counts the work, and ends it before the text gets too long.
func (w *jsonWriter) room() error {
	if err := w.env.room(len(w.out), 0); err != nil {
		return err
	}
	return w.env.Budget.Spend(1)
}

func (w *jsonWriter) table(t *lua.LTable, depth int) error {
	if depth == json.MaxDepth {
		return errors.New("tables are deeper than 100 inside each other; is one in itself?")
	}
	names, n, err := w.env.keys(t, "JSON has objects or arrays", "put json.null where there is nothing")
	if err != nil {
		return err
	}
	if len(names) > 0 || n == 0 && !w.env.isArray(t) {
		return w.object(t, names, depth+1)
	}
	w.out = append(w.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			w.out = append(w.out, ',')
		}
		if err := w.member(fullNumber(lua.LNumber(i)), t.RawGetInt(i), depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return nil
}

func (w *jsonWriter) object(t *lua.LTable, names []string, depth int) error {
	w.out = append(w.out, '{')
	for i, name := range names {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(json.AppendString(w.out, name), ':')
		if err := w.member(name, t.RawGetString(name), depth); err != nil {
			return err
		}
	}
	w.out = append(w.out, '}')
	return w.room()
}

// member writes a value that is in a table. After an error the path is that of the value.
func (w *jsonWriter) member(name string, v lua.LValue, depth int) error {
	w.path = append(w.path, name)
	if err := w.value(v, depth); err != nil {
		return err
	}
	w.path = w.path[:len(w.path)-1]
	return nil
}

// keys returns the names of a table in order, or how long an array it is. Errors say what the language has instead of a table with both, and what to
// put into holes.
func (e *Env) keys(t *lua.LTable, has, fill string) (names []string, n int, err error) {
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		switch k := k.(type) {
		case lua.LString:
			names = append(names, string(k))
		case lua.LNumber:
			if n++; lua.LNumber(int(k)) != k || k < 1 {
				return nil, 0, fmt.Errorf("an array counts from 1, but there is a key %s; tostring(key) makes it a name", fullNumber(k))
			}
		default:
			return nil, 0, fmt.Errorf("%s cannot be a name", kindOf(k))
		}
		if err := e.Budget.Spend(1); err != nil {
			return nil, 0, err
		}
	}
	switch {
	case len(names) > 0 && n > 0:
		return nil, 0, fmt.Errorf("a table with the name %s has numbers as keys too; %s, not both in one", shortKey(lua.LString(names[0])), has)
	case n > 0 && t.RawGetInt(n) == lua.LNil:
		return nil, 0, fmt.Errorf("an array has holes; %s", fill)
	}
	slices.Sort(names)
	return names, n, nil
}
