package luaapi

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// TestGlobals holds everything that scripts can name to a list, so that nothing comes in by accident.
func TestGlobals(t *testing.T) {
	var out strings.Builder
	globals := GlobalNames()
	for _, name := range slices.Sorted(maps.Keys(globals)) {
		out.WriteString(name)
		if members := globals[name]; len(members) > 0 {
			slices.Sort(members)
			out.WriteString(": " + strings.Join(members, " "))
		}
		out.WriteByte('\n')
	}
	golden(t, filepath.Join("testdata", "globals.txt"), out.String())
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the entries make; run go test ./luaapi -update and look at the difference", path)
	}
}

func TestNothingDangerous(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for _, name := range []string{
		"io", "debug", "package", "channel", "dofile", "loadfile", "loadstring", "_GOPHER_LUA_VERSION", "collectgarbage", "setfenv", "getfenv", "module", "newproxy", "_printregs",
		"os.execute", "os.exit", "os.remove", "os.rename", "os.getenv", "os.setenv", "os.tmpname", "os.setlocale", "string.dump", "string.__index", "string.__metatable", "require.x",
	} {
		object, member, found := strings.Cut(name, ".")
		switch {
		case !found:
			v.want("return "+name, "nil")
		case object != "require":
			v.want("return "+object+"."+member, "nil")
		}
	}
	for _, name := range []string{"io", "base", "debug", "package", "channel", "conn", "text", "verdict", "/etc/passwd", "./x", "x.lua", ""} {
		v.want(`return (pcall(require, "`+name+`"))`, "false")
	}
}

// TestMetatables checks that those of strings and of our objects can be neither read nor replaced, nor reached through rawget.
func TestMetatables(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.macros(map[string]string{"tls_version": "TLSv1.3"}, map[string]string{"auth_authen": "jo"})
	v.set("neg", v.NewNegotiation())
	for object, name := range map[string]string{
		`""`: "string", `conn`: "conn", `conn.connection`: "conn", `conn.macros`: "macros", `conn.tls`: "conn.tls", `conn.auth`: "conn.auth", `msg`: "msg", `msg.headers`: "headers", `msg.body`: "body",
		`reject`: "verdict", `reject("x")`: "verdict", `raw("x")`: "raw", `neg`: "neg",
	} {
		v.want("return getmetatable("+object+")", name)
		v.want("return (pcall(setmetatable, "+object+", {}))", "false")
		v.want("return (pcall(setmetatable, "+object+", nil))", "false")
		v.want("return (pcall(rawset, getmetatable("+object+"), 'x', 1))", "false")
		v.want("return tostring(getmetatable("+object+")) == '"+name+"' and pcall(next, "+object+")", map[bool]string{true: "true", false: "false"}[strings.HasPrefix(object, "conn") && name == "conn"])
	}
	for _, value := range []string{"5", "true", "nil", "print", "function() end", `coroutine.create(function() end)`, `"x"`} {
		v.want("return (pcall(setmetatable, "+value+", {}))", "false")
	}
	v.fails(`setmetatable(5, {})`, "bad argument #1 to 'setmetatable' (table expected, got number)")
	v.want(`local t = setmetatable({}, {__index = {a = 1}}) return t.a .. #getmetatable(t)`, "10")
	v.want(`string.x = function(s) return s .. "!" end local r = ("a"):x() string.x = nil return r`, "a!")
	v.want(`return ("abc"):upper() .. ("x").rep("y", 2) .. #("abc")`, "ABCyy3")
}

