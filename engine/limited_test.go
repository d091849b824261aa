package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/store"
	"luamilter/protocol"
)

// play plays a conversation from its beginning to its end.
func (r *rig) play(dialog string) {
	r.t.Helper()
	m := r.mta()
	m.dialog(dialog + "\nquit")
	r.ended()
}

// Why a greylist lets pass or wait follows from what the MTA tells of the client.
func TestGreylistReasons(t *testing.T) {
	const script = `
local g = require "greylist".new{ delay = 60, auto_allow = 0, allow = { "198.51.100.0/24", "example.com" } }
function rcpt(conn, recipient)
  local answer, left, why = g:check(conn, conn.sender, recipient)
  log.info(answer .. " " .. math.ceil(left) .. " " .. why)
end`
	for _, test := range []struct{ name, dialog, said string }{
		{"a stranger, twice", "connect\nmail <a@example.org>\nrcpt <b@example.org>\nrcpt <b@example.org>", "wait 60 new\nwait 60 early"},
		{"the null sender", "connect\nmail <>\nrcpt <b@example.org>", "wait 60 new"},
		{"who logged in", "connect\nmacros mail {auth_authen}=user; {auth_type}=PLAIN\nmail <a@example.org>\nrcpt <b@example.org>", "pass 0 login"},
		{"the machine itself", "connect localhost inet 127.0.0.1 25\nmail <a@example.org>\nrcpt <b@example.org>", "pass 0 local"},
		{"the machine itself, by IPv6", "connect localhost inet6 ::1 25\nmail <a@example.org>\nrcpt <b@example.org>", "pass 0 local"},
		{"no address", "connect localhost unix /run/x\nmail <a@example.org>\nrcpt <b@example.org>", "pass 0 local"},
		{"IPv6", "connect [2001:db8::1] inet6 2001:db8::1 25\nmail <a@example.org>\nrcpt <b@example.org>", "wait 60 new"},
		{"an allowed network", "connect x.example.net inet 198.51.100.7 25\nmail <a@example.org>\nrcpt <b@example.org>", "pass 0 allowed"},
		{"an allowed name", "connect mx.example.com inet 192.0.2.1 25\nmail <a@example.org>\nrcpt <b@example.org>", "pass 0 allowed"},
		{"a name that Sendmail doubts", "macros connect _=mx.example.com [192.0.2.1] (may be forged)\nconnect mx.example.com inet 192.0.2.1 25\nmail <a@example.org>\nrcpt <b@example.org>", "wait 60 new"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := start(t, script)
			r.play(test.dialog)
			noErrors(t, r)
			equal(t, "said", r.said(), strings.Split(test.said, "\n"))
		})
	}
}

// What a greylist reads of conn is asked for, wherever the module is required, and no more.
func TestGreylistNeeds(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"in a variable", "local greylist = require \"greylist\"\nlocal g = greylist.new()\nfunction rcpt(conn, r) return g:verdict(conn, conn.sender, r) end"},
		{"at once", "local g = require(\"greylist\").new{}\nfunction rcpt(conn, r) return g:verdict(conn, conn.sender, r) end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := defaults().load(t, test.script)
			defer p.Close()
			var asked []string
			for s := range protocol.Stage(protocol.NumStages) {
				if p.Want().Events.Has(s) {
					asked = append(asked, s.String())
				}
			}
			equal(t, "asked for", asked, []string{"connect", "mail", "rcpt"})
			for _, f := range p.Check() {
				t.Error(f.Detail())
			}
		})
	}
}

