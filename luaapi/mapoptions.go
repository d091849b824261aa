package luaapi

import (
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/maps"
	"luamilter/luaapi/maps/format"
)

var mapoptionsModule = Module{
	"mapoptions", Record, "What the functions of `map` take besides the source. Times are texts such as `\"5m\"`, or seconds.",
	[]Property{
		{"fold", "boolean?", "Of `map.set`, `map.table` and `map.regex`: case does not matter.", ""},
		{"format", "string?", "`lines`, `csv`, `json`, `cdb`, `texthash`, `cidr` or `regexp`, if the source does not say it.", ""},
		{"key", "string|integer?", "Of `csv`: the column of the key, by its number (1) or its name in the first line. Of a `json` array of objects: the member.", ""},
		{"value", "string|integer?", "Likewise of the value (2).", ""},
		{"query", "string?", "SQL with one parameter (`?`, in PostgreSQL `$1`), whose first column is the value; a filter such as `(mail=%s)`, in which the key is escaped; or a command of Redis, `GET user:?`, `EXISTS user:?`, `HGET users ?`, `HEXISTS users ?`, `SISMEMBER blocked ?` or `ZSCORE scores ?`.", ""},
		{"load", "boolean?", "Of databases and Redis: `query` has no parameter, and everything it finds is read: a column of keys, and one of values; `SMEMBERS blocked`, `HGETALL users`.", ""},
		{"user", "string?", "Of directories: the name to bind with.", ""},
		{"password", "string?", "Of directories: the password for it.", ""},
		{"refresh", "string|number?", "How often what comes from a server is read again: `\"5m\"`.", ""},
		{"ttl", "string|number?", "How long an answer of a server is kept: `\"1m\"`.", ""},
		{"timeout", "string|number?", "How long a server may take for a key: `\"3s\"`.", ""},
		{"on_error", "string?", "`\"pass\"`: what a server does not answer is not there. `\"fail\"`: it raises an error.", ""},
	}, nil,
}

// mapOptions reads the options of a map.
func mapOptions(L *lua.LState, function string, s *maps.Spec, o *openMap) {
	var name string
	takeOptions(L, function, 2,
		boolOption("fold", &s.Fold), textOption("format", &name), columnOption("key", &s.Key), columnOption("value", &s.Value),
		textOption("query", &s.Query.Text), boolOption("load", &s.Load), textOption("user", &s.Query.User), textOption("password", &s.Query.Password),
		timeOption("refresh", &s.Refresh), timeOption("ttl", &s.TTL), timeOption("timeout", &s.Timeout), onErrorOption(&o.fail))
	if name != "" {
		var err error
		s.Format, err = format.Named(name)
		orRaise(L, function, err)
	}
}

// columnOption is an option that is a column's number or name.
func columnOption(name string, into *string) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		switch v.(type) {
		case lua.LString, lua.LNumber:
			*into = v.String()
		default:
			L.RaiseError("%s: %s is %s; the number or the name of a column was expected", function, name, kindOf(v))
		}
	}}
}

// timeOption is an option that is a length of time above 0.
func timeOption(name string, into *time.Duration) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		*into = lengthOfTime(L, function, name, v)
	}}
}

// mapEntries reads the entries that a script has in a table: keys, pairs of key and value in order, or keys with their values.
func mapEntries(L *lua.LState, function string, t *lua.LTable) []format.Entry {
	entries := make([]format.Entry, 0, t.Len())
	for i := 1; i <= t.Len(); i++ {
		entries = append(entries, mapItem(L, function, i, t.RawGetInt(i)))
	}
	listed := len(entries)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if n, ok := k.(lua.LNumber); ok && n >= 1 && int(n) <= listed && n == lua.LNumber(int(n)) {
			continue
		}
		entries = append(entries, format.Entry{Key: mapText(L, function, "a key", k), Value: mapText(L, function, "the value of "+shortKey(k), v)})
	}
	slices.SortFunc(entries[listed:], func(a, b format.Entry) int { return strings.Compare(a.Key, b.Key) })
	return entries
}

// mapItem reads an item of an array.
func mapItem(L *lua.LState, function string, i int, v lua.LValue) format.Entry {
	if pair, ok := v.(*lua.LTable); ok {
		return format.Entry{Key: mapText(L, function, "a key", pair.RawGetInt(1)), Value: mapText(L, function, "a value", pair.RawGetInt(2)), Line: i}
	}
	return format.Entry{Key: mapText(L, function, "an item", v), Line: i}
}

// mapText reads a key or a value; true is one that says nothing.
func mapText(L *lua.LState, function, what string, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return fullNumber(v)
	case lua.LBool:
		if v {
			return ""
		}
	case *lua.LNilType:
		return ""
	}
	L.RaiseError("%s: %s is %s; a text was expected", function, what, kindOf(v))
	return ""
}

// MapEntries reads the entries of a table as map.table does, for what stands in for a list in tests.
func MapEntries(L *lua.LState, function string, t *lua.LTable) []format.Entry {
	return mapEntries(L, function, t)
}
