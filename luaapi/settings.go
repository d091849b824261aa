package luaapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

var settingsModule = Module{
	"configuration", Globals,
	"What an administrator can set for a script without editing it. The script declares its settings at its top, with their defaults:\n\n" +
		"    local cfg = settings { delay = \"5m\", limit = 100, trusted = { \"example.com\" } }\n\n" +
		"The configuration file overrides them in the section of the script's name, here `[script.greylist]` for `greylist.lua`: `delay = \"10m\"`. A key that the script does not declare, and a value of another type, stop the start or the reload. " +
		"`luamilter check` shows the settings of a script.",
	nil,
	[]Func{
		{"settings", "defaults: table", "table", "", "Declares the settings in `defaults`, and gives a table of their values: those of the configuration, and else the defaults. A default is text, a number, a boolean, a list, or a table of those; what the configuration says must be of the same kind, " +
			"and where the default is a length of time such as \"5m\" or \"1h30m\", it must be one too.",
			"Inside a hook. A default is of another kind, or declared twice. The configuration has a value of another kind.", "", (*Env).bindSettings},
	},
}

// Given is a value that the configuration has for a setting.
type Given struct {
	Value  any    // string, bool, int64, float64, []any or map[string]any of these
	Origin string // where it stands: file:line
}

// Setting is one that a script declares.
type Setting struct {
	Name    string
	Kind    string // text, time, number, boolean, list, table
	Value   string // as it would be written in the configuration
	Default string
	Origin  string // where the value stands, "" if it is the default
}

func (e *Env) bindSettings() lua.LGFunction {
	return func(L *lua.LState) int {
		if e.call != nil {
			L.RaiseError("settings declares at the top of the script, not inside a hook")
		}
		defaults, ok := L.Get(1).(*lua.LTable)
		if !ok {
			L.RaiseError("settings: defaults is %s; a table such as { limit = 100 } was expected", kindOf(L.Get(1)))
		}
		out := L.CreateTable(0, 8)
		for k, v := defaults.Next(lua.LNil); k != lua.LNil; k, v = defaults.Next(k) {
			name, ok := k.(lua.LString)
			if !ok {
				L.RaiseError("settings: %s has no name; write name = value", shortKey(k))
			}
			value, err := e.declare(string(name), v)
			if err != nil {
				L.RaiseError("settings: %v", err)
			}
			out.RawSet(name, value)
		}
		L.Push(out)
		return 1
	}
}

// declare notes a setting and returns its value.
func (e *Env) declare(name string, def lua.LValue) (lua.LValue, error) {
	if slices.ContainsFunc(e.Declared, func(s Setting) bool { return s.Name == name }) {
		return nil, fmt.Errorf("%s is declared twice", name)
	}
	kind := settingKind(def)
	if kind == "" {
		return nil, fmt.Errorf("the default of %s is %s; it can be text, a number, a boolean, a list or a table of those", name, kindOf(def))
	}
	s := Setting{Name: name, Kind: kind, Default: settingText(def)}
	value := def
	if given, ok := e.Settings[name]; ok {
		v, err := e.given(given.Value, def)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", given.Origin, name, err)
		}
		value, s.Origin = v, given.Origin
	}
	s.Value = settingText(value)
	e.Declared = append(e.Declared, s)
	return value, nil
}

// The kinds of setting.
const (
	kindText    = "text"
	kindTime    = "time"
	kindNumber  = "number"
	kindBoolean = "boolean"
	kindList    = "list"
	kindTable   = "table"
)

// settingKind returns what kind of setting a default makes, "" for one that makes none.
func settingKind(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		if isLength(string(v)) {
			return kindTime
		}
		return kindText
	case lua.LNumber:
		return kindNumber
	case lua.LBool:
		return kindBoolean
	case *lua.LTable:
		return tableKind(v)
	}
	return ""
}

