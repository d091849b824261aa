package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/json"
)

var jsonModule = Module{
	"json", Require,
	"JSON, both ways. Bad JSON never raises an error: `json.decode` returns nil, and a text that says where it is wrong.\n\n" +
		"An object becomes a table with its names as keys, an array a table that counts from 1. A `null` in an object is a key that is not there; in an array, and as the whole value, it is `json.null`, so that the others keep their places. " +
		"An empty array is marked as one, as by `json.array`, so that it is written as `[]` again. A whole number beyond 2^53 becomes a string of its digits, because Lua's numbers would change it. " +
		"Of two members with one name the last one counts. Bytes that are not UTF-8 stay as they are when read, and are written as U+FFFD.",
	[]Property{
		{"null", "any", "What `null` is where it cannot be left out. It is true in an `if`: compare, `value == json.null`.", "RFC 8259 section 3"},
	},
	[]Func{
		{"decode", "text: string?, options: table?", "any, string?", "", "What the JSON in `text` says. Nil, and why, if it is not JSON, or nested deeper than 100. With `{null = true}` as `options`, a `null` in an object is `json.null` too.",
			"`text` is neither a string nor nil; `options` has another key.", "RFC 8259", (*Env).bindJSONDecode},
		{"encode", "value: any", "string", "", "Writes `value` as JSON on one line. A table is an array if it is marked as one or has 1 to n as its only keys; any other is an object, also the empty one. Its names stand in alphabetical order, so that the same data always gives the same text.",
			"`value` has something in it that is not a table, string, number, boolean, nil or `json.null`; a number that is infinite or none; a table with strings and numbers as keys, or with holes; tables deeper than 100, such as one in itself; the result is longer than a string may be.",
			"RFC 8259", (*Env).bindJSONEncode},
		{"array", "t: table?", "table", "", "Marks `t`, or a new table, as an array, and returns it: `json.encode(json.array({}))` is `[]`.", "`t` has a metatable.", "", (*Env).bindJSONArray},
	},
}

// jsonNull is what json.null has inside.
type jsonNull struct{}

// openJSON makes what JSON has beyond Lua.
func (e *Env) openJSON() {
	if e.jsonNull != nil {
		return
	}
	e.jsonNull = e.object(jsonNull{}, e.metatable("json.null", map[string]lua.LGFunction{"__tostring": func(L *lua.LState) int {
		L.Push(lua.LString("null"))
		return 1
	}}))
	e.arrayMeta = e.metatable("json.array", nil)
}

func (e *Env) bindJSONDecode() lua.LGFunction {
	e.openJSON()
	return func(L *lua.LState) int {
		const function = "json.decode"
		s, given := e.foreign(L, function, 1, "the text")
		if !given {
			return pushWhy(L, "there is no JSON: the text is nil")
		}
		b := &jsonBuilder{env: e, share: len(s) < largeText}
		takeOptions(L, function, 2, boolOption("null", &b.nulls))
		if err := json.Decode(s, b); err != nil {
			orRaisePlainly(L, e.Budget.Err())
			return pushWhy(L, err.Error())
		}
		L.Push(b.value)
		return 1
	}
}

// isArray reports whether a table is marked by json.array.
func (e *Env) isArray(t *lua.LTable) bool {
	return e.arrayMeta != nil && t.Metatable == lua.LValue(e.arrayMeta)
}

// jsonBuilder makes tables of what a JSON text has.
type jsonBuilder struct {
	env   *Env
	share bool // strings share the memory of the text
	nulls bool // of objects count
	value lua.LValue
	open  []jsonTable
}

// jsonTable is a table that is not complete.
type jsonTable struct {
	*lua.LTable
	key     lua.LValue // of the next member; nil in an array
	isArray bool
}

// put puts a value where it belongs.
func (b *jsonBuilder) put(v lua.LValue) error {
	if len(b.open) == 0 {
		b.value = v
		return nil
	}
	b.env.Budget.Count(itemSize)
	t := &b.open[len(b.open)-1]
	if !t.isArray {
		t.RawSet(t.key, v)
		return b.env.Budget.Spend(1)
	}
	n := t.Len() + 1
	if n >= maxArray {
		return errLongArray
	}
	t.RawSetInt(n, v)
	return b.env.Budget.Spend(1)
}

// text makes a string that does not keep a large text alive.
func (b *jsonBuilder) text(s string) (lua.LValue, error) {
	if b.share && !b.env.isLent(s) {
		return lua.LString(s), nil
	}
	return lua.LString(strings.Clone(s)), b.env.Budget.Grow(len(s))
}

func (b *jsonBuilder) Null() error {
	if n := len(b.open); n > 0 && !b.open[n-1].isArray && !b.nulls {
		return b.put(lua.LNil)
	}
	return b.put(b.env.jsonNull)
}

func (b *jsonBuilder) Bool(v bool) error      { return b.put(lua.LBool(v)) }
func (b *jsonBuilder) Number(v float64) error { return b.put(lua.LNumber(v)) }

func (b *jsonBuilder) String(s string) error {
	v, err := b.text(s)
	if err != nil {
		return err
	}
	return b.put(v)
}

func (b *jsonBuilder) Key(name string) error {
	v, err := b.text(name)
	b.open[len(b.open)-1].key = v
	return err
}

func (b *jsonBuilder) BeginArray() error  { return b.begin(true) }
func (b *jsonBuilder) BeginObject() error { return b.begin(false) }

func (b *jsonBuilder) begin(isArray bool) error {
	b.env.Budget.Count(tableSize)
	t := b.env.L.NewTable()
	if err := b.put(t); err != nil {
		return err
	}
	b.open = append(b.open, jsonTable{t, nil, isArray})
	return b.env.Budget.Spend(tableSteps)
}

func (b *jsonBuilder) End() error {
	last := b.open[len(b.open)-1]
	if last.isArray && last.Len() == 0 {
		last.Metatable = b.env.arrayMeta
	}
	b.open = b.open[:len(b.open)-1]
	return nil
}
