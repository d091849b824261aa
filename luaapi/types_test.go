package luaapi

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// definitions are what a file of LuaCATS annotations defines and uses.
type definitions struct {
	classes   map[string]bool
	functions map[string][]string // by name as written, msg:text: its parameters
	globals   map[string]string   // by name: their types
	fields    map[string]bool     // class.field
	used      map[string]bool     // the names of types
	problems  []string
}

var (
	annotation   = regexp.MustCompile(`^---@(\w+) ?(.*)$`)
	functionForm = regexp.MustCompile(`^function ([\w.:]+)\((.*)\) end$`)
	variableForm = regexp.MustCompile(`^(?:local )?(\w+) = (?:nil|\{\})$`)
	fieldForm    = regexp.MustCompile(`^(\w+|\[\w+\]) ((?:[\w.]+(?:\[\])?\??\|?)+)`)
	paramForm    = regexp.MustCompile(`^([\w.]+)\?? (\S+)$`)
	typeWord     = regexp.MustCompile(`[A-Za-z][\w.]*`)
)

// readDefinitions is strict: what it does not understand is a problem.
func readDefinitions(text string) *definitions {
	d := &definitions{map[string]bool{}, map[string][]string{}, map[string]string{}, map[string]bool{}, map[string]bool{}, nil}
	class, typ := "", ""
	var params []string
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			class, typ, params = "", "", nil
			continue
		}
		if m := annotation.FindStringSubmatch(line); m != nil {
			switch rest := m[2]; m[1] {
			case "meta":
			case "class":
				name, parent, _ := strings.Cut(rest, ": ")
				class, d.classes[name] = name, true
				d.use(parent)
			case "field":
				f := fieldForm.FindStringSubmatch(rest)
				if f == nil || class == "" {
					d.problems = append(d.problems, line)
					continue
				}
				d.fields[class+"."+f[1]] = true
				d.use(f[2])
			case "param":
				p := paramForm.FindStringSubmatch(rest)
				if p == nil {
					d.problems = append(d.problems, line)
					continue
				}
				params = append(params, p[1])
				d.use(p[2])
			case "type", "return", "overload", "operator":
				typ = rest
				d.useIn(rest)
			default:
				d.problems = append(d.problems, line)
			}
			continue
		}
		d.statement(line, typ, params)
	}
	return d
}

func (d *definitions) statement(line, typ string, params []string) {
	f, v := functionForm.FindStringSubmatch(line), variableForm.FindStringSubmatch(line)
	switch {
	case strings.HasPrefix(line, "--"):
	case f != nil:
		if strings.Join(params, ", ") != f[2] {
			d.problems = append(d.problems, line+" has annotations of "+strings.Join(params, ", "))
		}
		d.functions[f[1]] = params
	case v != nil:
		if !strings.HasPrefix(line, "local ") {
			d.globals[v[1]] = typ
		}
	default:
		d.problems = append(d.problems, line)
	}
}

// use notes the names in a type.
func (d *definitions) use(typ string) {
	if strings.HasPrefix(typ, "fun(") {
		d.useIn(typ)
		return
	}
	for _, name := range typeWord.FindAllString(typ, -1) {
		d.used[name] = true
	}
}

// argumentName is the name before the type of an argument of fun(...).
var argumentName = regexp.MustCompile(`\w+: `)

// useIn notes the names in fun(name: type): type, and what else is no plain type.
func (d *definitions) useIn(typ string) {
	typ = strings.ReplaceAll(typ, "): ", ") ")
	for _, word := range []string{"fun", "concat", "len", "call"} {
		typ = regexp.MustCompile(`\b`+word+`\b`).ReplaceAllString(typ, " ")
	}
	for _, name := range typeWord.FindAllString(argumentName.ReplaceAllString(typ, " "), -1) {
		d.used[name] = true
	}
}

func TestTypes(t *testing.T) {
	var out bytes.Buffer
	if err := WriteTypes(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "---@meta luamilter\n") {
		t.Error("it is no file of definitions")
	}
	d := readDefinitions(out.String())
	for _, p := range d.problems {
		t.Errorf("not understood: %s", p)
	}
	known := []string{"string", "integer", "number", "boolean", "table", "any", "function", "thread", "nil", "true"}
	for name := range d.used {
		if !d.classes[name] && !slices.Contains(known, name) {
			t.Errorf("the type %s is not defined", name)
		}
	}
	for s, h := range hookArguments {
		if typ := d.globals[protocol.Stage(s).String()]; strings.Count(typ, ": ") < strings.Count(h.args, ", ")+1 {
			t.Errorf("the hook %s(%s) is %q", protocol.Stage(s), h.args, typ)
		}
	}
	for _, m := range Modules() {
		checkTypesOf(t, d, &m)
	}
	L := lua.NewState()
	defer L.Close()
	if _, err := L.LoadString(out.String()); err != nil {
		t.Errorf("it is no Lua: %v", err)
	}
}

