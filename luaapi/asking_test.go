package luaapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"luamilter/luaapi/clamav"
	"luamilter/luaapi/outbox"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
	"luamilter/protocol"
)

// asked is a VM in eom, whose script may ask fakes.
func asked(t *testing.T) (*vm, *web.Fake, *clamav.Fake) {
	t.Helper()
	v := newVM(t, protocol.StageEOM)
	answers, scanner := web.NewFake(), clamav.NewFake()
	answers.Answer("https://a.example/", web.Response{Status: 200, Header: http.Header{"X-A": {"1", "2"}}, Body: "text"})
	answers.Answer("https://a.example/json", web.Response{Status: 201, Header: http.Header{"Content-Type": {"application/problem+json; charset=utf-8"}}, Body: `{"a": [1, null]}`})
	answers.Answer("https://a.example/bad", web.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"a": `})
	answers.Answer("https://a.example/away", web.Response{})
	v.host.services = Services{HTTP: answers, ClamAV: scanner, Socket: upstream.NewFake(), SMTP: smtp.NewFake(), Rspamd: &rspamd.Fake{}, Spamd: &spamd.Fake{}, Outbox: &outbox.Fake{}, Relay: "r"}
	return v, answers, scanner
}

func TestHTTPResponse(t *testing.T) {
	v, answers, _ := asked(t)
	for script, want := range map[string]string{
		`local r = require("http").get("https://a.example/") return r.status .. r.body .. r.headers["x-a"] .. tostring(r.json)`: "200text1, 2nil",
		`local r = require("http").get{ url = "https://a.example/json" } return r.status .. " " .. r.json.a[1]`:                 "201 1",
		`local r = require("http").get("https://a.example/bad") return r.body .. tostring(r.json)`:                              `{"a": nil`,
		`local r, why = require("http").get("https://a.example/away") return tostring(r) .. why`:                                "nilhttp at https://a.example/away: no answer",
	} {
		v.want(script, want)
	}
	v.want(`require("http").request{ url = "https://a.example/", json = { b = 1 }, headers = { ["X-B"] = { "1", "2" } } } return 1`, "1")
	all := answers.Asked()
	last := all[len(all)-1]
	if last.Method != "POST" || last.Body != `{"b":1}` || last.Header.Get("Content-Type") != "application/json" || strings.Join(last.Header.Values("X-B"), " ") != "1 2" {
		t.Errorf("it asked %+v", last)
	}
}

// What is wrong in a script is said at its line.
func TestAskingWrongly(t *testing.T) {
	v, _, scanner := asked(t)
	scanner.Fail("no answer")
	for script, want := range map[string]string{
		`require("http").get{}`:    "http.get: there is no url; write http.get{ url = \"https://...\" }",
		`require("http").get()`:    "http.get: there is no url; write http.get{ url = \"https://...\" }",
		`require("http"):get("x")`: "http.get is a function: write http.get(...), with a dot",
		`require("http").get{ url = "https://a.example/", time = 1 }`:              `http.get: there is no option time, did you mean timeout?`,
		`require("http").get{ url = "https://a.example/", timeout = "1" }`:         `http.get: options.timeout is "1"; seconds were expected, more than 0`,
		`require("http").get{ url = "https://a.example/away", on_error = "fail" }`: "http.get: http at https://a.example/away: no answer",
		`require("http").get{ url = "https://a.example/", on_error = "fali" }`:     `http.get: options.on_error is "fali"; did you mean "fail"?`,
		`require("clamav").scan(1)`:                                                        "clamav.scan: what is scanned is a number; a msg, a part or a string was expected",
		`require("clamav").scan("x", { on_error = "fail" })`:                               "clamav.scan: clamd: no answer",
		`require("rspamd").check("x")`:                                                     "rspamd.check: the message is a string; write rspamd.check(msg), with the msg that eom is given",
		`require("spamc").check(msg, { want = "all" })`:                                    `spamc.check: options.want is "all"; there is symbols, score, headers`,
		`require("socket").request{ send = "x" }`:                                          `socket.request: there is no address; write socket.request{ address = "127.0.0.1:10023", send = "..." }`,
		`require("socket").request{ address = "a:1", line = true, length = 4 }`:            "socket.request: there are line and length; an answer ends in one way",
		`require("smtp").verify{ recipient = "user", host = "h" }`:                         `smtp.verify: options.recipient is "user"; an address was expected, as user@example.com`,
		`require("smtp").send{ to = {}, subject = "x", text = "y" }`:                       "smtp.send: to, subject and text must be said",
		`require("smtp").send{ to = "a@example.com>\r\nX: y", subject = "x", text = "y" }`: `smtp.send: options.to is "a@example.com>\r\nX: y"; an address was expected, as user@example.com`,
	} {
		v.fails(script, want)
	}
	v.fails(`require("http").get("https://b.example/")`, "http.get: GET https://b.example/: the test does not say what the answer is")
	v.fails(`require("socket").request{ address = "b.example:1", send = "x" }`, "socket.request: b.example:1: the test does not say what the answer is")
	v.host.services = Services{}
	v.fails(`require("clamav").scan("x")`, "clamav.scan: there is nobody to ask: set clamav.address in the configuration; in a test, fake_clamav says what the answers are")
	v.fails(`require("http").later("https://a.example/")`, "http.later: there is nobody to ask: set outbox.dir in the configuration; in a test, fake_outbox says what the answers are")
}

// What is scanned is what was said: the message with its edits, a part decoded, a text.
func TestScanned(t *testing.T) {
	v, _, scanner := asked(t)
	for _, c := range []struct{ infected, script, want string }{
		{"X-New: 1\r\n\r\nfirst line", `msg:add_header("X-New", "1") return (require("clamav").scan(msg))`, "infected"},
		{"from a\r\n\tby b\r\nSubject", `return (require("clamav").scan(msg))`, "infected"},
		{"last: %d+ line\r\n", `return (require("clamav").scan(msg.body))`, "infected"},
		{"last: %d+ line\r\n", `return (require("clamav").scan(msg.parts[1]))`, "infected"},
		{"Subject", `return (require("clamav").scan(msg.parts[1]))`, "clean"},
		{"abc", `return select(2, require("clamav").scan("xabcx"))`, "V"},
	} {
		*scanner = *clamav.NewFake()
		scanner.Infect(c.infected, "V")
		v.want(c.script, c.want)
	}
}

// A hook whose time is up while it asks ends, whatever its policy.
func TestAskingTooLong(t *testing.T) {
	v, _, _ := asked(t)
	v.call.Host = lateHost{v.host}
	v.fails(`require("clamav").scan("x")`, "clamav.scan: the time is up")
}

// lateHost is a host where the time of every hook is up.
type lateHost struct{ *fakeHost }

func (lateHost) Wait(func(context.Context) error) error { return errors.New("the time is up") }
