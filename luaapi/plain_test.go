package luaapi

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

const plenty = 1 << 30 // bytes

// move copies tables out of one VM and into another, and closes the first.
func move(t *testing.T, from *Env, to *Env, tables ...*lua.LTable) []*lua.LTable {
	t.Helper()
	p, err := from.Copy(plenty, tables...)
	if err != nil {
		t.Fatal(err)
	}
	return to.Paste(p)
}

func TestPlainValues(t *testing.T) {
	a, b := newVM(t, protocol.StageRcpt), newVM(t, protocol.StageRcpt)
	a.call.Conn.Rejected = &Rejected{"5.1.1", "no such user"}
	a.macros(map[string]string{"tls_version": "TLSv1.3"}, map[string]string{"auth_authen": "jo"})
	a.call.Headers = protocol.NewHeaderEdit(testFields)
	a.set("headers", a.NewHeaders(a.call.Headers))
	if _, err := a.run(`
	conn.field = headers[2]
	conn.connection.kept = "yes"
	conn.s, conn.n, conn.t, conn.f = "a\0b\255", 1.5, true, false
	conn[1], conn[2], conn[4], conn[-1], conn[0.5], conn[true] = "one", "two", "four", "minus", "half", "true"
	conn.list = {1, 2, {3}, {}}
	conn.self = conn
	conn.other = conn.connection
	conn[conn.list] = conn.list
	conn.v, conn.plain, conn.called = reject(554, "5.7.1", "x"), reject, tempfail()
	conn[reject] = "as a key"
	conn.r = raw("r\255")
	conn.tls_, conn.auth_, conn.rejected_ = conn.tls, conn.auth, conn.rejected
	`); err != nil {
		t.Fatal(err)
	}
	tables := move(t, a.Env, b.Env, a.call.Layers.Connection, nil, a.call.Layers.Message)
	if len(tables) != 3 || tables[1] != nil {
		t.Fatalf("%v", tables)
	}
	b.call.Layers.Connection, b.call.Layers.Message = b.Layer(tables[0]), b.Layer(tables[2])
	b.set("conn", b.call.Layers.Message)
	for script, want := range map[string]string{
		`conn.field.name .. "=" .. conn.field.decoded`: "Subject=hello",
		`conn.field.raw`:                                    "Subject:  hello",
		`conn.field == conn.field`:                          "true",
		`conn.kept`:                                         "yes",
		`conn.s == "a\0b\255" and conn.n == 1.5`:            "true",
		`conn.t == true and conn.f == false`:                "true",
		`conn[1] .. conn[2] .. conn[4] .. conn[-1]`:         "onetwofourminus",
		`conn[0.5] .. conn[true]`:                           "halftrue",
		`conn[3]`:                                           "nil",
		`#conn.list .. conn.list[3][1] .. #conn.list[4]`:    "430",
		`conn.self == conn and conn.self.self == conn`:      "true",
		`conn.other == conn.connection`:                     "true",
		`conn[conn.list] == conn.list`:                      "true",
		`tostring(conn.v)`:                                  "reject 554 5.7.1 x",
		`conn.plain == reject and conn.called == tempfail`:  "true",
		`conn[reject]`:                                      "as a key",
		`tostring(conn.r) == "r\255"`:                       "true",
		`getmetatable(conn.r) .. getmetatable(conn.v)`:      "rawverdict",
		`conn.tls_.version .. conn.auth_.user`:              "TLSv1.3jo",
		`conn.rejected_.text`:                               "no such user",
		`getmetatable(conn.tls_)`:                           "conn.tls",
		`pcall(function() conn.tls_.version = "x" end)`:     "false",
		`conn.helo .. conn.self.helo .. conn.connection.ip`: "helo.example.comhelo.example.com192.0.2.1",
		`tostring(conn.v("again"))`:                         "reject 550 5.7.1 again",
	} {
		b.want("return "+script, want)
	}
	// The new tables are others than the old ones.
	b.want(`conn.s = "new" return conn.s`, "new")
	a.want(`return #conn.s`, "4")
}

