package luaapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/maps"
	"luamilter/luaapi/maps/format"
	"luamilter/protocol"
)

// mapVM returns a VM at a script's file level, in a folder with a list. ask has the script asked for a value inside a hook.
func mapVM(t *testing.T) (v *vm, ask func(expression, want string)) {
	v = newVM(t, protocol.StageMail)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "list.txt"), []byte("example.com one\nexample.net\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	v.Files.Folder = folder
	v.Services = &Services{Maps: &maps.Pool{Servers: true}}
	v.End()
	v.want(`map = require "map"`, "nil")
	return v, func(expression, want string) {
		t.Helper()
		v.Begin(v.call)
		defer v.End()
		v.want("local v, why = "+expression+"; return tostring(v) .. ' ' .. type(why)", want)
	}
}

// refuses checks that a script raises an error with a text in it.
func (v *vm) refuses(script, want string) {
	v.t.Helper()
	if got, err := v.run(script); err == nil || !strings.Contains(err.Error(), want) {
		v.t.Errorf("%s\n got %v, %v\nwant %s", script, got, err, want)
	}
}

func TestMapFind(t *testing.T) {
	v, ask := mapVM(t)
	v.want(`m = map.domain("list.txt"); s = map.set({ "A", 1, { "b", "x" }, c = 2, d = true }, { fold = true })`, "nil")
	for expression, want := range map[string]string{
		`m:has("a.example.com")`:        "true nil",
		`m:get("a.example.com")`:        "one nil",
		`m:get("u@example.net")`:        " nil",
		`m:get("example.org")`:          "nil nil",
		`m:has("example.org")`:          "false nil",
		`m:has(nil)`:                    "false nil",
		`m:get()`:                       "nil nil",
		`m:size()`:                      "2 nil",
		`s:has("a")`:                    "true nil",
		`s:has("1")`:                    "true nil",
		`s:has(1)`:                      "true nil",
		`s:get("B")`:                    "x nil",
		`s:get("c")`:                    "2 nil",
		`s:get("d")`:                    " nil",
		`getmetatable(m)`:               "list nil",
		`pcall(function() m.x = 1 end)`: "false string",
	} {
		ask(expression, want)
	}
}

// Two VMs have one list.
func TestMapShared(t *testing.T) {
	v, _ := mapVM(t)
	other := newVM(t, protocol.StageMail)
	other.Files, other.Services = v.Files, v.Services
	other.End()
	first, err := v.run(`return map.domain("list.txt")`)
	if err != nil {
		t.Fatal(err)
	}
	second, err := other.run(`return require "map".domain("list.txt")`)
	if err != nil {
		t.Fatal(err)
	}
	if opened := func(l lua.LValue) *maps.Map { return l.(*lua.LUserData).Value.(openMap).Map }; opened(first) != opened(second) {
		t.Error("each has its own")
	}
}

// A server that is not there: mail goes on, or an error is raised if the script wants that.
func TestMapOnError(t *testing.T) {
	v, ask := mapVM(t)
	v.want(`
local o = { query = "SELECT 1 WHERE ?" }
m = map.table("sqlite:none.db", o)
o.on_error = "fail"
f = map.table("sqlite:none.db", o)`, "nil")
	ask(`m:has("a")`, "false string")
	ask(`m:get("a")`, "nil string")
	ask(`select(2, m:get("a")):find("none.db: no such file", 1, true) ~= nil`, "true nil")
	ask(`pcall(f.get, f, "a")`, "false string")
	ask(`select(2, pcall(f.get, f, "a")):find("list:get: sqlite:", 1, true) ~= nil`, "true nil")
	v.refuses(`return m:has("a")`, "list:has works only inside a hook")
}

// Without a daemon files are read, no server is asked, and a fake answers instead.
func TestMapWithoutServers(t *testing.T) {
	v, ask := mapVM(t)
	v.Services = nil
	v.want(`m = map.domain("list.txt"); d = map.table("sqlite:none.db", { query = "SELECT 1 WHERE ?" })`, "nil")
	ask(`m:has("example.com")`, "true nil")
	ask(`select(2, pcall(d.has, d, "a")):find("servers are asked by the daemon only", 1, true) ~= nil`, "true nil")
	v.Files.ownMaps.Fake("sqlite:none.db", []format.Entry{{Key: "a", Value: "b"}})
	ask(`d:get("a")`, "b nil")
}

func TestMapErrors(t *testing.T) {
	v, _ := mapVM(t)
	for script, want := range map[string]string{
		`map.set(nil)`:                                   `map.set: source is nil; a path, a URL or a table was expected`,
		`map.set("")`:                                    `map.set: source is empty`,
		`map.set("none.txt")`:                            `no such file or directory`,
		`map.net("list.txt")`:                            `list.txt:1: "example.com" is no address, network or range`,
		`map.set({}, { flod = true })`:                   `map.set: there is no option flod, did you mean fold?`,
		`map.set({}, { fold = 1 })`:                      `map.set: options.fold is a number; true or false was expected`,
		`map.set("list.txt", { format = "cvs" })`:        `map.set: there is no format cvs; did you mean csv?`,
		`map.set({}, { ttl = "soon" })`:                  `map.set: options.ttl is "soon"; seconds above 0`,
		`map.set({}, { ttl = -1 })`:                      `map.set: options.ttl is -1; seconds above 0`,
		`map.set({}, { on_error = "defer" })`:            `options.on_error is "defer"; "pass" or "fail" was expected`,
		`map.set({}, { key = {} })`:                      `map.set: options.key is a table; the number or the name of a column was expected`,
		`map.set({ false })`:                             `map.set: an item is a boolean; a text was expected`,
		`map.table({ a = {} })`:                          `map.table: the value of a is a table; a text was expected`,
		`map.regex({ "(" })`:                             `"(" is no expression`,
		`map.net("sqlite:a.db", { query = "SELECT 1" })`: `map.net cannot ask for each key; say load = true`,
		`map.set({ "a" }).has("a")`:                      `has is a method: write list:has(...), with a colon`,
	} {
		v.refuses(script, want)
	}
	v.Begin(v.call)
	v.refuses(`map.set({ "a" })`, "map.set opens a list at the top of the script, not inside a hook")
}
