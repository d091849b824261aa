package luaapi

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"luamilter/protocol"
)

const typesHead = `---@meta luamilter
-- What luamilter gives to scripts, for editors: LuaCATS annotations, made by "luamilter types". Do not edit.
-- Functions of Lua 5.1 that are as its manual says are not here: editors know them.

---What hooks return.
---@class luamilter.verdict

---A header value that goes out as it is.
---@class luamilter.raw

---@class luamilter.macros
---@field [string] string?
local macros = {}

---All macros that are visible.
---@return table<string, string>
function macros:all() end

---ESMTP parameters: in order as sent, and by upper-case name, true for one without a value.
---@class luamilter.params
---@field [integer] string
---@field [string] string|true

---A verdict that can be called with the reply: a text, (status, text), (code, text) or (code, status, text).
---@class luamilter.reply: luamilter.verdict
---@overload fun(text: string): luamilter.verdict
---@overload fun(status: string, text: string): luamilter.verdict
---@overload fun(code: integer, text: string): luamilter.verdict
---@overload fun(code: integer, status: string, text: string): luamilter.verdict

---Called whenever the script is loaded for use; false and why, or an error, stops that.
---@type fun(): boolean?, string?
selftest = nil

`

// besideFields is what an object has beside fields with names.
func besideFields(object string) string {
	switch object {
	case "conn":
		return "---@field [string] any what the script keeps\n"
	case "headers":
		return "---@field [integer] luamilter.field\n---@operator len: integer\n"
	case "body":
		return "---@operator len: integer\n---@operator concat(string|number): string\n"
	}
	return ""
}

// WriteTypes writes the definitions of everything scripts can use, and of more modules, for lua-language-server.
func WriteTypes(w io.Writer, more ...Module) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, typesHead)
	for s := range protocol.Stage(protocol.NumStages) {
		writeHookType(out, s)
	}
	for _, m := range append(Modules(), more...) {
		m.writeTypes(out)
	}
	return out.Flush()
}

// WriteModuleTypes writes the file that editors find for require "name"; the definitions themselves are in what WriteTypes writes.
func WriteModuleTypes(w io.Writer, name string) error {
	_, err := fmt.Fprintf(w, "---@meta %s\n-- Made by \"luamilter types\". Do not edit.\n\n---@type luamilter.%s\nlocal %s\nreturn %s\n", name, name, name, name)
	return err
}

// RequiredModules returns the names of the built-in modules that scripts must require.
func RequiredModules() []string {
	var names []string
	for _, m := range Modules() {
		if m.Kind == Require {
			names = append(names, m.Name)
		}
	}
	return names
}

// writeHookType declares a hook as a global, so that its parameters have types where a script defines it.
func writeHookType(w io.Writer, s protocol.Stage) {
	h := hookArguments[s]
	var params []string
	for name := range strings.SplitSeq(h.args, ", ") {
		params = append(params, name+": "+argumentType(name))
	}
	result := ""
	if s != protocol.StageNegotiate && s != protocol.StageAbort && s != protocol.StageClose {
		result = ": luamilter.verdict?"
	}
	writeDoc(w, h.doc)
	fmt.Fprintf(w, "---@type fun(%s)%s\n%s = nil\n\n", strings.Join(params, ", "), result, s)
}

// argumentType returns the type of a hook's argument; what is no object is a string.
func argumentType(name string) string {
	switch name {
	case "conn", "neg", "msg", "headers", "params":
		return "luamilter." + name
	}
	return "string"
}

// writeTypes writes one module.
func (m *Module) writeTypes(w io.Writer) {
	switch {
	case m.Name == "verdict":
		m.writeVerdictTypes(w)
		return
	case m.ofLua51(): // the editor knows the rest
	case m.Kind == Globals:
		for i := range m.Fields {
			fmt.Fprintf(w, "---@type %s\n%s = nil\n\n", luaType(m.Fields[i].Type), m.Fields[i].Name)
		}
	default:
		m.writeClass(w)
	}
	for i := range m.Funcs {
		if f := &m.Funcs[i]; !ofLua51(f.Source) {
			f.writeType(w, m)
		}
	}
}

