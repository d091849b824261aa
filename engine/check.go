package engine

import (
	"strings"

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

// Unconfigured returns where scripts and their modules use what is unmet, as Check finds it for Options.Unmet, and nothing else.
func (p *Program) Unconfigured(unmet map[string]lint.Unmet) []*ScriptError {
	if len(unmet) == 0 {
		return nil
	}
	var all []*ScriptError
	api := p.api()
	api.Unmet = unmet
	seen := map[*File]bool{}
	for _, s := range p.Scripts {
		for f := range s.all() {
			if seen[f] {
				continue
			}
			seen[f] = true
			for _, found := range f.Lint.Unconfigured(s.surroundings(f, api)) {
				all = append(all, f.finding(found))
			}
		}
	}
	return all
}

// apiWithout is API, of which some has nobody to ask.
func apiWithout(unmet map[string]lint.Unmet) lint.API {
	api := API()
	api.Unmet = unmet
	return api
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
	api := lint.API{Members: luaapi.GlobalNames(), Params: map[string][]string{}, Reply: luaapi.CheckReply}
	for name := range api.Members {
		api.Globals = append(api.Globals, name)
	}
	for s := range protocol.Stage(protocol.NumStages) {
		api.Hooks = append(api.Hooks, s.String())
		api.Params[s.String()] = luaapi.HookParams(s)
	}
	for _, n := range actionNeeds {
		if n.with == "" { // other things have methods of those names
			api.Actions = append(api.Actions, n.name)
		}
	}
	api.Actions = append(api.Actions, "progress")
	api.Modules = builtInModules()
	api.Functions, api.Values = functions(), values()
	api.Types = types(api.Functions)
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

// functions returns those of the libraries, the modules and the globals, as scripts write them.
func functions() map[string]lint.Function {
	all := map[string]lint.Function{}
	for _, m := range luaapi.Modules() {
		prefix := ""
		switch m.Kind {
		case luaapi.Object:
			continue
		case luaapi.Library, luaapi.Require:
			prefix = m.Name + "."
		}
		for _, f := range m.Funcs {
			all[prefix+f.Name] = function(f)
		}
	}
	return all
}

// values returns what modules have beside functions, by module.
func values() map[string][]string {
	all := map[string][]string{}
	for _, m := range luaapi.Modules() {
		if m.Kind != luaapi.Require {
			continue
		}
		for _, p := range m.Fields {
			all[m.Name] = append(all[m.Name], p.Name)
		}
	}
	return all
}

func function(f luaapi.Func) lint.Function {
	out := lint.Function{Stages: strings.Fields(f.Stages)}
	if results := f.Results(); len(results) > 0 {
		out.Result = results[0]
	}
	for _, p := range f.Parameters() {
		out.Params = append(out.Params, lint.Param{Name: p.Name, Type: p.Type, Optional: p.Optional})
	}
	return out
}

// types returns the objects that scripts meet, and what strings have as methods.
func types(functions map[string]lint.Function) map[string]lint.Type {
	all := map[string]lint.Type{}
	for _, m := range luaapi.Modules() {
		if m.Kind != luaapi.Object {
			continue
		}
		t := lint.Type{Fields: map[string]string{}, Methods: map[string]lint.Function{}}
		for _, p := range m.Fields {
			t.Fields[p.Name] = p.Type
		}
		for _, f := range m.Funcs {
			t.Methods[f.Name] = function(f)
		}
		all[m.Name] = t
	}
	for name, fields := range luaapi.RecordFields() {
		all[name] = lint.Type{Fields: fields}
	}
	text := lint.Type{Methods: map[string]lint.Function{}}
	for full, f := range functions {
		if name, ok := strings.CutPrefix(full, "string."); ok && len(f.Params) > 0 && f.Params[0].Name != "..." {
			f.Params = f.Params[1:] // the string itself
			text.Methods[name] = f
			if _, own := all["body"].Methods[name]; !own {
				all["body"].Methods[name] = f
			}
		}
	}
	all["string"] = text
	return all
}
