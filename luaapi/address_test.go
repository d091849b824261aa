package luaapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

const useAddress = `local address = require "address" `

func TestAddress(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`address.parse("Jane Doe <Jane@Example.COM>").address`:                                  "Jane@Example.COM",
		`address.parse("Jane Doe <Jane@Example.COM>").name`:                                     "Jane Doe",
		`address.parse("Jane Doe <Jane@Example.COM>").domain`:                                   "example.com",
		`address.parse("Jane Doe <Jane@Example.COM>").localpart`:                                "Jane",
		`#address.parse("Jane Doe <Jane@Example.COM>").problems`:                                "0",
		`address.parse("jane@example.com (Jane)").comment`:                                      "Jane",
		`address.parse("jane@example.com").name`:                                                "nil",
		`address.parse("=?iso-8859-1?q?J=F6rg?= <j@example.com>").name`:                         "Jörg",
		`address.parse("=?utf-8?q?=C3?= =?utf-8?q?=B6?= <j@example.com>").name`:                 "ö",
		`address.parse("<>").address`:                                                           "",
		`address.parse("<>").problems[1]`:                                                       "empty address",
		`address.parse("root").domain`:                                                          "nil",
		`address.parse("G: a@example.com;").group`:                                              "G",
		`select(2, address.parse("Jane Doe"))`:                                                  `there is no address in "Jane Doe"`,
		`select(2, address.parse(""))`:                                                          "there is no address: the text is empty",
		`select(2, address.parse(nil))`:                                                         "there is no address: the text is nil",
		`select(2, address.parse("a@b, c@d"))`:                                                  `there are 2 addresses in "a@b, c@d"; one was expected`,
		`address.parse(5).address`:                                                              "5",
		`#address.list("a@example.com, Jane <b@example.com>; c@example.com")`:                   "3",
		`address.list("a@example.com; b@example.com").problems[1]`:                              "semicolon",
		`address.list("a@example.com, Jane Doe <b@example.com>")[2].name`:                       "Jane Doe",
		`address.list("Doe, Jane <b@example.com>")[1].problems[1]`:                              "unquoted name",
		`#address.list("")`:                                                                     "0",
		`#address.list(nil)`:                                                                    "0",
		`address.list("undisclosed-recipients:;").groups[1].name`:                               "undisclosed-recipients",
		`address.format("Doe, Jane", "jane@example.com")`:                                       `"Doe, Jane" <jane@example.com>`,
		`address.format("Jörg", "j@example.com")`:                                               "=?utf-8?b?SsO2cmc=?= <j@example.com>",
		`address.format(nil, "<j@example.com>")`:                                                "j@example.com",
		`address.format("", "j@example.com")`:                                                   "j@example.com",
		`select(2, address.format("Jane", "jane doe"))`:                                         `"jane doe" is not an address; user@example.com is the form, one address at a time`,
		`select(2, address.format("Jane\r\nBcc: x", "j@example.com"))`:                          `the name "Jane\r\nBcc: x" has a control character at byte 5; a name is text on one line`,
		`select(2, address.format("Jane", nil))`:                                                "the address is nil",
		`address.domain("<Jane@EXAMPLE.com>")`:                                                  "example.com",
		`address.domain("Jane <jane@example.com>")`:                                             "example.com",
		`select(2, address.domain("root"))`:                                                     `there is no domain in "root"`,
		`select(2, address.domain("<>"))`:                                                       `there is no domain in ""`,
		`address.localpart("\"a b\"@example.com")`:                                              "a b",
		`address.without_extension("user+tag@example.com")`:                                     "user@example.com",
		`address.without_extension("Jane <user-a+tag@example.com>", "+-")`:                      "user@example.com",
		`select(2, address.without_extension("a b"))`:                                           `there is no address in "a b"`,
		`address.organizational_domain("mail.example.co.uk")`:                                   "example.co.uk",
		`address.organizational_domain("Jane <jane@mail.example.com>")`:                         "example.com",
		`select(2, address.organizational_domain("jane@[192.0.2.1]"))`:                          "[192.0.2.1] is an IP address, which has no organizational domain",
		`select(2, address.organizational_domain("mail.corp.lan"))`:                             `the public suffix list does not know .lan, the end of "mail.corp.lan"`,
		`select(2, address.organizational_domain(nil))`:                                         "there is neither a domain nor an address: the text is nil",
		`address.ascii("user@bücher.example")`:                                                  "user@xn--bcher-kva.example",
		`address.ascii("bücher.example")`:                                                       "xn--bcher-kva.example",
		`address.unicode("xn--bcher-kva.example")`:                                              "bücher.example",
		`select(2, address.ascii("jörg@example.com"))`:                                          `the local part of "jörg@example.com" is not ASCII; only SMTPUTF8 carries it`,
		`address.same("a@bücher.example", "<a@XN--BCHER-KVA.example>")`:                         "true",
		`address.same("A@example.com", "a@example.com")`:                                        "false",
		`address.same("a@example.com", nil)`:                                                    "false",
		`address.is_valid("user@example.com")`:                                                  "true",
		`address.is_valid("jörg@example.com")`:                                                  "false",
		`address.is_valid("jörg@example.com", {utf8 = true})`:                                   "true",
		`address.is_valid("jörg@example.com", {utf8 = false})`:                                  "false",
		`select(2, address.is_valid("a b"))`:                                                    `"a b" is not an address; user@example.com is the form, one address at a time`,
		`select(2, address.is_valid(nil))`:                                                      "the address is nil",
		`type(address) .. type(_G.address)`:                                                     "tablenil",
		`address.parse(address.format("Jörg \"J\" M.", "j@example.com")).name`:                  `Jörg "J" M.`,
		`address.list("“Doe, Jane” <j@example.com>, " .. ("x"):rep(40000))[1].name`:             "Doe, Jane",
		`address.list("=?utf-8?q?a=00b?= <j@example.com>")[1].name:find("%c") == nil`:           "true",
		`pcall(address.parse, ("("):rep(100000))`:                                               "true",
		`address.parse("" .. string.char(0, 255, 254) .. "<a@example.com>").address`:            "a@example.com",
		`address.parse("\"" .. string.char(0, 255, 254) .. "\" <a@example.com>").name ~= "nil"`: "true",
	} {
		for range 2 { // also on a used VM
			v.want(useAddress+"return "+script, want)
		}
	}
}

