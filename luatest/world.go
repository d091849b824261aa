package luatest

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/luaapi/store"
)

// What scripts under test reach is made for each test, and nothing of it is outside the process: a store in memory, which is empty at first and goes by the clock
// of the test.

// renew makes it anew.
func (f *file) renew() {
	f.dns.forget()
	*f.world = *luaapi.PlayedServices(f.clock.Now)
	f.world.DNS, f.world.Maps = &f.dns, &f.maps
}

// outages are how the services of a test fail, by name. Nothing changes it.
var outages = map[string]func(*luaapi.Services){
	"store": func(s *luaapi.Services) { s.Store = store.Down{} },
}

// outage is outage(service).
func (f *file) outage(L *lua.LState) int {
	f.inTest(L, "outage")
	name, ok := L.Get(1).(lua.LString)
	if !ok {
		L.RaiseError("outage: service is %s; a string was expected", kind(L.Get(1)))
	}
	end := outages[string(name)]
	if end == nil {
		var known []string
		for service := range outages {
			known = append(known, service)
		}
		if near := lint.Nearest(string(name), known); near != "" {
			L.RaiseError("outage: there is no service %s; did you mean %s?", show(name), near)
		}
		L.RaiseError("outage: there is no service %s; there are %s", show(name), strings.Join(known, ", "))
	}
	end(f.world)
	return 0
}
