package luaapi

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	lua "github.com/yuin/gopher-lua"
)

// maxTOML is how long a TOML text may be, in bytes: it is for what people write.
const maxTOML = 1 << 20

var tomlModule = Module{
	"toml", Require,
	"TOML, the language of the daemon's own configuration, for lists and settings that people write. Text that is not TOML never raises an error.",
	nil,
	[]Func{
		{"decode", "text: string?", "table?, string?", "", "What the TOML in `text` says, as tables that count from 1 for arrays, and with names as keys for tables; dates and times are strings as RFC 3339 writes them, and a whole number beyond 2^53 is a string of its digits. Nil, and why, if it is not TOML, is longer than 1 MiB, or nested deeper than 100.",
			noText, "toml.io, version 1.0", (*Env).bindTOMLDecode},
		{"encode", "value: table", "string", "", "Writes `value`, a table with names as keys, as TOML: names in alphabetical order, first the values, then the tables below `[name]` and arrays of tables below `[[name]]`. A table is an array if it has 1 to n as its only keys, or is marked by `json.array`, as empty arrays are that `decode` made. " +
			"Whole numbers are written without a point, dates and times as the strings that they are. Bytes that are not UTF-8 become U+FFFD.",
			"`value` is no table, or an array; it has something in it that is not a table, string, number or boolean; a table with strings and numbers as keys, or with holes; tables deeper than 100, such as one in itself; the result is longer than a string may be.",
			"toml.io, version 1.0", (*Env).bindTOMLEncode},
	},
}

func (e *Env) bindTOMLDecode() lua.LGFunction {
	e.openJSON() // for empty arrays
	return func(L *lua.LState) int {
		s, given := e.foreign(L, "toml.decode", 1, "the text")
		switch {
		case !given:
			return pushWhy(L, "there is no TOML: the text is nil")
		case len(s) > maxTOML:
			return pushWhy(L, fmt.Sprintf("the TOML has %d bytes, of at most %d", len(s), maxTOML))
		}
		e.Budget.Count(8 * len(s))
		e.spend(L, len(s))
		var content map[string]any
		if err := toml.Unmarshal([]byte(s), &content); err != nil {
			return pushWhy(L, tomlReason(err))
		}
		v, err := e.tomlValue(content, 0)
		if err != nil {
			orRaisePlainly(L, e.Budget.Err())
			return pushWhy(L, err.Error())
		}
		L.Push(v)
		return 1
	}
}

// tomlReason says where a text is no TOML.
func tomlReason(err error) string {
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return fmt.Sprintf("no TOML in line %d, column %d: %s", line, column, strings.TrimPrefix(err.Error(), "toml: "))
	}
	return "no TOML: " + err.Error()
}

// maxTOMLDepth is how many tables may be inside each other.
const maxTOMLDepth = 100

// tomlValue makes a value of Lua of one of TOML.
func (e *Env) tomlValue(v any, depth int) (lua.LValue, error) {
	switch v := v.(type) {
	case string:
		return lua.LString(v), nil
	case bool:
		return lua.LBool(v), nil
	case float64:
		return lua.LNumber(v), nil
	case int64:
		if n := lua.LNumber(v); -1<<53 <= v && v <= 1<<53 {
			return n, nil
		}
		return lua.LString(fmt.Sprint(v)), nil
	case time.Time:
		return lua.LString(v.Format(time.RFC3339Nano)), nil
	case map[string]any, []any:
		return e.tomlTable(v, depth)
	}
	return lua.LString(fmt.Sprint(v)), nil // a date or time without a zone
}

func (e *Env) tomlTable(v any, depth int) (lua.LValue, error) {
	if depth == maxTOMLDepth {
		return nil, fmt.Errorf("the TOML has more than %d tables inside each other", maxTOMLDepth)
	}
	e.Budget.Count(tableSize)
	t := e.L.NewTable()
	switch v := v.(type) {
	case map[string]any:
		for name, item := range v {
			value, err := e.tomlItem(item, depth)
			if err != nil {
				return nil, err
			}
			t.RawSetString(name, value)
		}
	case []any:
		if len(v) == 0 {
			t.Metatable = e.arrayMeta
		}
		for i, item := range v {
			value, err := e.tomlItem(item, depth)
			if err != nil {
				return nil, err
			}
			t.RawSetInt(i+1, value)
		}
	}
	return t, nil
}

// tomlItem makes a value that is in a table, and counts it.
func (e *Env) tomlItem(v any, depth int) (lua.LValue, error) {
	e.Budget.Count(itemSize)
	if err := e.Budget.Spend(1); err != nil {
		return nil, err
	}
	return e.tomlValue(v, depth+1)
}
