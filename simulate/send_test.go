package simulate

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// TestWhereAVerdictFalls plays one message to scripts that say something at one stage.
func TestWhereAVerdictFalls(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"no opinion", `function eom(conn, msg) end`, "continue at eom"},
		{"reject at connect", `function connect(conn) return reject("go away") end`, "reject at connect: 550 5.7.1 go away"},
		{"reject at helo", `function helo(conn, name) return reject end`, "reject at helo"},
		{"tempfail at mail", `function mail(conn, from) return tempfail(450, "4.2.1", "later") end`, "tempfail at mail: 450 4.2.1 later"},
		{"all recipients are refused", `function rcpt(conn, to) return reject("no " .. to) end`, "reject at rcpt: 550 5.7.1 no c@example.net"},
		{"one recipient is refused", `function rcpt(conn, to) if to == "b@example.net" then return reject end end`, "continue at eom"},
		{"discard at rcpt", `function rcpt(conn, to) return discard end`, "discard at rcpt"},
		{"reject at data", `function data(conn) return reject end`, "reject at data"},
		{"reject at a header field", `function header(conn, name, value) if name == "X-Dup" then return reject(value) end end`, "reject at header: 550 5.7.1 1"},
		{"reject at eoh", `function eoh(conn, headers) return reject(tostring(#headers)) end`, "reject at eoh: 550 5.7.1 6"},
		{"reject at body", `function body(conn, chunk) return reject(tostring(#chunk)) end`, "reject at body: 550 5.7.1 15"},
		{"skip is not a verdict on the message", `function body(conn, chunk) return skip end`, "continue at eom"},
		{"discard at eom", `function eom(conn, msg) return discard end`, "discard at eom"},
		{"accept at connect", `function connect(conn) return accept end function eom() return reject end`, "accept at connect"},
		{"accept at mail", `function mail(conn) return accept end function eom() return reject end`, "accept at mail"},
		{"an error where nobody waits", `function mail(conn) error("oops") end`, "tempfail at eom"},
		{"an error where an answer is due", `function mail(conn) error("oops") return accept end`, "tempfail at mail"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := play(t, test.script)
			if got := verdict(r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			passes := r.Verdict == protocol.Continue || r.Verdict == protocol.Accept
			if delivered := r.Delivered != nil; delivered != passes {
				t.Errorf("delivered: %v", delivered)
			}
		})
	}
}

// TestAnswers shows what the filter was asked, and what not.
func TestAnswers(t *testing.T) {
	r := play(t, `
		function rcpt(conn, to) if to == "b@example.net" then return reject("not you") end end
		function header(conn, name, value) conn.n = (conn.n or 0) + 1 end
		function eom(conn, msg) return accept end`)
	var got []string
	for _, a := range r.Answers {
		line := strings.TrimSpace(fmt.Sprintf("%v %s", a.Stage, a.About))
		got = append(got, fmt.Sprintf("%s: %v %v", line, a.Asked, a.Reply.Verdict))
	}
	want := `connect client.example.com: not sent continue
helo client.example.com: not sent continue
mail a@example.com: no reply continue
rcpt b@example.net: answered reject
rcpt c@example.net: answered continue
data: not sent continue
header Received: no reply continue
header From: no reply continue
header To: no reply continue
header X-Dup: no reply continue
header X-Dup: no reply continue
header Subject: no reply continue
eoh: not sent continue
body: not sent continue
eom: answered accept`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if len(r.Delivered.Recipients) != 1 || r.Delivered.Recipients[0].Address != "c@example.net" {
		t.Errorf("recipients: %v", r.Delivered.Recipients)
	}
}

// TestAfterAVerdictNobodyIsAsked shows what stands after a verdict on the message.
func TestAfterAVerdictNobodyIsAsked(t *testing.T) {
	r := play(t, `function mail(conn) return accept end function rcpt(conn, to) return reject end`)
	for _, a := range r.Answers[3:] {
		if a.Asked != Settled || a.Reply.Verdict != protocol.Accept {
			t.Errorf("%v: %v %v", a.Stage, a.Asked, a.Reply.Verdict)
		}
	}
	if n := len(r.Delivered.Recipients); n != 2 {
		t.Errorf("%d recipients, want 2", n)
	}
}

// TestHooks shows which hooks ran, over two scripts, with their errors.
func TestHooks(t *testing.T) {
	r := play(t, `
		function negotiate(neg) end
		function mail(conn, from) end
		function close(conn) end`, `
		function rcpt(conn, to)
		  if to:find("^c@") then error("oops") end
		  return nil or continue
		end
		function abort(conn) end`)
	var got []string
	for _, h := range r.Hooks {
		line := fmt.Sprintf("%s %v %s %v", h.Script.Name, h.Stage, h.Event, h.Reply.Verdict)
		if h.Err != nil {
			line += fmt.Sprintf(" line %d", h.Err.Line)
		}
		if h.Took <= 0 {
			line += " took no time"
		}
		got = append(got, line)
	}
	want := []string{
		"script1 negotiate  continue", "script1 mail a@example.com continue", "script2 rcpt b@example.net continue",
		"script2 rcpt c@example.net tempfail line 3", "script1 close  continue",
	}
	if text := strings.Join(got, "\n"); text != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", text, strings.Join(want, "\n"))
	}
}

// TestSeveralMessages plays them over one connection.
func TestSeveralMessages(t *testing.T) {
	s, err := filterOf(t, `
		function connect(conn) conn.connection.n = 0 end
		function mail(conn, from)
		  conn.connection.n = conn.connection.n + 1
		  if from == "bad@example.com" then return reject end
		end
		function abort(conn) conn.connection.aborted = true end
		function eom(conn, msg) msg:add_header("X-N", conn.connection.n .. tostring(conn.connection.aborted)) end`).Open(DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, from := range []string{"one@example.com", "bad@example.com", "", "two@example.com"} {
		if from == "" { // begun and given up
			if _, err := s.Mail("three@example.com"); err != nil {
				t.Fatal(err)
			}
			if err := s.Abort(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		r, err := s.Send(NewEnvelope(from, "b@example.net"), ReadMessage([]byte("A: b\n\nc\n")))
		if err != nil {
			t.Fatal(err)
		}
		text := verdict(r)
		if r.Delivered != nil {
			text += " " + header(r.Delivered)
		}
		got = append(got, text)
	}
	if err := s.Quit(); err != nil {
		t.Fatal(err)
	}
	want := "continue at eom * A=b X-N=1nil, reject at mail, continue at eom * A=b X-N=4true"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestNoRecipients(t *testing.T) {
	_, err := filterOf(t, `function eom(conn, msg) end`).Play(DefaultClient, NewEnvelope("a@example.com"), Message{})
	if err == nil || !strings.Contains(err.Error(), "no recipients") {
		t.Errorf("got %v", err)
	}
}
