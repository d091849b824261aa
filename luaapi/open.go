package luaapi

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
)

// options keep an idle VM small. The registry may grow to 4 MiB.
var options = lua.Options{
	SkipOpenLibs:        true,
	CallStackSize:       stackSize,
	RegistrySize:        256,
	RegistryMaxSize:     registrySize,
	RegistryGrowStep:    256,
	MinimizeStackMemory: true,
	IncludeGoStackTrace: true,
}

// Open makes a VM with everything that scripts can use, and more modules if there are any, which runs within a budget. It does not load
// any script.
func Open(b *budget.Budget, more ...Module) *Env {
	L := lua.NewState(options)
	e := &Env{L: L, Budget: b, libraries: map[string]*lua.LTable{}, Files: &ModuleFiles{}, modules: modules, named: map[string]bool{}}
	if len(more) > 0 {
		e.modules = slices.Concat(modules, more)
	}
	watch(e, L, maxDepth)
	e.openLua()
	e.openVerdicts()
	e.openConn()
	e.openText()
	for i := range e.modules {
		if m := &e.modules[i]; m.Kind == Globals {
			for name, fn := range m.bindAll(e) {
				L.SetGlobal(name, L.NewFunction(fn))
			}
		}
	}
	e.openGlobals()
	e.openOperators()
	return e
}

// modules are those of every VM.
var modules = Modules()

// library returns a built-in library, nil if there is none of that name. It is made when it is first asked for: most scripts use few, and
// together they take more memory than the rest of a VM.
func (e *Env) library(name string) *lua.LTable {
	if lib, ok := e.libraries[name]; ok {
		return lib
	}
	for i := range e.modules {
		m := &e.modules[i]
		if m.Name == name && (m.Kind == Library || m.Kind == Require) {
			var lib *lua.LTable
			if name == lua.StringLibName {
				lib = e.L.CreateTable(0, len(m.Funcs))
				e.strings.ForEach(func(name, method lua.LValue) { lib.RawSet(name, method) })
			} else {
				lib = m.methods(e)
			}
			e.libraries[name] = lib
			e.addConstants(name, lib)
			return lib
		}
	}
	return nil
}

// GlobalNames returns the names that scripts find as globals, with the members of those that are tables.
func GlobalNames() map[string][]string {
	out := map[string][]string{}
	L := Open(&budget.Budget{}).L
	defer L.Close()
	for _, m := range modules {
		if m.Kind == Library {
			L.GetGlobal(m.Name) // makes it
		}
	}
	L.Get(lua.GlobalsIndex).(*lua.LTable).ForEach(func(k, v lua.LValue) {
		var members []string
		if t, ok := v.(*lua.LTable); ok && k.String() != "_G" {
			t.ForEach(func(k, _ lua.LValue) { members = append(members, k.String()) })
		}
		out[k.String()] = members
	})
	return out
}

// once returns a metatable that is made when it is first needed: most scripts see few kinds of objects, and all their methods together
// would be a third of a VM.
func once(mt **lua.LTable, open func()) *lua.LTable {
	if *mt == nil {
		open()
	}
	return *mt
}

// metatable returns a metatable that scripts can neither read nor replace.
func (e *Env) metatable(name string, functions map[string]lua.LGFunction) *lua.LTable {
	mt := e.L.SetFuncs(e.L.CreateTable(0, len(functions)+1), functions)
	mt.RawSetString("__metatable", lua.LString(name))
	return mt
}

// readOnly is the __newindex of an object that scripts cannot assign to; instead says what to do.
func readOnly(object, instead string) lua.LGFunction {
	return func(L *lua.LState) int {
		L.RaiseError("%s is read only; %s", object, instead)
		return 0
	}
}

// object returns a value that a metatable gives its behaviour.
func (e *Env) object(value any, mt *lua.LTable) *lua.LUserData {
	return &lua.LUserData{Value: value, Env: e.L.Env, Metatable: mt}
}
