package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/dns"
)

// What a hook waits for is shown with lookups, which end as the name says.
type asked struct {
	begun   chan string   // gets each name
	release chan struct{} // closed to let "held" go
	cut     chan string   // gets each name whose lookup was cut short
}

func newAsked() *asked {
	return &asked{begun: make(chan string, 100), release: make(chan struct{}), cut: make(chan string, 100)}
}

// Cached implements dns.Source.
func (a *asked) Cached(dns.Question) (dns.Answer, bool) { return dns.Answer{}, false }

// Lookup implements dns.Source.
func (a *asked) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	what, _, _ := strings.Cut(q.Name, ".")
	a.begun <- what
	found := dns.Answer{Records: []dns.Record{{Value: "192.0.2.1"}}}
	switch what {
	case "held":
		select {
		case <-a.release:
		case <-ctx.Done():
			a.cut <- what
			return dns.Answer{}, ctx.Err()
		}
	case "late": // it comes when its time is up, and says so a little later
		<-ctx.Done()
		a.cut <- what
		return found, nil
	case "failing":
		return dns.Answer{}, errors.New("no answer in time")
	case "exploding":
		panic("a bug")
	case "slow":
		time.Sleep(200 * time.Millisecond)
	}
	return found, nil
}

// looking is a setup in which lookups go to an asked.
func looking() (setup, *asked) {
	s, a := defaults(), newAsked()
	s.services = &luaapi.Services{DNS: a}
	return s, a
}

// lookingUp is a script that runs a body for the recipient "bad", on line 5.
func lookingUp(body string) string {
	return "local dns = require 'dns'\nlocal parallel = require 'parallel'\nfunction rcpt(conn, r)\n  if r == 'bad' then\n" + body + "\n  end\n  return continue\nend"
}

// A lookup that hangs ends with the hook's time, which is a failure of the hook; pcall does not help.
func TestLookupEndsWithTheHook(t *testing.T) {
	for name, body := range map[string]string{
		"one":                   `dns.a("held.example.com")`,
		"one that comes late":   `dns.a("late.example.com")`,
		"whatever on_error is":  `dns.a("held.example.com", { on_error = "pass" })`,
		"with a longer timeout": `dns.a("held.example.com", { timeout = 60 })`,
		"in pcall":              `while true do pcall(dns.a, "held.example.com") end`,
		"in a coroutine":        `coroutine.wrap(function() dns.a("held.example.com") end)()`,
		"in parallel":           `parallel.call { a = { dns.a, "held.example.com" }, b = { dns.mx, "late.example.com" } }`,
		"of lists":              `dns.bl { zones = { "held.example.com" }, domain = "held" }`,
		"of a name of an IP":    `dns.ip("held.example.com")`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a := looking()
			s.limits.CommandTime = 150 * time.Millisecond
			r := s.start(t, lookingUp(body))
			r.mta().dialog(`
				mail <a@example.org>
				rcpt <bad> -> tempfail
				rcpt <good> -> continue
				eom -> continue`)
			line := oneFailure(t, r, "stopped after 150ms: time is up")
			if line["line"] != 5.0 {
				t.Errorf("logged at line %v, want 5: %v", line["line"], line["message"])
			}
			<-a.cut
		})
	}
}

// The script's own timeout is not a failure of the hook.
func TestLookupEndsWithItsTimeout(t *testing.T) {
	s, a := looking()
	r := s.start(t, lookingUp(`
    local found, why = dns.a("held.example.com", { timeout = 0.05 })
    log.info(tostring(found) .. ", " .. why)`))
	r.mta().dialog("mail <a@example.org>\nrcpt <bad> -> continue\neom -> continue")
	<-a.cut
	equal(t, "said", r.said(), []string{"nil, context deadline exceeded"}) // in the words of what is asked
	noErrors(t, r)
}

// A stop of the daemon ends what hooks wait for.
func TestShutdownCutsLookupShort(t *testing.T) {
	for _, body := range []string{
		`dns.a("held.example.com")`,
		`pcall(dns.a, "held.example.com")`,
		`parallel.call { { dns.a, "held.example.com" }, { dns.a, "held.example.com" } }`,
	} {
		s, a := looking()
		s.limits.CommandTime = time.Hour
		r := s.start(t, lookingUp(body+` log.info("goes on")`))
		m := r.mta()
		m.dialog("mail <a@example.org>")
		done := make(chan string, 1)
		go func() { done <- m.do("rcpt <bad>") }()
		<-a.begun
		if err := r.shutdown(10 * time.Millisecond); err == nil {
			t.Error("no error")
		}
		if got := <-done; got != "tempfail" && !strings.HasPrefix(got, "error") { // the answer may still get through, or not
			t.Errorf("answered %s", got)
		}
		<-a.cut
		equal(t, "said", r.said(), nil)
	}
}

