package luaapi

import (
	"context"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/parallel"
)

// waiting are the modules whose functions can be called in parallel: those that leave what takes time to Env.await.
var waiting = []string{"dns"}

// maxParallel is how many calls run at a time.
const maxParallel = 100

var parallelModule = Module{
	"parallel", Require,
	"Several lookups at the same time, which together take as long as the slowest:\n\n" +
		"    local found, why = parallel.call {\n" +
		"      mx = { dns.mx, domain },\n" +
		"      listed = { dns.bl, { zones = { \"dnsbl.example.org\" }, ip = conn.ip } },\n" +
		"    }\n" +
		"    if found.listed and #(found.mx or {}) == 0 then\n" +
		"      return reject(\"5.7.1\", \"not from there\")\n" +
		"    end",
	nil,
	[]Func{
		{"call", "calls: table", "table, table", "", fmt.Sprintf("Makes all `calls` at once, and returns when all have ended. Each is a table of a function of `dns` and its arguments; there are at most %d, with any keys. What a function returns is in the table that comes back, under the same key; "+
			"the reason that it gives for a nil is in a second table.", maxParallel),
			"An entry of `calls` is something else. What the functions raise, such as for `on_error = \"fail\"`. Outside a hook.", "", (*Env).bindParallelCall},
	},
}

// called is one of the calls.
type called struct {
	key    lua.LValue
	values []lua.LValue // what it returned
	job    job          // what it waits for, if job.do is not nil
}

func (e *Env) bindParallelCall() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "parallel.call"
		e.current(L, function)
		calls, ok := L.Get(1).(*lua.LTable)
		if !ok {
			L.RaiseError("%s: calls is %s; a table such as { a = { dns.a, name } } was expected", function, kindOf(L.Get(1)))
		}
		var all []called
		var jobs []func(ctx context.Context)
		for k, v := calls.Next(lua.LNil); k != lua.LNil; k, v = calls.Next(k) {
			if len(all) == maxParallel {
				L.RaiseError("%s: there are more than %d calls", function, maxParallel)
			}
			c := e.collect(L, k, v)
			all = append(all, c)
			if c.job.do != nil {
				jobs = append(jobs, c.job.do)
			}
		}
		if len(jobs) > 0 {
			e.wait(L, function, together(jobs))
		}
		e.pushParallel(L, all)
		return 2
	}
}

// together runs jobs at the same time.
func together(jobs []func(ctx context.Context)) func(ctx context.Context) {
	return func(ctx context.Context) {
		var all []func()
		for _, do := range jobs {
			all = append(all, func() { do(ctx) })
		}
		parallel.Run(all...)
	}
}

// collect makes one call, up to where it has to wait.
func (e *Env) collect(L *lua.LState, key, entry lua.LValue) called {
	parts, ok := entry.(*lua.LTable)
	if !ok || !e.mayWait(parts.RawGetInt(1)) {
		L.RaiseError("parallel.call: %s is no call; write %s = { dns.a, name }: a function of dns, and its arguments", shortKey(key), shortKey(key))
	}
	c := called{key: key}
	e.collecting = &c.job
	defer func() { e.collecting = nil }()
	base := L.GetTop()
	L.Push(parts.RawGetInt(1))
	n := max(parts.Len()-1, 1)
	for i := range n {
		L.Push(parts.RawGetInt(i + 2))
	}
	L.Call(n, lua.MultRet)
	for i := base + 1; i <= L.GetTop(); i++ {
		c.values = append(c.values, L.Get(i))
	}
	L.SetTop(base)
	return c
}

// mayWait reports whether a value is a function of a module that waits.
func (e *Env) mayWait(v lua.LValue) (found bool) {
	if _, ok := v.(*lua.LFunction); !ok {
		return false
	}
	for _, name := range waiting {
		if lib := e.libraries[name]; lib != nil {
			lib.ForEach(func(_, member lua.LValue) { found = found || member == v })
		}
	}
	return found
}

// pushParallel pushes what all calls returned, and the reasons for what is nil.
func (e *Env) pushParallel(L *lua.LState, all []called) {
	found, why := L.CreateTable(0, len(all)), L.CreateTable(0, 0)
	for _, c := range all {
		if c.job.do != nil {
			base := L.GetTop()
			for i := range c.job.push(L) {
				c.values = append(c.values, L.Get(base+1+i))
			}
			L.SetTop(base)
		}
		if len(c.values) > 0 && c.values[0] != lua.LNil {
			L.RawSet(found, c.key, c.values[0])
		}
		if len(c.values) > 1 {
			L.RawSet(why, c.key, c.values[1])
		}
	}
	L.Push(found)
	L.Push(why)
}
