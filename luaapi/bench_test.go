package luaapi

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// benchLoop runs a body b.N times in Lua.
func benchLoop(b *testing.B, stage protocol.Stage, body string) {
	v := newVM(b, stage)
	fn, err := v.run("return function(n) local conn, msg, headers = conn, msg, headers for i = 1, n do " + body + " end end")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := v.L.CallByParam(lua.P{Fn: fn, Protect: true}, lua.LNumber(b.N)); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkEmptyLoop(b *testing.B) { benchLoop(b, protocol.StageMail, "") }

func BenchmarkConnAbsentKey(b *testing.B) { benchLoop(b, protocol.StageMail, "local x = conn.nothing") }

func BenchmarkConnFact(b *testing.B) { benchLoop(b, protocol.StageMail, "local x = conn.helo") }

func BenchmarkHeadersGet(b *testing.B) {
	benchLoop(b, protocol.StageEOH, `local x = headers:get("Subject")`)
}

func BenchmarkHeadersEach(b *testing.B) {
	benchLoop(b, protocol.StageEOH, `for i, f in headers:each() do end`)
}

func BenchmarkBodyFind(b *testing.B) {
	benchLoop(b, protocol.StageEOM, `local x = msg.body:find("last", 1, true)`)
}

func BenchmarkVerdict(b *testing.B) { benchLoop(b, protocol.StageEOM, `local x = reject("go away")`) }

// BenchmarkAddHeader has a message of its own for each thousand fields.
func BenchmarkAddHeader(b *testing.B) {
	v := newVM(b, protocol.StageEOM)
	fn, err := v.run(`return function(msg, n) for i = 1, n do msg:add_header("X-Spam-Status", "yes, score=5.3") end end`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for n := b.N; n > 0; n -= 1000 {
		v.begin(testMessage())
		if err := v.L.CallByParam(lua.P{Fn: fn, Protect: true}, v.L.GetGlobal("msg"), lua.LNumber(min(n, 1000))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewMessage(b *testing.B) {
	v := newVM(b, protocol.StageEOM)
	m := testMessage()
	b.ReportAllocs()
	for b.Loop() {
		v.set("msg", v.NewMessage(m))
	}
}

// BenchmarkMailMessage is a message from what was collected, to the changes of one added field.
func BenchmarkMailMessage(b *testing.B) {
	recipients := []mail.Recipient{{Address: "a@b", AsSent: "<a@b>"}}
	b.ReportAllocs()
	for b.Loop() {
		m := NewMessage(protocol.NewHeaderEdit(testFields), "s@x", recipients, nil)
		m.Header.Add(protocol.Field{Name: "X-N", Value: "v"})
		if len(m.Changes(protocol.Postfix)) != 1 {
			b.Fatal("no change")
		}
	}
}

// BenchmarkPark copies the typical data of a connection and its message out, and back in.
func BenchmarkPark(b *testing.B) {
	v := newVM(b, protocol.StageRcpt)
	if _, err := v.run(`
	conn.connection.score, conn.connection.seen = 1.5, {first = true}
	conn.count, conn.domains, conn.list = 3, {["example.com"] = 2, ["example.org"] = 1}, {"a@example.com", "b@example.com", "c@example.org"}`); err != nil {
		b.Fatal(err)
	}
	var p *Plain
	b.Run("Copy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if p, err = v.Copy(plenty, v.call.Layers.Connection, v.call.Layers.Message); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Paste", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Paste(p)
		}
	})
}

func BenchmarkProtect(b *testing.B) {
	for name, script := range map[string]string{
		"Works":  `local f = function() end return function() pcall(f) end`,
		"Raises": `local f = function() error("no") end return function() pcall(f) end`,
	} {
		b.Run(name, func(b *testing.B) {
			v := newVM(b, protocol.StageConnect)
			fn, err := v.run(script)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := v.L.CallByParam(lua.P{Fn: fn, Protect: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLibraries has Lua's own libraries; those of arrays have 100 values.
func BenchmarkLibraries(b *testing.B) {
	const fill = "local t = T or {} if not T then for i = 1, 100 do t[i] = i end T = t end "
	for name, script := range map[string]string{
		"ipairs":       fill + `for _, v in ipairs(t) do end`,
		"pairs":        fill + `for _, v in pairs(t) do end`,
		"tostring":     `local x = tostring(12345)`,
		"tonumber":     `local x = tonumber("12345")`,
		"insert":       `local t = {} for i = 1, 100 do table.insert(t, i) end`,
		"insert first": `local t = {} for i = 1, 100 do table.insert(t, 1, i) end`,
		"concat":       fill + `local s = table.concat(t, "\n")`,
		"sort":         `local t = {} for i = 1, 100 do t[i] = i * 7919 % 101 end table.sort(t)`,
		"sort by":      `local t = {} for i = 1, 100 do t[i] = i * 7919 % 101 end table.sort(t, function(a, b) return a > b end)`,
		"unpack":       `local a, b, c = unpack{1, 2, 3}`,
		"load":         `local f = load("return 1 + 1")`,
	} {
		b.Run(name, func(b *testing.B) { benchLoop(b, protocol.StageMail, script) })
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Open(&budget.Budget{}).L.Close()
	}
}

// BenchmarkListHas looks a name up in a list in memory: it is in the list, or it is not.
func BenchmarkListHas(b *testing.B) {
	for name, key := range map[string]string{"hit": "example.com", "absent": "example.net"} {
		b.Run(name, func(b *testing.B) {
			v := newVM(b, protocol.StageMail)
			v.End()
			fn, err := v.run(`local list = require("map").set{ "example.com", "example.org" }
return function(n) for i = 1, n do local x = list:has("` + key + `") end end`)
			if err != nil {
				b.Fatal(err)
			}
			v.Begin(v.call)
			b.ReportAllocs()
			b.ResetTimer()
			if err := v.L.CallByParam(lua.P{Fn: fn, Protect: true}, lua.LNumber(b.N)); err != nil {
				b.Fatal(err)
			}
		})
	}
}
