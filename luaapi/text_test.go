package luaapi

import (
	"errors"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
)

func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""}, {"a b", "a b"}, {"a\r\nb\nc\rd\te", "a b c d e"}, {"Jörg", "J?rg"}, {"\x00\x1b\x7f\xff", "????"}, {"100%", "100%"}, {"日本", "??"}, {"\r\r\n", "  "}, {"a\u0085b", "a?b"},
		{strings.Repeat("x", 2000), strings.Repeat("x", 900)}, {strings.Repeat("%", 2000), strings.Repeat("%", 450)}, {strings.Repeat("x", 899) + "%y", strings.Repeat("x", 899)},
	} {
		if got := printable(tt.in); got != tt.want {
			t.Errorf("printable(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzPrintable checks that what it returns fits into a reply, with some words around it, and into a reason.
func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"", "a", "a\r\nb", "J\xc3\xb6rg", strings.Repeat("%", 1000), strings.Repeat("\xff", 1000), "5.7.1 x", "4 x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := printable(s)
		if _, err := protocol.NewReply(protocol.Reject, 550, "5.7.1", "we do not take this here: "+p); err != nil {
			t.Errorf("printable(%q) = %q: %v", s, p, err)
		}
		if again := printable(p); again != p {
			t.Errorf("printable(%q) = %q, and again %q", s, p, again)
		}
	})
}

func TestTextFunctions(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`printable("a\nb")`:                  "a b",
		`printable(5)`:                       "5",
		`tostring(raw("a\0b"))`:              "a\x00b",
		`tostring(raw(5))`:                   "5",
		`getmetatable(raw("x"))`:             "raw",
		`type(raw("x"))`:                     "userdata",
		`type(require("time").now())`:        "number",
		`require("time") == require("time")`: "true",
		`require("log") == log`:              "true",
		`require("time").now() > 1700000000`: "true",
		`type(time)`:                         "nil",
		`pcall(require("time").sleep, 0)`:    "true",
	} {
		v.want("return "+script, want)
	}
	for _, tt := range []struct{ script, want string }{
		{`printable()`, "printable: text is nil; a string was expected"},
		{`printable({})`, "printable: text is a table; a string was expected"},
		{`raw()`, "raw: bytes is nil; a string was expected"},
		{`raw(raw("x"))`, "raw: bytes is a raw; a string was expected"},
		{`raw("x").y = 1`, "attempt to index a non-table object(userdata) with key 'y'"},
		{`require("nothing")`, `module "nothing" is not there: neither built in nor nothing.lua`},
		{`require("msg")`, `module "msg" is not there: neither built in nor msg.lua`},
		{`require("../x")`, `require: "../x" is no name of a module: modules are found below the script's folder, never above it`},
		{`require()`, "require: the name is nil; a string was expected"},
	} {
		v.fails(tt.script, tt.want)
	}
}

func TestSleep(t *testing.T) {
	v := newVM(t, protocol.StageConnect)
	if _, err := v.run(`local time = require "time" time.sleep(0.25) time.sleep(2) time.sleep(0)`); err != nil || v.host.slept != 2250*time.Millisecond {
		t.Errorf("slept %v, %v", v.host.slept, err)
	}
	for _, tt := range []struct{ script, want string }{
		{`require("time").sleep()`, "time.sleep: seconds is nil; a number was expected"},
		{`require("time").sleep("1")`, "time.sleep: seconds is a string; a number was expected"},
		{`require("time").sleep(-1)`, "time.sleep: seconds is -1; 0 or more was expected"},
		{`require("time").sleep(0/0)`, "time.sleep: seconds is nan; 0 or more was expected"},
		{`require("time").sleep(-1/0)`, "time.sleep: seconds is -inf; 0 or more was expected"},
	} {
		v.fails(tt.script, tt.want)
	}
	v.host.slept = 0
	if _, err := v.run(`require("time").sleep(1/0)`); err != nil || v.host.slept < 50*365*24*time.Hour {
		t.Errorf("slept %v, %v", v.host.slept, err)
	}
	v.host.err = errors.New("the daemon stops")
	v.fails(`require("time").sleep(1)`, "time.sleep: the daemon stops")
	v.End()
	v.fails(`require("time").sleep(1)`, "time.sleep works only inside a hook, not while the script is loaded")
}
