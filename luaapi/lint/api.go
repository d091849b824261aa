package lint

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// API is what scripts find when they run.
type API struct {
	Hooks   []string
	Globals []string            // every global a script may use, Lua's own included
	Members map[string][]string // the members of those globals that are tables, such as "string"
	Actions []string            // methods of msg that work only in eom
	Modules []string            // what require finds
	Others  []Globals           // of the other files of the same script
	Methods []string            // other fields and methods of conn, msg, headers and neg; only for hints

	Params    map[string][]string // what each hook is given: names of types, or of strings
	Types     map[string]Type     // the objects, by the names that fields and results have as their type; "string" for its methods
	Functions map[string]Function // by spelling: "reject", "string.lower", "address.parse"
	Values    map[string][]string // what built-in modules have beside functions: "null" of "json"
	Unmet     map[string]Unmet    // modules and functions, by spelling, that have nobody to ask here
	// Reply reports what is wrong with a call of reject or another verdict; nil to check none.
	Reply func(verdict string, args []lua.LValue) error
}

// Unmet is what a module or a function needs and does not have.
type Unmet struct {
	Needs string // "clamav.address in the configuration"
	Hint  string // what to do
}

// Type is what a value with fields and methods has.
type Type struct {
	Fields  map[string]string // their types, as in Function.Result
	Methods map[string]Function
}

// Function is a function, or a method without its object.
type Function struct {
	Params []Param
	Result string   // type of the first result: "string", "part[]", "string|table", "string?" for one that may be nil; "" for none
	Stages []string // hooks in which it works; nil for all
}

// Param is a parameter of a function; one that is called "..." takes any number of arguments.
type Param struct {
	Name, Type string
	Optional   bool
}

// count returns how many arguments a function takes, most being -1 for any number. A missing value is nil: so one that may be anything may be missing.
func (f Function) count() (least, most int) {
	for i, p := range f.Params {
		if p.Name == "..." {
			return least, -1
		}
		if !p.Optional && p.Type != "any" {
			least = i + 1
		}
	}
	return least, len(f.Params)
}

// names returns the fields and methods of a type, sorted.
func (t Type) names() []string {
	var names []string
	for name := range t.Fields {
		names = append(names, name)
	}
	for name := range t.Methods {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// functionsOfLibrary returns the names of the functions of a library or module, sorted.
func (a *API) functionsOfLibrary(name string) []string {
	var names []string
	for full := range a.Functions {
		if rest, ok := strings.CutPrefix(full, name+"."); ok {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names
}