// TestAddressPlaces replaces one address of a field where it stands.
func TestAddressPlaces(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.want(useAddress+`local text = "Doe, Jane <jane@example.com> (x),\n Rex <rex@example.org>"
		local a = address.list(text)[2]
		return text:sub(1, a.address_first - 1) .. "new@example.net" .. text:sub(a.address_last + 1)`,
		"Doe, Jane <jane@example.com> (x),\n Rex <new@example.net>")
	v.want(useAddress+`local text = "a@example.com, Doe, Jane <jane@example.com> (x)" local a = address.list(text)[2] return text:sub(a.first, a.last)`, "Doe, Jane <jane@example.com> (x)")
	v.want(useAddress+`local text = "G: ;" local g = address.list(text).groups[1] return text:sub(g.first, g.last)`, "G: ;")
	v.want(useAddress+`local a = address.parse("x <>") return a.address_first - a.address_last`, "1")
}

func TestAddressErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for _, tt := range []struct{ script, want string }{
		{`address.parse()`, "address.parse: there is no text"},
		{`address.parse({})`, "address.parse: the text is a table; a string was expected"},
		{`address.parse(true)`, "address.parse: the text is a boolean; a string was expected"},
		{`address:parse("a@example.com")`, "address.parse is a function: write address.parse(...), with a dot"},
		{`address.list()`, "address.list: there is no text"},
		{`address.list(print)`, "address.list: the text is a function; a string was expected"},
		{`address.format()`, "address.format: there is no name"},
		{`address.format({}, "a@b")`, "address.format: the name is a table; a string was expected"},
		{`address.format("x", {})`, "address.format: the address is a table; a string was expected"},
		{`address.without_extension("a@b", {})`, "address.without_extension: the delimiters is a table; a string was expected"},
		{`address.organizational_domain({})`, "address.organizational_domain: the text is a table; a string was expected"},
		{`address.same("a@b", {})`, "address.same: b is a table; a string was expected"},
		{`address.is_valid("a@b", true)`, "address.is_valid: options is a boolean; a table was expected"},
		{`address.is_valid("a@b", {uft8 = true})`, `address.is_valid: options has "uft8"; utf8 is the only one`},
		{`address.is_valid("a@b", {utf8 = 1})`, "address.is_valid: options.utf8 is a number; true or false was expected"},
	} {
		v.fails(useAddress+tt.script, tt.want)
	}
}

// TestAddressBudget checks that long lists count: a script cannot have them read without end.
func TestAddressBudget(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.Budget.Begin(1_000_000, time.Hour)
	_, err := v.run(useAddress + `local text = ("a@b,"):rep(9000) while true do address.list(text) end`)
	if err == nil || !strings.Contains(err.Error(), "instructions") {
		t.Errorf("%v", err)
	}
}

// FuzzAddressModule checks that no text raises an error.
func FuzzAddressModule(f *testing.F) {
	for _, s := range []string{"", "a@example.com", "Doe, Jane <jane@example.com>", "G: a@b;", "<>", "\x00", "=?utf-8?q?=FF?= <a@b>", "bücher.example", "xn--a.com", "a@[", "@", "\"@\"@@"} {
		f.Add(s)
	}
	v := newVM(f, protocol.StageEOM)
	f.Fuzz(func(t *testing.T, s string) {
		v.t = t
		v.Budget.Begin(1<<40, time.Hour)
		if _, err := v.run(fmt.Sprintf(useAddress+`local text = %s
			for name, f in pairs(address) do f(text) f(text, nil) end
			address.format(text, text) address.same(text, text)
			for _, a in ipairs(address.list(text)) do
			  assert(text:sub(a.first, a.last) ~= nil and a.first <= a.last + 1 and a.address_first >= a.first and a.address_last <= a.last)
			end`, quoteLua(s))); err != nil {
			t.Error(err)
		}
	})
}

// quoteLua writes a string as a Lua literal.
func quoteLua(s string) string {
	var out strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&out, `\%03d`, s[i])
	}
	return `"` + out.String() + `"`
}

func BenchmarkAddressList(b *testing.B) {
	v := newVM(b, protocol.StageEOM)
	list, err := v.run(useAddress + "return address.list")
	if err != nil {
		b.Fatal(err)
	}
	text := lua.LString(strings.Repeat("Jane Doe <jane@example.com>, ", 9) + "rex@example.org")
	b.ReportAllocs()
	for b.Loop() {
		v.L.Push(list)
		v.L.Push(text)
		v.L.Call(1, 1)
		if n := v.L.Get(-1).(*lua.LTable).Len(); n != 10 {
			b.Fatal(n)
		}
		v.L.Pop(1)
	}
}
