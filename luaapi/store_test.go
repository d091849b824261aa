package luaapi

import (
	"strings"
	"testing"

	"luamilter/luaapi/store"
	"luamilter/protocol"
)

// storing returns a VM in a hook, with a store by the name of store.
func storing(t *testing.T, s store.Store) *vm {
	t.Helper()
	v := newVM(t, protocol.StageRcpt)
	v.host.services = Services{Store: s}
	v.Script = "greylist"
	v.set("store", v.library("store"))
	return v
}

func newMemory() *store.Memory { return store.NewMemory(8<<20, 1000) }

func TestStore(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"nothing", `return store.get("a")`, "nil"},
		{"text", `store.set("a", "1") return type(store.get("a"))`, "string"},
		{"number", `store.set("a", 1) return type(store.get("a"))`, "number"},
		{"empty text", `store.set("a", "") return #store.get("a")`, "0"},
		{"number as a key", `store.set(1, "x") return store.get("1")`, "x"},
		{"bytes", `local all = "\0\1\255\r\n" store.set(all, all) return store.get(all) == all`, "true"},
		{"add", `return tostring(store.add("a", 1)) .. " " .. tostring(store.add("a", 2)) .. " " .. store.get("a")`, "true false 1"},
		{"count", `store.incr("n") store.incr("n", 2) return store.incr("n", -0.5, "1h")`, "2.5"},
		{"count nothing", `return store.incr("n", nil, { ttl = 60 })`, "1"},
		{"swap", `store.set("a", 1) return store.cas("a", 1, 2)`, "true"},
		{"swap of another", `store.set("a", 1) return store.cas("a", "1", 2)`, "false"},
		{"swap of nothing", `return store.cas("a", nil, 2)`, "true"},
		{"swap of nothing, which is there", `store.set("a", 1) return store.cas("a", nil, 2)`, "false"},
		{"delete", `store.set("a", 1) return tostring(store.delete("a")) .. tostring(store.delete("a"))`, "truefalse"},
		{"set", `store.sadd("s", "a") store.sadd("s", "b", "5m") store.sadd("s", "a") return store.scard("s")`, "2"},
		{"has", `store.sadd("s", 7) return tostring(store.shas("s", "7")) .. tostring(store.shas("s", "a"))`, "truefalse"},
		{"remove", `store.sadd("s", "a") return tostring(store.srem("s", "a")) .. store.scard("s")`, "true0"},
		{"delete of a set", `store.sadd("s", "a") return store.sdelete("s")`, "true"},
		{"lengths of time", `for _, ttl in ipairs{ 1, 0.5, "90s", "5m", "2h", "1d", "1.5d", 1e99 } do store.set("a", 1, ttl) end return store.get("a")`, "1"},
		{"its own name", `store.set("a", 1) return #require("store") == 0 and require("store").get("a")`, "1"},
	} {
		t.Run(test.name, func(t *testing.T) { storing(t, newMemory()).want(test.script, test.want) })
	}
}

func TestStoreErrors(t *testing.T) {
	const lasting = `seconds above 0, or a text such as "90s", "5m", "2h" or "1d", was expected`
	for _, test := range []struct{ script, want string }{
		{`store.get()`, "store.get: the key is nil; a string was expected"},
		{`store.get("")`, "store.get: the key is empty"},
		{`store.get(("x"):rep(1025))`, "store.get: the key has 1025 bytes, too large: 1024 are allowed"},
		{`store.set("a", ("x"):rep(65537))`, "store.set: the value has 65537 bytes, too large: 65536 are allowed"},
		{`store.set("a")`, "store.set: the value is nil; a string or a number was expected"},
		{`store.set("a", {})`, "store.set: the value is a table; a string or a number was expected"},
		{`store.set("a", 0/0)`, "store.set: the value NaN is not a number that can be kept"},
		{`store.set("a", 1, 0)`, "store.set: ttl is 0; " + lasting},
		{`store.set("a", 1, "5")`, `store.set: ttl is "5"; ` + lasting},
		{`store.set("a", 1, " 5 ")`, `store.set: ttl is " 5 "; ` + lasting},
		{`store.set("a", 1, "5 lustra")`, `store.set: ttl is "5 lustra"; ` + lasting},
		{`store.set("a", 1, true)`, `store.set: ttl is a boolean; seconds, or a text such as "5m", was expected`},
		{`store.set("a", 1, { tll = 5 })`, "store.set: there is no option tll, did you mean ttl?"},
		{`store.get("a", { ttl = 5 })`, "store.get: there is no option ttl"},
		{`store.get("a", "5m")`, `store.get: options is a string; a table such as { on_error = "fail" } was expected`},
		{`store.get("a", { on_error = "die" })`, `store.get: on_error is "die"; "pass" or "fail" was expected`},
		{`store:get("a")`, "store.get is a function: write store.get(...), with a dot"},
		{`store.set("a", "x") store.incr("a")`, `store.incr: the value of "a" is not a number, and so cannot be added to`},
		{`store.incr("a", "1")`, "store.incr: by is a string; a number was expected"},
	} {
		storing(t, newMemory()).fails(test.script, test.want)
	}
	v := storing(t, nil)
	v.fails(`store.get("a")`, "store.get: there is no store here: the daemon has the one that store.url in its configuration names")
	v.Begin(nil)
	v.fails(`store.get("a")`, "store.get works only inside a hook, not while the script is loaded")
}

// TestStoreDown has a store that cannot be reached: scripts go on, unless they say otherwise.
func TestStoreDown(t *testing.T) {
	const why = "store: it cannot be reached, because the test says so"
	for _, call := range []string{
		`get("a"`, `set("a", 1`, `add("a", 1`, `incr("a", 1`, `cas("a", 1, 2`, `delete("a"`, `sadd("a", "b"`, `srem("a", "b"`, `shas("a", "b"`, `scard("a"`, `sdelete("a"`,
	} {
		v := storing(t, store.Down{})
		v.want("local value, why = store."+call+") return tostring(value) .. ' ' .. why", "nil "+why)
		v.want("return store."+call+", { on_error = 'pass' })", "nil")
		name, _, _ := strings.Cut(call, "(")
		v.fails("store."+call+", { on_error = 'fail' })", "store."+name+": "+why)
	}
}

// TestStoreSpaces has two scripts with a store: each has keys of its own.
func TestStoreSpaces(t *testing.T) {
	m := newMemory()
	one, other := storing(t, m), storing(t, m)
	other.Script = "other"
	one.want(`return store.set("a", "x")`, "true")
	other.want(`return store.get("a")`, "nil")
	one.want(`return store.get("a")`, "x")
}
