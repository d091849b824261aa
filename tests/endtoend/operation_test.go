package endtoend

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// mark is a script that leaves a mark in every message.
func mark(word string) string {
	return `function eom(conn, msg) msg:add_header("X-Mark", "` + word + `") end`
}

// twoFilters has two luamilters behind one server; the second sees what the first has changed.
func twoFilters(t *testing.T, s *site) {
	s.daemon(t, `
function rcpt(conn, recipient) if recipient:find("^first") then return reject("first") end end
function eom(conn, msg)
  msg:add_header("X-First", "1")
  msg:delete_header("Subject")
  msg:insert_header(1, "X-Top", "first")
  msg:add_recipient("c@dest.example")
  msg:replace_body("first\n")
end`)
	mta.Daemon(t, mta.Run{Listen: s.second, Scripts: []string{`
function rcpt(conn, recipient) if recipient:find("^second") then return reject("second") end end
function eom(conn, msg)
  msg:change_header("X-First", msg:header("X-First") .. " seen")
  msg:add_header("X-Second", tostring(msg:header("Subject")) .. " " .. #msg.headers)
  msg:insert_header(1, "X-Top", "second")
  msg:replace_body(msg.body .. "second\r\n")
end`}})
	play(t, s.server.Listener(t, "two"), s.server.Name, `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<first@dest.example>
S: 550 5.7.1 first
C: RCPT TO:<second@dest.example>
S: 550 5.7.1 second
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`, mta.CRLF(rest+"\nhello\n"))
	expect(t, s, `MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<c@dest.example>
Received: (own)
X-Top: second
X-Top: first
From: a@test.example
To: b@dest.example
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
X-First: 1 seen
X-Second: nil 6

first
second
`)
}

// quarantine has a message held in the server's queue, with its changes.
func quarantine(t *testing.T, s *site) {
	s.daemon(t, `
function eom(conn, msg)
  msg:add_header("X-New", "value")
  msg:quarantine("looks odd, 100%")
end`)
	c := s.hello(t, "")
	c.Deliver("held@test.example", []string{"b@dest.example"}, mta.CRLF(rest+"\nhello\n"))
	c.Quit()
	s.nothingDelivered(t)
	for _, q := range s.server.Queue(t) {
		if q.Sender != "held@test.example" {
			continue
		}
		if !q.Held {
			t.Errorf("queued but not held: %+v", q)
		}
		if s.server.Name == "sendmail" && q.Reason != "looks odd, 100%" {
			t.Errorf("reason is %q", q.Reason)
		}
		return
	}
	t.Errorf("not in the queue: %+v", s.server.Queue(t))
}

// progress keeps a server waiting that gives its filter four seconds for an answer.
func progress(t *testing.T, s *site) {
	s.daemon(t, `
local time = require "time"
function eom(conn, msg)
  for i = 1, 10 do
    time.sleep(0.5)
    msg:progress()
  end
  msg:add_header("X-New", "late")
end`)
	c := s.hello(t, "hasty")
	send(c, "hello\n")
	c.Quit()
	expect(t, s, "Received: (own)\n(rest)\nX-New: late\n")
}

// progressByItself does the same without a word from the script, as long as Sendmail waits if it is not told otherwise.
func progressByItself(t *testing.T, s *site) {
	s.daemon(t, `
local time = require "time"
function eom(conn, msg)
  time.sleep(12)
  msg:add_header("X-New", "late")
end`)
	c := s.hello(t, "usual")
	send(c, "hello\n")
	c.Quit()
	expect(t, s, "Received: (own)\n(rest)\nX-New: late\n")
}

// filterAway shows what servers do without luamilter.
func filterAway(t *testing.T, s *site) {
	c := s.hello(t, "")
	c.Expect("MAIL FROM:<a@test.example>", "451")
	c.Quit()
	if c := mta.Dial(t, s.server.Listener(t, "reject")); !strings.HasPrefix(c.Greeting, "554") {
		t.Errorf("reject: greeting %q", c.Greeting)
	}
	c = s.hello(t, "accept")
	send(c, "hello\n")
	c.Quit()
	expect(t, s, "Received: (own)\n(rest)\n")
}

// restart replaces luamilter by another while a session is under way: it ends with the old one, the next begins with
// the new one.
func restart(t *testing.T, s *site) {
	old := s.daemon(t, mark("old"))
	session := s.hello(t, "")
	send(session, "hello\n")
	expect(t, s, "Received: (own)\n(rest)\nX-Mark: old\n")

	old.Terminate()
	s.notListening(t)
	s.daemon(t, mark("new"))
	send(session, "hello\n")
	expect(t, s, "Received: (own)\n(rest)\nX-Mark: old\n")
	other := s.hello(t, "")
	send(other, "hello\n")
	other.Quit()
	expect(t, s, "Received: (own)\n(rest)\nX-Mark: new\n")
	session.Quit()
	old.Stop(t)
}

// notListening waits until no luamilter listens any more, which takes its socket away.
func (s *site) notListening(t *testing.T) {
	t.Helper()
	for range 6000 {
		if _, err := os.Stat(strings.TrimPrefix(s.unix, "unix:")); errors.Is(err, fs.ErrNotExist) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("luamilter still listens")
}

// errorCostsOneMessage has a script fail for one message; the session, the daemon and its other sessions go on, and
// the log tells where it was.
func errorCostsOneMessage(t *testing.T, s *site) {
	d := s.daemon(t, `
function helo(conn, name) conn.greeted = name end
function eom(conn, msg)
  if msg:header("X-Bad") then
    local nothing
    nothing.field = 1
  end
  msg:add_header("X-Fine", conn.greeted)
end`)
	bystander := s.hello(t, "")
	c := s.hello(t, "")
	send(c, "hello\n")
	expect(t, s, "Received: (own)\n(rest)\nX-Fine: client.example\n")
	c.Expect("MAIL FROM:<a@test.example>", "250")
	c.Expect("RCPT TO:<b@dest.example>", "250")
	c.Expect("DATA", "354")
	if reply := c.Message(mta.CRLF("X-Bad: yes\n" + rest + "\nhello\n")); !strings.HasPrefix(reply, "451 4.") {
		t.Errorf("reply %q", reply)
	}
	send(c, "hello\n")
	c.Quit()
	expect(t, s, "Received: (own)\n(rest)\nX-Fine: client.example\n")
	send(bystander, "hello\n")
	bystander.Quit()
	expect(t, s, "Received: (own)\n(rest)\nX-Fine: client.example\n")
	d.WaitLine(t, "script1.lua:6", "eom", "127.0.0.1")
}