// tableKind tells a list from a table with names. One that is empty can become either.
func tableKind(t *lua.LTable) string {
	kind := kindList
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if settingKind(v) == "" {
			return ""
		}
		if _, ok := k.(lua.LString); ok {
			kind = kindTable
		}
	}
	return kind
}

// given makes a value of the configuration one of Lua, if it is of the kind of the default.
func (e *Env) given(value any, def lua.LValue) (lua.LValue, error) {
	kind := settingKind(def)
	switch value := value.(type) {
	case string:
		if kind == kindText || kind == kindTime && isLength(value) {
			return lua.LString(value), nil
		}
	case bool:
		if kind == kindBoolean {
			return lua.LBool(value), nil
		}
	case int64:
		if kind == kindNumber {
			return lua.LNumber(value), nil
		}
	case float64:
		if kind == kindNumber {
			return lua.LNumber(value), nil
		}
	case []any:
		if kind == kindList {
			return e.givenList(value, def.(*lua.LTable))
		}
	case map[string]any:
		if kind == kindTable || kind == kindList && def.(*lua.LTable).Len() == 0 {
			return e.givenTable(value, def.(*lua.LTable))
		}
	}
	return nil, fmt.Errorf("%s was expected, as the default %s; the configuration has %s", article(kind), settingText(def), givenKind(value))
}

// givenList makes a list whose items are like the first of the default.
func (e *Env) givenList(items []any, def *lua.LTable) (lua.LValue, error) {
	out := e.L.CreateTable(len(items), 0)
	for i, item := range items {
		v, err := e.item(item, def.RawGetInt(1))
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		out.RawSetInt(i+1, v)
	}
	return out, nil
}

// givenTable makes a table over the default: what is in both must be alike, what is new may be anything.
func (e *Env) givenTable(items map[string]any, def *lua.LTable) (lua.LValue, error) {
	out := e.L.CreateTable(0, len(items))
	for k, v := def.Next(lua.LNil); k != lua.LNil; k, v = def.Next(k) {
		out.RawSet(k, v)
	}
	for name, item := range items {
		v, err := e.item(item, def.RawGetString(name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out.RawSetString(name, v)
	}
	return out, nil
}

// item makes a value like another, or any value where there is no other.
func (e *Env) item(value any, like lua.LValue) (lua.LValue, error) {
	if like != lua.LNil {
		return e.given(value, like)
	}
	switch value := value.(type) {
	case string:
		return lua.LString(value), nil
	case bool:
		return lua.LBool(value), nil
	case int64:
		return lua.LNumber(value), nil
	case float64:
		return lua.LNumber(value), nil
	case []any:
		return e.givenList(value, e.L.NewTable())
	case map[string]any:
		return e.givenTable(value, e.L.NewTable())
	}
	return nil, errors.New("such a value cannot be given to Lua")
}

func article(kind string) string {
	switch kind {
	case kindText:
		return "text"
	case kindTime:
		return "a length of time"
	}
	return "a " + kind
}

// givenKind says what the configuration has.
func givenKind(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the text %q", v)
	case bool:
		return fmt.Sprintf("the boolean %v", v)
	case int64, float64:
		return fmt.Sprintf("the number %v", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "something else"
}

// settingText writes a value as it would stand in the configuration.
func settingText(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return fmt.Sprintf("%q", string(v))
	case lua.LNumber:
		return fullNumber(v)
	case *lua.LTable:
		return settingTableText(v)
	}
	return v.String()
}

func settingTableText(t *lua.LTable) string {
	var items, named []string
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if name, ok := k.(lua.LString); ok {
			named = append(named, fmt.Sprintf("%s = %s", string(name), settingText(v)))
		} else {
			items = append(items, settingText(v))
		}
	}
	if len(named) == 0 {
		return "[" + strings.Join(items, ", ") + "]"
	}
	slices.Sort(named)
	return "{" + strings.Join(append(items, named...), ", ") + "}"
}
