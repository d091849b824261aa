package luaapi

import (
	"testing"
	"time"

	"luamilter/luaapi/cache"
	"luamilter/protocol"
)

// caching returns a VM of a script in a hook, with caches.
func caching(t *testing.T, shared *cache.Shared) *vm {
	t.Helper()
	v := newVM(t, protocol.StageRcpt)
	v.host.services = Services{Cache: shared}
	v.Script = "s"
	if _, err := v.run(`c = require("cache").new{ ttl = "5m", name = "c" }`); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCache(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"nothing", `return c:get("a")`, "nil"},
		{"once", `local n = 0 local function f() n = n + 1 return n end c:get("a", f) c:get("a", f) return c:get("a", f)`, "1"},
		{"keys", `c:get("a", function() return 1 end) return c:get("b", function() return 2 end)`, "2"},
		{"text", `c:get("a", function() return "x" end) return c:get("a")`, "x"},
		{"false", `c:get("a", function() return false end) return c:get("a", function() return true end)`, "false"},
		{"nil is not kept", `c:get("a", function() end) return c:get("a", function() return 1 end)`, "1"},
		{"an error is not kept", `pcall(c.get, c, "a", function() error("x") end) return c:get("a", function() return 1 end)`, "1"},
		{"a table is copied", `local t = { n = { 1 } } c:get("a", function() return t end) t.n[1] = 2 c:get("a").n[1] = 3 return c:get("a").n[1]`, "1"},
		{"inside another", `return c:get("a", function() return c:get("b", function() return 1 end) + 1 end)`, "2"},
		{"delete", `c:get("a", function() return 1 end) c:delete("a") return c:get("a")`, "nil"},
		{"one name", `c:get("a", function() return 1 end) return require("cache").new{ ttl = 5, name = "c" }:get("a")`, "1"},
		{"another place", `c:get("a", function() return 1 end) return require("cache").new{ ttl = 5 }:get("a")`, "nil"},
		{"max", `local small = require("cache").new{ ttl = 5, max = 1 } small:get("a", function() return 1 end) small:get("b", function() return 2 end) return small:get("a")`, "nil"},
	} {
		t.Run(test.name, func(t *testing.T) {
			caching(t, &cache.Shared{Size: 1 << 20, Now: time.Now}).want(test.script, test.want)
		})
	}
}

func TestCacheErrors(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{`require("cache").new()`, `cache.new: options is nil; a table such as { ttl = "5m" } was expected`},
		{`require("cache").new{}`, `cache.new: ttl is missing: say how long a value is good, as in { ttl = "5m" }`},
		{`require("cache").new{ ttl = 5, maxx = 1 }`, "cache.new: there is no option maxx, did you mean max?"},
		{`require("cache").new{ ttl = 5, max = 0 }`, "cache.new: max is 0; a number of values from 1 on was expected"},
		{`c.get("a")`, "get is a method: write cache:get(...), with a colon"},
		{`c:get()`, "cache:get: the key is nil; a string was expected"},
		{`c:get("a", 1)`, "cache:get: fn is a number; a function was expected"},
		{`c:get("a", function() return print end)`, "cache:get: the value is a function; text, a number, a boolean or a table of these was expected"},
		{`c:get("a", function() return { f = print } end)`, "cache:get: in the value, f: a function cannot leave its VM"},
		{`c:get("a", function() return ("x"):rep(300000) end)`, "cache:get: the value has 300000 bytes; 262144 are allowed"},
		{`c:get("a", function() return c:get("a", print) end)`, "cache:get: the function that finds out a asks for the same"},
		{`c.x = 1`, "a cache is read only; keep values with get(key, function)"},
	} {
		caching(t, &cache.Shared{Size: 1 << 20, Now: time.Now}).fails(test.script, test.want)
	}
	v := caching(t, nil)
	v.fails(`c:get("a")`, "cache:get: there are no caches here; the daemon has them")
}

// TestCacheIsShared has two VMs of a script, and one of another.
func TestCacheIsShared(t *testing.T) {
	shared := &cache.Shared{Size: 1 << 20, Now: time.Now}
	one, two := caching(t, shared), caching(t, shared)
	one.want(`return c:get("a", function() return { "x" } end)[1]`, "x")
	two.want(`return c:get("a", function() return { "y" } end)[1]`, "x")
	other := newVM(t, protocol.StageRcpt)
	other.host.services, other.Script = Services{Cache: shared}, "other"
	other.want(`return require("cache").new{ ttl = "5m", name = "c" }:get("a")`, "nil")
}
