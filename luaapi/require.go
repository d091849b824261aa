package luaapi

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/maps"
	"luamilter/luaapi/module"
	"luamilter/luaapi/re"
)

var requireModule = Module{
	"modules", Globals,
	"Code of your own that several scripts share, or that makes a script too long, goes into files below the script's folder.",
	nil,
	[]Func{
		{"require", "name: string", "any", "", "Returns a module: a built-in one of that `name`, or else what the file `name.lua` in the script's folder returns (`true` if nothing), also inside modules; `require \"a.b\"` is the file a/b.lua. " +
			"Names are letters, digits, `_` and `-` in parts joined by dots. The file runs at the first `require` in each VM, with the globals of the script; later ones get the same value. " +
			"Require modules at the top of the script: inside a hook, a file that runs for the first time can no longer declare globals. Files are read when the script is loaded; so a name that is computed finds only built-in modules and files that are required by name somewhere in the script or its modules.",
			"There is no such module: already when the script is loaded, unless it stands in `pcall(require, name)`. The file fails when it runs. Modules require one another in a circle.",
			"Lua 5.1 manual section 5.3", (*Env).bindRequire},
	},
}

// ModuleFiles are the files that a script may require, and what is kept beside them. All VMs of the script share them.
type ModuleFiles struct {
	Folder  string                        // where they are
	Protos  map[string]*lua.FunctionProto // by name
	Missing []string                      // names that were looked for in vain

	Expressions re.Cache // what the script has compiled with re

	ownMaps maps.Pool // where the daemon has none
	kept    sync.Map  // maps that the script has opened, as keys: they live as long as it
}

// keep has a map live as long as the script.
func (m *ModuleFiles) keep(opened *maps.Map) { m.kept.Store(opened, nil) }

// requiring is what a VM has of modules so far.
type requiring struct {
	loaded  map[string]lua.LValue
	running []string // files that are not at their end yet, the first one first
}

func (e *Env) bindRequire() lua.LGFunction {
	return func(L *lua.LState) int {
		name := text(L, "require", 1, "the name")
		if lib := e.library(name); lib != nil {
			L.Push(lib)
			return 1
		}
		value, ok := e.required.loaded[name]
		if !ok {
			value = e.loadModule(L, name)
		}
		L.Push(value)
		return 1
	}
}

// loadModule runs a module's file. One that fails is not remembered: whoever requires it next gets the error again.
func (e *Env) loadModule(L *lua.LState, name string) lua.LValue {
	proto := e.Files.Protos[name]
	if proto == nil {
		L.RaiseError("%s", e.Files.absent(name))
	}
	if i := slices.Index(e.required.running, name); i >= 0 {
		L.RaiseError("require: %s", strings.Join(append(slices.Clone(e.required.running[i:]), name), " requires "))
	}
	before := len(e.required.running)
	e.required.running = append(e.required.running, name)
	defer func() { e.required.running = e.required.running[:before] }() // also when it fails
	L.Push(e.L.NewFunctionFromProto(proto))
	L.Push(lua.LString(name))
	L.Call(1, 1)
	value := L.Get(-1)
	L.Pop(1)
	if value == lua.LNil {
		value = lua.LTrue
	}
	if e.required.loaded == nil {
		e.required.loaded = map[string]lua.LValue{}
	}
	e.required.loaded[name] = value
	return value
}

// absent says why there is no module of that name.
func (m *ModuleFiles) absent(name string) string {
	if err := module.CheckName(name); err != nil {
		return "require: " + err.Error()
	}
	file := filepath.Join(m.Folder, filepath.FromSlash(module.File(name)))
	if m.Folder == "" || slices.Contains(m.Missing, name) {
		return MissingModule(name, file)
	}
	return fmt.Sprintf("module %q is not built in, and a file is found under a computed name only if it is required by name somewhere; write require %q once", name, name)
}

// MissingModule is the error about a module that is neither built in nor there as a file.
func MissingModule(name, file string) string {
	return fmt.Sprintf("module %q is not there: neither built in nor %s", name, file)
}
