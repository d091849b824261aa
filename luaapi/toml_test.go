package luaapi

import (
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"luamilter/protocol"
)

func TestTOMLEncode(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`toml.encode({})`:                                                  "",
		`toml.encode({b = 1, a = "x", c = true})`:                          "a = \"x\"\nb = 1\nc = true\n",
		`toml.encode({n = {1, 2.5, -1e300, 2^53, 2^53 * 2}})`:              "n = [1, 2.5, -1e+300, 9007199254740992, 1.8014398509481984e+16]\n",
		`toml.encode({n = {1/0, -1/0}})`:                                   "n = [inf, -inf]\n",
		`toml.encode({s = 'a"b\\c\n\0\127'})`:                              "s = \"a\\\"b\\\\c\\n\\u0000\\u007f\"\n",
		`toml.encode({s = "\255"})`:                                        "s = \"\uFFFD\"\n",
		`toml.encode({["a b"] = 1, [""] = 2, ["x-1_Y"] = 3, ["é"] = 4})`:   "\"\" = 2\n\"a b\" = 1\nx-1_Y = 3\n\"é\" = 4\n",
		`toml.encode({t = {x = 1, u = {y = 2}}, a = 0})`:                   "a = 0\n\n[t]\nx = 1\n\n[t.u]\ny = 2\n",
		`toml.encode({t = {}})`:                                            "[t]\n",
		`toml.encode({["a.b"] = {["c d"] = {x = 1}}})`:                     "[\"a.b\"]\n\n[\"a.b\".\"c d\"]\nx = 1\n",
		`toml.encode({r = {{n = 1, s = {z = 1}}, {n = 2}}})`:               "[[r]]\nn = 1\n\n[r.s]\nz = 1\n\n[[r]]\nn = 2\n",
		`toml.encode({r = {{n = 1}, 2, {}, {3}}})`:                         "r = [{ n = 1 }, 2, { }, [3]]\n",
		`toml.encode({r = {1, {a = 1, b = {c = 2}}}})`:                     "r = [1, { a = 1, b = { c = 2 } }]\n",
		`toml.encode({a = json.array(), b = {json.array()}})`:              "a = []\nb = [[]]\n",
		`toml.encode(toml.decode("e = []\n[[r]]\nn = [1, [2]]\n[r.t]\n"))`: "e = []\n\n[[r]]\nn = [1, [2]]\n\n[r.t]\n",
		`toml.encode(conn.connection)`:                                     "",
	} {
		v.want(useTOML+`return `+script, want)
		v.want(useTOML+`local text = `+script+` return toml.encode(toml.decode(text)) == text`, "true")
	}
	for script, want := range map[string]string{
		`toml.encode("a")`:                            `toml.encode: value is a string; a table with names as keys was expected`,
		`toml.encode()`:                               `toml.encode: value is nil; a table with names as keys was expected`,
		`toml:encode({})`:                             `toml.encode is a function: write toml.encode(...), with a dot`,
		`toml.encode({1})`:                            `toml.encode: an array cannot stand alone; TOML begins with a table with names as keys`,
		`toml.encode(json.array())`:                   `toml.encode: an array cannot stand alone; TOML begins with a table with names as keys`,
		`toml.encode({a = {print}})`:                  `toml.encode: a.1: a function has no place in TOML`,
		`toml.encode({a = {json.null}})`:              `toml.encode: a.1: a json.null has no place in TOML`,
		`toml.encode({a = {1, nil, 3}})`:              `toml.encode: a: an array has holes; TOML has no nil`,
		`toml.encode({a = {1, b = 2}})`:               `toml.encode: a: a table with the name b has numbers as keys too; TOML has tables or arrays, not both in one`,
		`toml.encode({a = {{x = 1}, {y = print}}})`:   `toml.encode: a.2.y: a function has no place in TOML`,
		`toml.encode({a = {[0] = 1}})`:                `toml.encode: a: an array counts from 1, but there is a key 0; tostring(key) makes it a name`,
		`toml.encode({[true] = 1})`:                   `toml.encode: a boolean cannot be a name`,
		`local t = {} t.t = t toml.encode(t)`:         `toml.encode: ` + strings.Repeat("t.", 40) + `...: tables are deeper than 100 inside each other; is one in itself?`,
		`local t = {1} t[2] = t toml.encode({t = t})`: `toml.encode: t.` + strings.Repeat("2.", 39) + `...: tables are deeper than 100 inside each other; is one in itself?`,
	} {
		v.fails(useTOML+script, want)
	}
}

const useTOML = `local toml, json = require "toml", require "json" `

// Others read what is written.
func TestTOMLEncodeIsRead(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	L, err := v.run(useTOML + `return toml.encode({ title = "x", when = "2026-11-26", n = { 1, -2.5, 1e300 }, ["odd key"] = { list = { { a = 1 }, { a = 2, deep = { b = true } } } } })`)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Title, When string
		N           []float64
		Odd         struct {
			List []struct {
				A    int
				Deep struct{ B bool }
			}
		} `toml:"odd key"`
	}
	if err := toml.Unmarshal([]byte(L.String()), &got); err != nil {
		t.Fatalf("%v in\n%s", err, L)
	}
	if got.Title != "x" || got.When != "2026-11-26" || len(got.N) != 3 || got.N[2] != 1e300 || len(got.Odd.List) != 2 || got.Odd.List[1].A != 2 || !got.Odd.List[1].Deep.B {
		t.Errorf("%+v of\n%s", got, L)
	}
}

// Large data is work, and strings stay within their limit.
func TestTOMLBudget(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.Budget.MaxString = 100
	v.fails(useTOML+`local t = {} for i = 1, 50 do t[i] = "abc" end toml.encode({ t = t })`, "toml.encode: t.14: a string of 101 bytes is longer than the 100 that a string may have")
}