// unreachable is a store that nobody answers for.
func unreachable(t *testing.T) store.Store {
	t.Helper()
	at, err := store.ParseURL("redis://127.0.0.1:1") // a port that no server is given by chance
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenRedis(at, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// startOver serves a script over services of its own.
func startOver(t *testing.T, services *luaapi.Services, script string) *rig {
	t.Helper()
	s := defaults()
	p, err := Load([]string{writeScript(t, "first", script)}, Options{Limits: s.limits, OnError: s.onError, Services: services})
	if err != nil {
		t.Fatal(err)
	}
	return serving(t, s, p)
}

// Without the store mail goes on, unless the script wants otherwise.
func TestLimitsWithoutStore(t *testing.T) {
	r := startOver(t, &luaapi.Services{Store: unreachable(t)}, `
local rate = require "ratelimit".new{ rate = "1/h", burst = 7 }
local g = require "greylist".new()
local c = require "counter".new{ window = "1h" }
local function say(...)
  local all = {}
  for i = 1, select("#", ...) do all[i] = tostring((select(i, ...))):match("^store redis") or tostring((select(i, ...))) end
  log.info(table.concat(all, " "))
end
function rcpt(conn, recipient)
  say(rate:take("a", 100))
  say(g:check(conn, "", recipient))
  say(tostring(g:verdict(conn, "", recipient)))
  say(c:add("a"))
  say(c:sum("a"))
  say(c:distinct("a", "b"))
end`)
	r.play("connect\nmail <>\nrcpt <b@example.org> -> silent")
	r.play("connect\nmail <>\nrcpt <b@example.org> -> silent")
	noErrors(t, r)
	once := []string{"true 7 0 store redis", "pass 0 store redis", "nil", "0 store redis", "0 store redis", "0 store redis"}
	equal(t, "said", r.said(), slices.Concat(once, once))

	for _, test := range []struct{ made, call, want string }{
		{`require "ratelimit".new{ rate = "1/h", on_error = "fail" }`, `x:take("a")`, "limiter:take: store redis://127.0.0.1:"},
		{`require "greylist".new{ on_error = "fail" }`, `x:check(conn, "", recipient)`, "greylister:check: store redis://127.0.0.1:"},
		{`require "counter".new{ window = 60, on_error = "fail" }`, `x:add("a")`, "tally:add: store redis://127.0.0.1:"},
	} {
		r := startOver(t, &luaapi.Services{Store: unreachable(t)}, "local x = "+test.made+"\nfunction rcpt(conn, recipient) "+test.call+" return continue end")
		r.play("connect\nmail <>\nrcpt <b@example.org> -> tempfail")
		oneFailure(t, r, test.want)
	}
	none := startOver(t, &luaapi.Services{}, "local x = require \"ratelimit\".new{ rate = \"1/h\" }\nfunction rcpt() x:take(\"a\") return continue end")
	none.play("connect\nmail <>\nrcpt <b@example.org> -> tempfail")
	oneFailure(t, none, "limiter:take: there is no store here: the daemon has the one that store.url in its configuration names")
}

// What is set wrongly stops the script from loading, and says what to write.
func TestLimitsSetWrongly(t *testing.T) {
	for script, want := range map[string]string{
		`ratelimit.new()`:                                  `ratelimit.new: options is nil; a table such as { rate = "200/h" } was expected`,
		`ratelimit.new{}`:                                  `ratelimit.new: rate is missing: say how often, as in { rate = "200/h" }`,
		`ratelimit.new{ rate = 200 }`:                      `ratelimit.new: rate is 200; a string was expected`,
		`ratelimit.new{ rate = "200 per hour" }`:           `ratelimit.new: rate "200 per hour" has no period; write a number, / and a time, as 200/h or 10/5m`,
		`ratelimit.new{ rate = "1/h", brust = 5 }`:         `ratelimit.new: there is no option brust, did you mean burst?`,
		`ratelimit.new{ rate = "1/h", zzzzzzzz = 5 }`:      `ratelimit.new: there is no option zzzzzzzz; there are rate, burst, per, on_error`,
		`ratelimit.new{ "1/h" }`:                           `ratelimit.new: option 1 has no name; write { rate = "200/h" }`,
		`ratelimit.new{ rate = "1/h", burst = 0 }`:         `ratelimit.new: burst is 0; 1 or more was expected`,
		`ratelimit.new{ rate = "1/h", burst = 1.5 }`:       `ratelimit.new: burst is 1.5; a whole number was expected`,
		`ratelimit.new{ rate = "1/h", on_error = "skip" }`: `ratelimit.new: on_error is "skip"; "pass" or "fail" was expected`,
		`ratelimit.new{ rate = "1/h", per = {} }`:          `ratelimit.new: per is a table; a string was expected`,
		`greylist.new{ delay = "5x" }`:                     `greylist.new: delay is "5x"; seconds above 0`,
		`greylist.new{ window = "1m" }`:                    `greylist.new: window is 1m0s; more than the delay, 5m0s`,
		`greylist.new{ ipv4 = 33 }`:                        `greylist.new: ipv4 is 33; 8 to 32 bits were expected`,
		`greylist.new{ allow = "example.com" }`:            `greylist.new: allow is "example.com"; a list of strings was expected`,
		`greylist.new{ allow = { "192.0.2.0/99" } }`:       `greylist.new: allow: "192.0.2.0/99" is neither a network such as 192.0.2.0/24`,
		`counter.new{}`:                                    `counter.new: window is missing: say how long what comes counts, as in { window = "1h" }`,
		`counter.new{ window = 0.5 }`:                      `counter.new: window is 500ms; a second to 366d was expected`,
		`counter.new{ window = "1h", slots = 0 }`:          `counter.new: slots is 0; 1 to 100 were expected`,
		`counter.new{ window = "1h", max = 0 }`:            `counter.new: max is 0; 1 or more was expected`,
		`ratelimit.new{ rate = "1/h" }:take("a")`:          `limiter:take works only inside a hook, not while the script is loaded`,
	} {
		name, _, _ := strings.Cut(script, ".")
		text := "local " + name + " = require \"" + name + "\"\nlocal x = " + script + "\nfunction helo() end"
		_, err := Load([]string{writeScript(t, "first", text)}, Options{Limits: DefaultLimits})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", script, err, want)
		}
	}
}

// What is called wrongly is an error at the call.
func TestLimitsCalledWrongly(t *testing.T) {
	const made = `
local ratelimit, greylist, counter = require "ratelimit", require "greylist", require "counter"
local rate, g, c = ratelimit.new{ rate = "1/h" }, greylist.new(), counter.new{ window = "1h" }
function rcpt(conn, recipient)
  `
	for call, want := range map[string]string{
		`rate:take()`:                     "limiter:take: the key is nil; a string was expected",
		`rate:take("a", -1)`:              "limiter:take: n is -1; a whole number from 0 to 2^53 was expected",
		`rate:take("a", 0.5)`:             "limiter:take: n is 0.5; a whole number from 0 to 2^53 was expected",
		`rate.take("a")`:                  "take is a method: write limiter:take(...), with a colon",
		`c.add(rate, "a")`:                "tally:add: it was called on a limiter",
		`c:add("a", 1/0)`:                 "tally:add: n is inf; a whole number",
		`c:distinct("a", {})`:             "tally:distinct: the value is a table; a string was expected",
		`g:check(conn.ip, "", recipient)`: "greylister:check: the first argument is a string; the conn that the hook is given was expected",
		`g:verdict(conn, nil, recipient)`: "greylister:verdict: the sender is nil; a string was expected",
		`rate.user = 1`:                   "a limiter is read only; keep data of your own in conn",
		`rate:give("a")`:                  "attempt to call a value that is no function",
		`setmetatable(rate, {})`:          "setmetatable",
		`rate:take("", 2^53) c:add("") c:distinct("", "") error("done")`: "done",
	} {
		r := start(t, made+call+"\nend")
		r.play("connect\nmail <>\nrcpt <b@example.org>")
		oneFailure(t, r, want)
	}
}