func TestNotPlain(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{`conn.x = print`, "x: a function cannot leave its VM"},
		{`conn.x = function() end`, "x: a function cannot leave its VM"},
		{`conn[print] = 1`, "as a key, a function cannot leave its VM"},
		{`conn.x = coroutine.create(function() end)`, "x: a coroutine cannot leave its VM"},
		{`conn.x = setmetatable({}, {})`, "x: a table with a metatable cannot leave its VM"},
		{`conn.x = {{{y = setmetatable({}, {})}}}`, "y: a table with a metatable cannot leave its VM"},
		{`conn[setmetatable({}, {})] = 1`, "as a key, a table with a metatable cannot leave its VM"},
		{`conn.x = {print}`, "1: a function cannot leave its VM"},
		{`conn[{}] = print`, "a table: a function cannot leave its VM"},
		{`conn.x = msg`, "x: a msg cannot leave its VM"},
		{`conn.x = msg.headers`, "x: a headers cannot leave its VM"},
		{`conn.x = msg.body`, "x: a body cannot leave its VM"},
		{`conn.x = conn.macros`, "x: a macros cannot leave its VM"},
		{`conn[("x"):rep(100)] = print`, strings.Repeat("x", 40) + "...: a function cannot leave its VM"},
	} {
		v := newVM(t, protocol.StageEOM)
		if _, err := v.run(tt.script); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Copy(plenty, v.call.Layers.Connection, v.call.Layers.Message); !errors.Is(err, ErrNotPlain) || err.Error() != tt.want {
			t.Errorf("%s: %v; want %s", tt.script, err, tt.want)
		}
	}
	v := newVM(t, protocol.StageEOM)
	bad := v.L.NewTable()
	bad.Metatable = v.L.NewTable()
	if _, err := v.Copy(plenty, bad); !errors.Is(err, ErrNotPlain) {
		t.Errorf("a root with a metatable: %v", err)
	}
}

// TestPlainDepth copies what recursion could not.
func TestPlainDepth(t *testing.T) {
	const depth = 100_000
	a, b := newVM(t, protocol.StageConnect), newVM(t, protocol.StageConnect)
	root := a.L.CreateTable(1, 0)
	last := root
	for range depth {
		next := a.L.CreateTable(1, 0)
		last.RawSetInt(1, next)
		last = next
	}
	last.RawSetInt(1, lua.LString("here"))
	v := lua.LValue(move(t, a.Env, b.Env, root)[0])
	for i := 0; ; i++ {
		next, ok := v.(*lua.LTable)
		if !ok {
			if i != depth+1 || v != lua.LString("here") {
				t.Errorf("%v at depth %d", v, i)
			}
			return
		}
		v = next.RawGetInt(1)
	}
}

