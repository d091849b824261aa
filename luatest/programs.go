package luatest

import (
	"errors"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/protocol"
)

// Mode is how the scripts under test get their VMs.
type Mode uint8

// The modes.
const (
	Fresh Mode = iota // each session has VMs that nobody used before, and keeps them
	Used              // VMs that other sessions have used, another one for each event
)

// program returns the program of some scripts with some settings, which the file loads once.
func (f *file) program(L *lua.LState, scripts []string, settings *lua.LTable) *engine.Program {
	key := strings.Join(scripts, "\x00") + "\x00\x00" + show(orNil(settings))
	if p := f.loaded[key]; p != nil {
		return p
	}
	var paths []string
	for _, s := range scripts {
		if !filepath.IsAbs(s) {
			s = filepath.Join(filepath.Dir(f.path), s)
		}
		paths = append(paths, s)
	}
	p, err := engine.Load(paths, f.options(given(L, paths, settings)))
	if err != nil {
		f.broken(L, err)
	}
	if f.mode == Fresh {
		p.Close() // VMs that come back go, and each session gets a new one
	}
	f.loaded[key] = p
	return p
}

// broken ends the test because the scripts cannot be loaded: with the place in a script, if it is there, or else in the test.
func (f *file) broken(L *lua.LState, err error) {
	var script *engine.ScriptError
	if errors.As(err, &script) {
		stop(L, err)
	}
	f.fail(L, Failure{}, "session: "+err.Error())
}

// options are how scripts under test are loaded. Their Services reach nothing outside the process: a store is in memory and empty when a test begins,
// name servers are fakes, which tests tell what to answer, and a module that has no such fake says that it is not there.
func (f *file) options(settings map[string]engine.ScriptOptions) engine.Options {
	return engine.Options{
		Limits: engine.DefaultLimits, OnError: protocol.Tempfail, Scripts: settings,
		Clock: f.clock, Services: f.world, Rotate: f.mode == Used, Coverage: f.run.Coverage,
	}
}

func orNil(t *lua.LTable) lua.LValue {
	if t == nil {
		return lua.LNil
	}
	return t
}

// given makes settings of a table: those of the only script, or of each script by its name.
func given(L *lua.LState, paths []string, t *lua.LTable) map[string]engine.ScriptOptions {
	out := map[string]engine.ScriptOptions{}
	if t == nil {
		return out
	}
	if len(paths) == 1 {
		out[engine.ScriptName(paths[0])] = engine.ScriptOptions{Settings: settingsOf(t)}
		return out
	}
	var names []string
	for _, path := range paths {
		names = append(names, engine.ScriptName(path))
	}
	checkKeys(L, "session: settings of several scripts", t, names...)
	for _, name := range names {
		if one, ok := t.RawGetString(name).(*lua.LTable); ok {
			out[name] = engine.ScriptOptions{Settings: settingsOf(one)}
		}
	}
	return out
}

func settingsOf(t *lua.LTable) map[string]luaapi.Given {
	out := map[string]luaapi.Given{}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		out[k.String()] = luaapi.Given{Value: plain(v), Origin: "settings"}
	}
	return out
}

// plain returns a value as the configuration would have it.
func plain(v lua.LValue) any {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return float64(v)
	case lua.LBool:
		return bool(v)
	case *lua.LTable:
		if v.Len() > 0 {
			var list []any
			for i := 1; i <= v.Len(); i++ {
				list = append(list, plain(v.RawGetInt(i)))
			}
			return list
		}
		named := map[string]any{}
		for k, item := v.Next(lua.LNil); k != lua.LNil; k, item = v.Next(k) {
			named[k.String()] = plain(item)
		}
		if len(named) == 0 {
			return []any{}
		}
		return named
	}
	return v.String()
}