// writeClass writes a class with its fields, and the variable whose methods follow.
func (m *Module) writeClass(w io.Writer) {
	writeDoc(w, m.Doc)
	parent := ""
	if m.Name == "body" {
		parent = ": string"
	}
	fmt.Fprintf(w, "---@class luamilter.%s%s\n", m.Name, parent)
	for i := range m.Fields {
		p := &m.Fields[i]
		fmt.Fprintf(w, "---@field %s %s %s\n", p.Name, luaType(p.Type), referenceLink.ReplaceAllString(p.Doc, "$1"))
	}
	fmt.Fprint(w, besideFields(m.Name))
	switch {
	case m.Kind == Library:
		fmt.Fprintf(w, "%s = {}\n", m.Name)
	case len(m.Funcs) > 0:
		fmt.Fprintf(w, "local %s = {}\n", m.Name)
	}
	fmt.Fprintln(w)
}

func (m *Module) writeVerdictTypes(w io.Writer) {
	for i := range m.Funcs {
		f := &m.Funcs[i]
		class := "reply"
		if m.isValue(f) {
			class = "verdict"
		}
		writeDoc(w, f.Doc)
		fmt.Fprintf(w, "---@type luamilter.%s\n%s = nil\n\n", class, f.Name)
	}
}

// writeType writes one function.
func (f *Func) writeType(w io.Writer, m *Module) {
	writeDoc(w, f.Doc)
	if f.Stages != "" {
		writeDoc(w, "\nWorks in: "+strings.ReplaceAll(f.Stages, " ", ", "))
	}
	var names []string
	for _, p := range f.Parameters() {
		names = append(names, p.Name)
		if p.Optional && p.Name != "..." {
			p.Name += "?"
		}
		fmt.Fprintf(w, "---@param %s %s\n", p.Name, luaType(p.Type))
	}
	for _, r := range f.Results() {
		fmt.Fprintf(w, "---@return %s\n", luaType(r))
	}
	prefix := map[Kind]string{Globals: "", Object: m.Name + ":", Library: m.Name + ".", Require: m.Name + "."}[m.Kind]
	fmt.Fprintf(w, "function %s%s(%s) end\n\n", prefix, f.Name, strings.Join(names, ", "))
}

// referenceLink is a link within the reference, which leads nowhere from elsewhere.
var referenceLink = regexp.MustCompile(`\[(\w+)\]\(#\w+\)`)

// writeDoc writes a text as comments that editors show.
func writeDoc(w io.Writer, text string) {
	for line := range strings.SplitSeq(referenceLink.ReplaceAllString(text, "$1"), "\n") {
		fmt.Fprintf(w, "---%s\n", line)
	}
}

// ofLua51 reports whether a library is one of Lua 5.1, maybe with a few functions more.
func (m *Module) ofLua51() bool {
	for i := range m.Funcs {
		if ofLua51(m.Funcs[i].Source) {
			return true
		}
	}
	return false
}

func ofLua51(source string) bool { return strings.HasPrefix(source, "Lua 5.1 manual") }

// luaType writes a type of an entry as LuaCATS does.
func luaType(t string) string {
	bare := strings.TrimSuffix(t, "?")
	optional := t[len(bare):]
	if of, is := strings.CutPrefix(bare, "iterator"); is {
		if of == "" {
			return "fun(): any"
		}
		var types []string
		for one := range strings.SplitSeq(strings.Trim(of, "<>"), ", ") {
			types = append(types, luaType(one))
		}
		return "fun(): " + strings.Join(types, ", ")
	}
	var types []string
	for one := range strings.SplitSeq(bare, "|") {
		types = append(types, typeName(one))
	}
	if optional != "" && len(types) > 1 {
		return strings.Join(types, "|") + "|nil"
	}
	return strings.Join(types, "|") + optional
}

// typeName returns the name of one type: Lua's own as they are, ours in their name space.
func typeName(t string) string {
	switch strings.TrimSuffix(t, "[]") {
	case "string", "integer", "number", "boolean", "table", "any", "function", "thread":
		return t
	}
	return "luamilter." + t
}