// TestPlainLimit checks that a copy ends when it has become too large, however much there is to copy.
func TestPlainLimit(t *testing.T) {
	v := newVM(t, protocol.StageConnect)
	if _, err := v.run(`for i = 1, 100 do conn[i] = {("x"):rep(1000)} end`); err != nil {
		t.Fatal(err)
	}
	root := v.call.Layers.Connection
	p, err := v.Copy(plenty, root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Copy(p.Size(), root); err != nil {
		t.Errorf("just enough room: %v", err)
	}
	want := "conn holds more than the 99,999 bytes that one connection can keep"
	if _, err := v.Copy(99_999, root); err == nil || err.Error() != want || errors.Is(err, ErrNotPlain) {
		t.Errorf("%v; want %s", err, want)
	}
}

func TestPlainKeepsOrder(t *testing.T) {
	a, b := newVM(t, protocol.StageConnect), newVM(t, protocol.StageConnect)
	if _, err := a.run(`for i = 1, 100 do conn["k" .. (i * 7) % 100] = i end for i = 1, 10 do conn[i] = i end`); err != nil {
		t.Fatal(err)
	}
	const keys = `local s = "" for k in pairs(conn) do s = s .. k .. " " end return s`
	want, err := a.run(keys)
	if err != nil {
		t.Fatal(err)
	}
	b.set("conn", move(t, a.Env, b.Env, a.call.Layers.Connection)[0])
	b.want(keys, want.String())
}

func TestWithout(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	if _, err := v.run(`conn.connection.a = 1 conn.b = 2`); err != nil {
		t.Fatal(err)
	}
	p, err := v.Copy(plenty, v.call.Layers.Connection, v.call.Layers.Message)
	if err != nil {
		t.Fatal(err)
	}
	q := p.Without(1)
	if got := v.Paste(q); got[0] == nil || got[1] != nil || got[0].RawGetString("a") != lua.LNumber(1) {
		t.Errorf("%v", got)
	}
	if q.Without(0) != nil {
		t.Error("there is something left of nothing")
	}
	if got := v.Paste(p); got[0] == nil || got[1] == nil || got[1].RawGetString("b") != lua.LNumber(2) {
		t.Errorf("the original changed: %v", got)
	}
	if p, err := v.Copy(plenty, nil, nil); err != nil || v.Paste(p)[0] != nil || v.Paste(p)[1] != nil {
		t.Errorf("%v, %v", p, err)
	}
}

// TestPlainRandom moves random tables with cycles and shared references, and compares.
func TestPlainRandom(t *testing.T) {
	a, b := newVM(t, protocol.StageConnect), newVM(t, protocol.StageConnect)
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		root := randomTables(a.Env, random)
		got := move(t, a.Env, b.Env, root)[0]
		if err := sameTables(root, got, map[*lua.LTable]*lua.LTable{}, map[*lua.LTable]bool{}); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// randomTables returns a table from which others can be reached, each perhaps in several ways.
func randomTables(e *Env, random *rand.Rand) *lua.LTable {
	tables := make([]*lua.LTable, 1+random.IntN(12))
	for i := range tables {
		tables[i] = e.L.CreateTable(0, 0)
	}
	value := func() lua.LValue {
		switch random.IntN(7) {
		case 0:
			return lua.LString(fmt.Sprint("s", random.IntN(20)))
		case 1:
			return lua.LNumber(random.IntN(10) - 2)
		case 2:
			return lua.LNumber(random.Float64())
		case 3:
			return lua.LBool(random.IntN(2) == 0)
		case 4:
			return e.object(rawBytes(fmt.Sprint("r", random.IntN(20))), e.rawMeta)
		case 5:
			return e.verdicts[random.IntN(len(e.verdicts))]
		}
		return tables[random.IntN(len(tables))]
	}
	for _, t := range tables {
		for range random.IntN(20) {
			t.RawSet(value(), value())
		}
		for range random.IntN(5) {
			t.Append(value())
		}
		if random.IntN(3) == 0 { // some go again
			k, _ := t.Next(lua.LNil)
			t.RawSet(k, lua.LNil)
		}
	}
	return tables[0]
}

// sameTables compares two tables of different VMs by going through both in the order of pairs; pair says which tables must be the same.
func sameTables(a, b *lua.LTable, pair map[*lua.LTable]*lua.LTable, used map[*lua.LTable]bool) error {
	if have := pair[a]; have != nil {
		if have != b {
			return errors.New("a table became two")
		}
		return nil
	}
	if used[b] {
		return errors.New("two tables became one")
	}
	pair[a], used[b] = b, true
	if a.Len() != b.Len() {
		return fmt.Errorf("length %d became %d", a.Len(), b.Len())
	}
	ka, va := a.Next(lua.LNil)
	kb, vb := b.Next(lua.LNil)
	for ka != lua.LNil {
		if err := sameValues(ka, kb, pair, used); err != nil {
			return err
		}
		if err := sameValues(va, vb, pair, used); err != nil {
			return err
		}
		ka, va = a.Next(ka)
		kb, vb = b.Next(kb)
	}
	if kb != lua.LNil {
		return fmt.Errorf("there is a new key %v", kb)
	}
	return nil
}

func sameValues(a, b lua.LValue, pair map[*lua.LTable]*lua.LTable, used map[*lua.LTable]bool) error {
	switch a := a.(type) {
	case *lua.LTable:
		if b, ok := b.(*lua.LTable); ok {
			return sameTables(a, b, pair, used)
		}
	case *lua.LUserData:
		if b, ok := b.(*lua.LUserData); ok && a.Value == b.Value && a != b && userdataName(a) == userdataName(b) {
			return nil
		}
	default:
		if a == b {
			return nil
		}
	}
	return fmt.Errorf("%v became %v", a, b)
}