func TestCoroutinesShareTheBudget(t *testing.T) {
	for _, script := range []string{
		`coroutine.wrap(function() while true do end end)()`,
		`coroutine.resume(coroutine.create(function() while true do end end)) while true do end`,
		`local function f() return coroutine.wrap(f)() end f()`,
		`local function f() return coroutine.resume(coroutine.create(f)) end f() while true do end`,
		`local co = function() while true do end end for i = 1, 1000 do local inner = co co = coroutine.wrap(function() inner() end) end co()`,
		`coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)()`,
		`local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end`,
		`while true do local ok = coroutine.resume(coroutine.create(function() while true do end end)) end`,
	} {
		v := newVM(t, protocol.StageConnect)
		v.Budget.Begin(100_000, time.Hour)
		done := make(chan error, 1)
		go func() {
			_, err := v.run(script)
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "stopped after 100,000 instructions") && !strings.Contains(err.Error(), "more than 200 coroutines") {
				t.Errorf("%s ended with %v", script, err)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("%s is not stopped", script)
		}
	}
}

func TestDeepCoroutines(t *testing.T) {
	v := newVM(t, protocol.StageConnect)
	v.want(`local n = 0 local function f() n = n + 1 coroutine.wrap(f)() end local ok = pcall(f) return tostring(ok) .. n`, "false201")
	v.want(`local n = 0 local function f() n = n + 1 local ok, err = coroutine.resume(coroutine.create(f)) if not ok then why = err end end f() return n .. why`,
		"201more than 200 coroutines inside each other")
	v.want(`local a a = coroutine.create(function() local b = coroutine.create(function() return coroutine.resume(a) end) return select(2, coroutine.resume(b)), select(3, coroutine.resume(b)) end)
		local ok, first = coroutine.resume(a) return tostring(ok) .. tostring(first)`, "truefalse")
	v.want(`local a a = coroutine.wrap(function() return pcall(coroutine.wrap(function() a() end)) end) local ok, why = a() return why`, "s.lua:1: cannot resume normal coroutine")
	v.want(`return select(2, coroutine.resume(coroutine.create(function() return coroutine.resume(coroutine.running()) end)))`, "false")
	v.fails(`coroutine.resume(5)`, "bad argument #1 to 'resume' (coroutine expected)")
	v.want(`local co = function() return "end" end for i = 1, 190 do local inner = co co = coroutine.wrap(function() return inner() end) end return co()`, "end")
	v.want(`local n = 0 for i = 1, 1000 do n = n + coroutine.wrap(function(a) return coroutine.yield(a) end)(1) end return n`, "1000")
	v.want(`local co = coroutine.wrap(function(a, b) local c = coroutine.yield(a + b) return c * 2, "x" end) local three = co(1, 2) local eight, x = co(4) return three .. eight .. x`, "38x")
	v.want(`local co = coroutine.create(function(a) error({a}) end) local ok, err = coroutine.resume(co, 5) return tostring(ok) .. err[1] .. coroutine.status(co)`, "false5dead")
	v.want(`local ok, err = pcall(coroutine.wrap(function() error("x", 0) end)) return tostring(ok) .. err`, "falsex")
}

// TestCoroutines checks that the API works the same in a coroutine that goes on in a later hook.
func TestCoroutines(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	if _, err := v.run(`co = coroutine.wrap(function() while true do msg:add_header("X-N", conn.stage) coroutine.yield(#msg.headers) end end) co()`); err != nil {
		t.Fatal(err)
	}
	if got := v.changes(); got != "ADDHEADER X-N: eom" {
		t.Error(got)
	}
	v.begin(testMessage())
	v.want(`return co()`, "6")
	v.call.Message, v.call.Stage = nil, protocol.StageMail
	if _, err := v.run(`co()`); err == nil || err.Error() != "s.lua:1: add_header works only in eom, not in mail" {
		t.Error(err)
	}
}

// TestVMsShareNothing shows what VMs of one program share: nothing.
func TestVMsShareNothing(t *testing.T) {
	a, b := newVM(t, protocol.StageEOM), newVM(t, protocol.StageEOM)
	a.want(`string.x = 1 log.x = 1 math.x = 1 x = 1 return 1`, "1")
	b.want(`return string.x or log.x or math.x or x`, "nil")
	if a.L.Get(lua.GlobalsIndex) == b.L.Get(lua.GlobalsIndex) {
		t.Error("the globals are the same")
	}
}
