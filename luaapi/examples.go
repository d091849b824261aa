package luaapi

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// Example shows how a function, a hook or a field is used. The engine's tests run it and compare what it says behind "-->".
type Example struct {
	Name string // what it is an example of, within its module
	Text string // Lua: whole hooks, or what stands in eom
}

// exampleFiles has a file for each module, with a section for each function that begins with a line "--- name".
//
//go:embed examples
var exampleFiles embed.FS

// hooksName is the name that hooks have where modules have theirs.
const hooksName = "hooks"

// Examples returns the examples of a module, or of "hooks", in the order of their file; none if there is no such file.
func Examples(module string) []Example {
	text, err := exampleFiles.ReadFile("examples/" + module + ".lua")
	if err != nil {
		return nil
	}
	var all []Example
	for section := range strings.SplitSeq("\n"+string(text), "\n--- ") {
		name, code, found := strings.Cut(section, "\n")
		if found && name != "" {
			all = append(all, Example{name, strings.Trim(code, "\n") + "\n"})
		}
	}
	return all
}

// ExampleMessage returns the message that examples are about, with LF line ends.
func ExampleMessage() string { return exampleFile("message.eml") }

// ExampleScript returns the script that the examples of tests are about.
func ExampleScript() string { return exampleFile("filter.lua") }

func exampleFile(name string) string {
	text, err := exampleFiles.ReadFile("examples/" + name)
	if err != nil {
		panic(err) // it is part of the binary
	}
	return string(text)
}

// example returns the example of a name, "" if there is none.
func example(all []Example, name string) string {
	i := slices.IndexFunc(all, func(e Example) bool { return e.Name == name })
	if i < 0 {
		return ""
	}
	return all[i].Text
}

// checkExamples reports a function without an example, an example of what is not there, and two of one.
func (m *Module) checkExamples(all []Example) error {
	seen := map[string]bool{}
	for _, e := range all {
		if seen[e.Name] {
			return fmt.Errorf("%s.%s has two examples in luaapi/examples/%s.lua", m.Name, e.Name, m.Name)
		}
		seen[e.Name] = true
		if !m.has(e.Name) {
			return fmt.Errorf("luaapi/examples/%s.lua has an example of %s, which %s does not have", m.Name, e.Name, m.Name)
		}
	}
	for i := range m.Funcs {
		if name := m.Funcs[i].Name; !seen[name] {
			return fmt.Errorf("%s.%s has no example: add a section \"--- %s\" to luaapi/examples/%s.lua", m.Name, name, name, m.Name)
		}
	}
	return nil
}

// has reports whether a module has a function or a field of that name.
func (m *Module) has(name string) bool {
	return slices.ContainsFunc(m.Funcs, func(f Func) bool { return f.Name == name }) ||
		slices.ContainsFunc(m.Fields, func(p Property) bool { return p.Name == name })
}