// A bug in what a hook waits for costs the session what a bug in the hook does, and nobody else.
func TestPanicWhileWaiting(t *testing.T) {
	for _, body := range []string{
		`dns.a("exploding.example.com")`,
		`parallel.call { a = { dns.a, "exploding.example.com" }, b = { dns.a, "fine.example.com" } }`,
		`dns.ip("exploding.example.com")`,
		`dns.bl { zones = { "x.example.com", "y.example.com" }, domain = "exploding" }`,
	} {
		s, _ := looking()
		r := s.start(t, lookingUp(body))
		other := r.mta()
		other.dialog("mail <b@example.org>")
		m := r.mta()
		m.dialog("mail <a@example.org>\nrcpt <bad> -> tempfail")
		oneFailure(t, r, "a bug")
		other.dialog("rcpt <good> -> continue\neom -> continue")
		m.dialog("abort\nmail <a@example.org>\nrcpt <good> -> continue\neom -> continue")
	}
}

// While an eom hook waits, the MTA is told to be patient.
func TestKeepAliveWhileLookingUp(t *testing.T) {
	s, a := looking()
	s.keepAlive = 20 * time.Millisecond
	r := s.start(t, "local dns = require 'dns'\n"+eomOf(`msg:add_header("X", dns.a("held.example.com")[1])`)+
		"\nfunction mail() dns.a('slow.example.com') return continue end")
	m := r.mta()
	for range 2 {
		m.dialog("mail <a@example.org> -> continue") // there, that would be no answer
		m.packet('E', "")
		if got := m.answer(); got != "p" {
			t.Errorf("the MTA was told %q, and not to wait", got)
		}
		a.release <- struct{}{}
		got := m.answer()
		for range 10_000 {
			if got != "p" {
				break
			}
			got = m.answer()
		}
		if got != "hX\x00192.0.2.1\x00" {
			t.Errorf("after the wait %q comes", got)
		}
		if got := m.answer(); got != "c" && got != "a" {
			t.Errorf("in the end %q comes", got)
		}
	}
	noErrors(t, r)
}

// Hooks that wait leave the processors to those that compute, and their own budget is not touched.
func TestWaitingIsNotComputing(t *testing.T) {
	s, a := looking()
	s.limits.Instructions = 200_000
	r := s.start(t, `
local dns = require "dns"
function rcpt(conn, r)
  for i = 1, 30000 do end
  if r == "bad" then
    local found = dns.a("held.example.com")
    log.info(found[1])
  end
  for i = 1, 30000 do end
  return continue
end`)
	const many = 20
	answers := make(chan string, many)
	for range many {
		m := r.mta()
		m.dialog("mail <a@example.org>")
		go func() { answers <- m.do("rcpt <bad>") }()
	}
	for range many {
		<-a.begun
	}
	r.mta().dialog("mail <b@example.org>\nrcpt <good> -> continue\neom -> continue")
	close(a.release)
	for range many {
		if got := <-answers; got != "continue" {
			t.Errorf("answered %s", got)
		}
	}
	noErrors(t, r)
}

// What a lookup that fails amounts to is the script's choice.
func TestLookupFailure(t *testing.T) {
	for options, want := range map[string]string{`{}`: "continue", `{ on_error = "pass" }`: "continue", `{ on_error = "fail" }`: "tempfail"} {
		s, _ := looking()
		r := s.start(t, lookingUp(fmt.Sprintf(`if dns.a("failing.example.com", %s) then return reject end`, options)))
		m := r.mta()
		m.dialog("mail <a@example.org>\nrcpt <bad> -> " + want)
		if want == "tempfail" {
			line := oneFailure(t, r, ":5: dns.a: no answer in time")
			if line["line"] != 5.0 {
				t.Errorf("logged at line %v", line["line"])
			}
		} else {
			noErrors(t, r)
		}
	}
}

// What comes back is plain: it can leave the VM with an idle connection.
func TestAnswersCanBeParked(t *testing.T) {
	s, _ := looking()
	r := s.start(t, `
local dns = require "dns"
local parallel = require "parallel"
function mail(conn)
  conn.found = parallel.call { a = { dns.a, "fine.example.com" }, mx = { dns.mx, "fine.example.com" }, bl = { dns.bl, { zones = { "x.example.com" }, domain = "fine" } } }
  return continue
end
function rcpt(conn) log.info(conn.found.a[1] .. " " .. conn.found.mx[1].host) return continue end`)
	m := r.mta()
	m.dialog("mail <a@example.org> -> continue")
	r.parked()
	m.dialog("rcpt <b@example.com> -> continue\nquit")
	equal(t, "said", r.said(), []string{"192.0.2.1 192.0.2.1"})
}