// checkTypesOf looks for all that a module has.
func checkTypesOf(t *testing.T, d *definitions, m *Module) {
	t.Helper()
	separator := map[Kind]string{Object: ":", Library: ".", Require: "."}[m.Kind]
	for i := range m.Funcs {
		f := &m.Funcs[i]
		name := m.Name + separator + f.Name
		if m.Kind == Globals {
			name = f.Name
		}
		_, isFunction := d.functions[name]
		switch {
		case m.Name == "verdict":
			if d.globals[f.Name] == "" {
				t.Errorf("the verdict %s is missing", f.Name)
			}
		case strings.HasPrefix(f.Source, "Lua 5.1 manual") == isFunction:
			t.Errorf("%s of %q: it is there: %v", name, f.Source, isFunction)
		}
	}
	if m.Kind == Object || m.Kind == Record || m.Kind == Require {
		if !d.classes["luamilter."+m.Name] {
			t.Errorf("%s is no class", m.Name)
		}
		for _, p := range m.Fields {
			if !d.fields["luamilter."+m.Name+"."+p.Name] {
				t.Errorf("%s.%s is missing", m.Name, p.Name)
			}
		}
	}
}

// TestDefinitionsAreRead shows that the test above can fail.
func TestDefinitionsAreRead(t *testing.T) {
	d := readDefinitions("---@class a: b\n---@field x c[]? text\nlocal a = {}\n\n---@param n? d|e\n---@return f?\nfunction a:g(n) end\n\n---@type fun(x: h): i?, j\nk = nil\n")
	for _, name := range []string{"b", "c", "d", "e", "f", "h", "i", "j"} {
		if !d.used[name] {
			t.Errorf("%s is not used", name)
		}
	}
	if len(d.used) != 8 || !d.classes["a"] || !d.fields["a.x"] || !slices.Equal(d.functions["a:g"], []string{"n"}) || d.globals["k"] == "" || len(d.problems) > 0 {
		t.Errorf("%+v", d)
	}
	for _, wrong := range []string{"---@prm x string", "---@field x string", "---@param x", "---@param y string\nfunction f(x) end", "x = 5"} {
		if d := readDefinitions(wrong); len(d.problems) == 0 {
			t.Errorf("%q passes", wrong)
		}
	}
}

func TestLuaType(t *testing.T) {
	for of, want := range map[string]string{
		"string":                   "string",
		"integer?":                 "integer?",
		"part[]":                   "luamilter.part[]",
		"string|number|raw":        "string|number|luamilter.raw",
		"string|note?":             "string|luamilter.note|nil",
		"iterator":                 "fun(): any",
		"iterator<integer, field>": "fun(): integer, luamilter.field",
	} {
		if got := luaType(of); got != want {
			t.Errorf("%s: %s, want %s", of, got, want)
		}
	}
}

// TestRecordsAreWhatFunctionsGive compares the fields of records with those of the tables.
func TestRecordsAreWhatFunctionsGive(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for _, c := range []struct {
		record Module
		script string
	}{
		{mailboxModule, `return require("address").parse('group: "A" (b) <user@example.com>;')`},
		{mailboxModule, `return require("address").list("Sales <sales@example.com>")[1]`},
	} {
		value, err := v.run(c.script)
		if err != nil {
			t.Errorf("%s: %v", c.script, err)
			continue
		}
		value.(*lua.LTable).ForEach(func(k, _ lua.LValue) {
			if !c.record.has(k.String()) {
				t.Errorf("%s has no field %s", c.record.Name, k)
			}
		})
	}
	for _, p := range footerModule.Fields {
		value := `"x"`
		if strings.HasPrefix(p.Type, "boolean") {
			value = "true"
		}
		if _, err := v.run(`msg:add_footer{ text = "x", ` + p.Name + ` = ` + value + ` }`); err != nil {
			t.Errorf("footer.%s: %v", p.Name, err)
		}
	}
}

func TestModuleTypes(t *testing.T) {
	for _, name := range RequiredModules() {
		var out bytes.Buffer
		if err := WriteModuleTypes(&out, name); err != nil {
			t.Fatal(err)
		}
		if text := out.String(); !strings.HasPrefix(text, "---@meta "+name+"\n") || !strings.HasSuffix(text, "\nreturn "+name+"\n") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}
