package luaapi

import (
	"strings"
	"testing"

	"luamilter/protocol"
)

const useJSON = `local json = require "json" `

func TestJSON(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`json.decode('{"a": {"b": [1, "two", true]}}').a.b[2]`:                "two",
		`#json.decode("[1, null, 3]")`:                                        "3",
		`json.decode("[1, null, 3]")[2] == json.null`:                         "true",
		`json.decode("null") == json.null`:                                    "true",
		`tostring(json.null)`:                                                 "null",
		`json.decode('{"a": null}').a`:                                        "nil",
		`json.decode('{"a": null}', {null = true}).a == json.null`:            "true",
		`json.decode("12345678901234567890")`:                                 "12345678901234567890",
		`select(2, json.decode(nil))`:                                         "there is no JSON: the text is nil",
		`select(2, json.decode("[1,"))`:                                       "no JSON in line 1, column 4: a value was expected, but the text ends",
		`json.encode({b = 1, a = {true, "x"}, c = json.null})`:                `{"a":[true,"x"],"b":1,"c":null}`,
		`json.encode({})`:                                                     "{}",
		`json.encode(json.array())`:                                           "[]",
		`json.encode(json.array({1, 2}))`:                                     "[1,2]",
		`json.encode(conn.connection)`:                                        "{}",
		`json.encode(nil)`:                                                    "null",
		`json.encode(json.decode('[{"a":[]},{}]'))`:                           `[{"a":[]},{}]`,
		`json.encode(9007199254740991)`:                                       "9007199254740991",
		`json.encode(0.1)`:                                                    "0.1",
		`json.encode("\255")`:                                                 "\"\uFFFD\"",
		`json.encode(json.decode("[1,null]"))`:                                "[1,null]",
		`#json.decode("[" .. ("1,"):rep(20000) .. "1]")`:                      "20001",
		`json.decode('["' .. ("x"):rep(40000) .. '"]')[1]:len()`:              "40000",
		`json.encode(json.decode('{"a":{"b":[1.5,"\\u00e4"]},"c":[[],{}]}'))`: `{"a":{"b":[1.5,"ä"]},"c":[[],{}]}`,
	} {
		v.want(useJSON+`return `+script, want)
	}
	for script, want := range map[string]string{
		`json.encode({a = {print}})`:          `json.encode: a.1: a function has no place in JSON`,
		`json.encode({1, nil, 3})`:            `json.encode: an array has holes; put json.null where there is nothing`,
		`json.encode({1, a = 2})`:             `json.encode: a table with the name a has numbers as keys too; JSON has objects or arrays, not both in one`,
		`json.encode({[0] = 1})`:              `json.encode: an array counts from 1, but there is a key 0; tostring(key) makes it a name`,
		`json.encode({[true] = 1})`:           `json.encode: a boolean cannot be a name`,
		`json.encode(0/0)`:                    `json.encode: JSON has no number NaN`,
		`local t = {} t.t = t json.encode(t)`: `json.encode: ` + strings.Repeat("t.", 40) + `...: tables are deeper than 100 inside each other; is one in itself?`,
		`json.decode({})`:                     `json.decode: the text is a table; a string was expected`,
		`json.decode()`:                       `json.decode: there is no text`,
		`json:decode("1")`:                    `json.decode is a function: write json.decode(...), with a dot`,
		`json.decode("1", {nul = true})`:      `json.decode: there is no option nul, did you mean null?`,
		`json.decode("1", {zzz = true})`:      `json.decode: there is no option zzz`,
		`json.decode("1", {null = 1})`:        `json.decode: options.null is a number; true or false was expected`,
		`json.decode("1", 1)`:                 `json.decode: options is a number; a table was expected`,
		`json.array(setmetatable({}, {}))`:    `json.array: t has a metatable; copy what is in it to a new table`,
		`json.array(1)`:                       `json.array: t is a number; a table was expected`,
	} {
		v.fails(useJSON+script, want)
	}
}

// TestJSONParks checks that decoded data leaves its VM, and comes back to the same JSON.
func TestJSONParks(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	if _, err := v.run(useJSON + `conn.data = json.decode('{"a":[],"b":[1,null],"c":{}}')`); err != nil {
		t.Fatal(err)
	}
	copied, err := v.Copy(1<<20, v.call.Layers.Message)
	if err != nil {
		t.Fatal(err)
	}
	w := newVM(t, protocol.StageEOM)
	w.call.Layers.Message = w.Paste(copied)[0]
	w.set("conn", w.call.Layers.Message)
	w.want(useJSON+`return json.encode(conn.data)`, `{"a":[],"b":[1,null],"c":{}}`)
	w.want(useJSON+`return conn.data.b[2] == json.null`, "true")
}

// TestJSONBudget checks that large data is work, and that strings stay within their limit.
func TestJSONBudget(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.Budget.MaxString = 100
	v.fails(useJSON+`local t = {} for i = 1, 50 do t[i] = "abc" end json.encode(t)`,
		"json.encode: 17: a string of 102 bytes is longer than the 100 that a string may have")
}
