package luaapi

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
)

// wishes are the options of a function in a table, such as ratelimit.new{ rate = "200/h" }.
type wishes struct {
	L        *lua.LState
	function string
	table    *lua.LTable
}

// wishesOf returns the options that a function is called with, of which those are known. example shows how it is called.
func wishesOf(L *lua.LState, function, example string, known ...string) *wishes {
	return wishesIn(L, function, L.Get(1), example, known...)
}

// wishesIn is wishesOf for options in any value.
func wishesIn(L *lua.LState, function string, options lua.LValue, example string, known ...string) *wishes {
	table, ok := options.(*lua.LTable)
	if !ok {
		L.RaiseError("%s: options is %s; a table such as %s was expected", function, kindOf(options), example)
	}
	for k, _ := table.Next(lua.LNil); k != lua.LNil; k, _ = table.Next(k) {
		name, ok := k.(lua.LString)
		if !ok {
			L.RaiseError("%s: option %s has no name; write %s", function, shortKey(k), example)
		}
		if slices.Contains(known, string(name)) {
			continue
		}
		hint := "; there are " + strings.Join(known, ", ")
		if near := lint.Nearest(string(name), known); near != "" {
			hint = ", did you mean " + near + "?"
		}
		L.RaiseError("%s: there is no option %s%s", function, shortKey(k), hint)
	}
	return &wishes{L, function, table}
}

// text returns an option that is a text.
func (o *wishes) text(name, otherwise string) string {
	switch v := o.table.RawGetString(name).(type) {
	case lua.LString:
		return string(v)
	case *lua.LNilType:
		return otherwise
	default:
		o.wrong(name, v, "a string")
		return ""
	}
}

// whole returns an option that is a whole number.
func (o *wishes) whole(name string, otherwise int) int {
	v := o.table.RawGetString(name)
	if v == lua.LNil {
		return otherwise
	}
	n, ok := v.(lua.LNumber)
	if !ok || float64(n) != math.Trunc(float64(n)) || math.Abs(float64(n)) > math.MaxInt32 {
		o.wrong(name, v, "a whole number")
	}
	return int(n)
}

// is returns an option that is true or false; false if it is not given.
func (o *wishes) is(name string) bool {
	switch v := o.table.RawGetString(name).(type) {
	case lua.LBool:
		return bool(v)
	case *lua.LNilType:
	default:
		o.wrong(name, v, "true or false")
	}
	return false
}

// one returns an option that is one of two words; the first one if it is not given. It reports whether it is the second.
func (o *wishes) one(name, first, second string) bool {
	switch o.text(name, first) {
	case first:
		return false
	case second:
		return true
	}
	o.wrong(name, o.table.RawGetString(name), strconv.Quote(first)+" or "+strconv.Quote(second))
	return false
}

// length returns an option that is a length of time.
func (o *wishes) length(name string, otherwise time.Duration) time.Duration {
	v := o.table.RawGetString(name)
	if v == lua.LNil {
		return otherwise
	}
	return lengthOfTime(o.L, o.function, name, v)
}

// texts returns an option that is a list of texts.
func (o *wishes) texts(name string) (all []string) {
	v := o.table.RawGetString(name)
	list, ok := v.(*lua.LTable)
	switch {
	case v == lua.LNil:
		return nil
	case !ok:
		o.wrong(name, v, "a list of strings")
	}
	for i := range list.Len() {
		item, ok := list.RawGetInt(i + 1).(lua.LString)
		if !ok {
			o.wrong(name, v, "a list of strings")
		}
		all = append(all, string(item))
	}
	return all
}

// fails returns the option on_error: whether a call raises an error when what it needs cannot be reached.
func (o *wishes) fails() bool {
	return onError(o.L, o.function, "on_error", lua.LString(o.text("on_error", "pass")))
}

func (o *wishes) wrong(name string, v lua.LValue, expected string) {
	o.L.RaiseError("%s: %s is %s; %s was expected", o.function, name, wrongText(v), expected)
}

// wrongText shows a value that is not as expected: text and numbers as they are, others by their kind.
func wrongText(v lua.LValue) string {
	switch v.(type) {
	case lua.LString, lua.LNumber:
		return cut(settingText(v), 60)
	}
	return kindOf(v)
}
