package engine

import (
	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// Check returns what looks wrong in the scripts and their modules, each file once. The Rank of a finding tells an error from a warning.
func (p *Program) Check() []*ScriptError {
	var all []*ScriptError
	api := p.api()
	seen := map[*File]bool{}
	for _, s := range p.Scripts {
		for f := range s.all() {
			if seen[f] {
				continue
			}
			seen[f] = true
			for _, found := range f.Lint.Check(s.surroundings(f, api)) {
				all = append(all, f.finding(found))
			}
		}
	}
	return all
}

// surroundings are the API and what else a file of a script finds: the modules, and the globals of the other files.
func (s *Script) surroundings(file *File, api lint.API) lint.API {
	modules := append([]string(nil), api.Modules...)
	for _, m := range s.Modules {
		modules = append(modules, m.Name)
	}
	api.Modules, api.Others = modules, nil
	for f := range s.all() {
		if f != file {
			api.Others = append(api.Others, f.Lint.Globals())
		}
	}
	return api
}

// API returns what scripts can use, for the checks of lint.
func API() lint.API {
	api := lint.API{Members: luaapi.GlobalNames()}
	for name := range api.Members {
		api.Globals = append(api.Globals, name)
	}
	for s := range protocol.Stage(protocol.NumStages) {
		api.Hooks = append(api.Hooks, s.String())
	}
	for _, n := range actionNeeds {
		if n.with == "" { // other things have methods of those names
			api.Actions = append(api.Actions, n.name)
		}
	}
	api.Actions = append(api.Actions, "progress")
	api.Modules = builtInModules()
	for _, m := range luaapi.Modules() {
		if m.Kind != luaapi.Object {
			continue
		}
		for _, f := range m.Funcs {
			api.Methods = append(api.Methods, f.Name)
		}
		for _, f := range m.Fields {
			api.Methods = append(api.Methods, f.Name)
		}
	}
	return api
}
