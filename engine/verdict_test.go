package engine

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// stepsTo brings a conversation to each stage.
var stepsTo = []struct{ stage, before, step string }{
	{"connect", "", "connect"},
	{"helo", "connect", "helo mail.example.org"},
	{"unknown", "connect", "unknown HELP"},
	{"mail", "helo mail.example.org", "mail <a@example.org>"},
	{"rcpt", "mail <a@example.org>", "rcpt <b@example.com>"},
	{"data", "mail <a@example.org>", "data"},
	{"header", "mail <a@example.org>\ndata", "header Subject: hello"},
	{"eoh", "mail <a@example.org>\ndata", "eoh"},
	{"body", "mail <a@example.org>\neoh", "body text"},
	{"eom", "mail <a@example.org>\neoh", "eom"},
}

// What each verdict is on the wire at each stage; the default is its own name, and "error" stands for the verdict of an error.
func TestEachVerdictAtEachStage(t *testing.T) {
	odd := map[string]string{
		"accept unknown":  "continue", // an MTA could take it for the message that is under way
		"discard connect": "error",
		"discard helo":    "error",
		"discard unknown": "error",
		"skip body":       "skip",
	}
	for _, verdict := range []string{"continue", "accept", "reject", "tempfail", "discard", "skip"} {
		for _, s := range stepsTo {
			want, ok := odd[verdict+" "+s.stage]
			if !ok && verdict == "skip" {
				want = "error"
			} else if !ok {
				want = verdict
			}
			t.Run(s.stage+" returns "+verdict, func(t *testing.T) {
				r := start(t, fmt.Sprintf("function %s() return %s end", s.stage, verdict))
				m := r.mta()
				m.dialog(s.before)
				if want != "error" {
					m.dialog(s.step + " -> " + want)
					noErrors(t, r)
					return
				}
				m.dialog(s.step + " -> tempfail")
				oneFailure(t, r, "first.lua:1: "+s.stage+" returned "+verdict)
				if got := m.do("eom"); strings.HasPrefix(got, "error") {
					t.Errorf("the connection was lost: %s", got)
				}
			})
		}
	}
}

// Replies to the SMTP client, as written by the script.
func TestReplies(t *testing.T) {
	for _, c := range []struct{ verdict, want string }{
		{`reject("go away")`, "reject 550 5.7.1 go away"},
		{`tempfail("come back")`, "tempfail 451 4.7.1 come back"},
		{`reject("5.1.1", "who?")`, "reject 550 5.1.1 who?"},
		{`reject(554, "5.7.0", "no")`, "reject 554 5.7.0 no"},
		{`reject(554, "no status")`, "reject 554 no status"},
		{`tempfail(421, "4.3.2", "busy")`, "tempfail 421 4.3.2 busy"},
		{`reject("100 % of it")`, "reject 550 5.7.1 100 % of it"},
		{`reject(554, "5.7.1", "line one\nline two")`, "reject 554 5.7.1 line one / line two"},
		{`reject(printable("caf\195\169\r\nx"))`, "reject 550 5.7.1 caf? x"},
	} {
		for _, stage := range []string{"connect", "rcpt", "data", "eom", "unknown"} {
			t.Run(stage+" "+c.verdict, func(t *testing.T) {
				r := start(t, "function "+stage+"() return "+c.verdict+" end")
				for _, s := range stepsTo {
					if s.stage == stage {
						r.mta().dialog(s.before + "\n" + s.step + " -> " + c.want)
					}
				}
			})
		}
	}
}

// What a verdict of a single script means for what follows.
func TestAfterAVerdict(t *testing.T) {
	const say = `
function mail(conn, sender) log.info("mail " .. sender); return VERDICT_MAIL end
function rcpt(conn, recipient) log.info("rcpt " .. recipient) end
function eom(conn, msg) log.info("eom") end
function abort() log.info("abort") end
function close() log.info("close") end
`
	quiet := strings.ReplaceAll(say, "VERDICT_MAIL", "nil")
	for _, c := range []struct{ name, script, dialog, said string }{
		{"accept in connect: the script sleeps for the connection", `
function connect() return accept end` + quiet, `
			connect -> accept
			helo mail.example.org -> unsent
			mail <a@example.org> -> accept
			eom -> accept
			quit`, `close`},
		{"accept in helo: the same", `
function helo() return accept end` + quiet, `
			helo mail.example.org -> accept
			mail <a@example.org> -> accept
			eom -> accept
			quit`, `close`},
		{"accept in mail: the script sleeps for the message", strings.ReplaceAll(say, "VERDICT_MAIL", `sender == "a@example.org" and accept or nil`), `
			mail <a@example.org> -> accept
			rcpt <c@example.com> -> silent
			eom -> accept
			mail <b@example.org> -> continue
			rcpt <c@example.com>
			eom -> continue
			quit`, `
			mail a@example.org
			mail b@example.org
			rcpt c@example.com
			eom
			close`},
		{"reject in mail: that message only, and no abort", strings.ReplaceAll(say, "VERDICT_MAIL", `sender == "a@example.org" and reject or nil`), `
			mail <a@example.org> -> reject
			abort
			mail <b@example.org> -> continue
			eom -> continue
			quit`, `
			mail a@example.org
			mail b@example.org
			eom
			close`},
		{"reject in mail, and the client leaves: no abort", strings.ReplaceAll(say, "VERDICT_MAIL", `reject`), `
			mail <a@example.org> -> reject
			quit`, `
			mail a@example.org
			close`},
		{"reject in connect: everything on the connection", `
function connect() return reject("no") end` + quiet, `
			connect -> reject 550 5.7.1 no
			mail <a@example.org> -> reject 550 5.7.1 no
			eom -> reject 550 5.7.1 no
			quit`, `close`},
		{"reject in rcpt: that recipient only", `
function rcpt(conn, recipient)
  log.info(recipient .. " after " .. table.concat(conn.recipients, " "))
  if recipient:find("bad") then return reject end
end
function eom(conn, msg) log.info("eom " .. table.concat(msg.recipients, " ")) end`, `
			mail <a@example.org>
			rcpt <one@example.com> -> continue
			rcpt <bad@example.com> -> reject
			rcpt <two@example.com> -> continue
			eom -> continue
			quit`, `
			one@example.com after
			bad@example.com after one@example.com
			two@example.com after one@example.com
			eom one@example.com two@example.com`},
		{"tempfail in rcpt: the same", `
function rcpt(conn, recipient) return recipient:find("bad") and tempfail or nil end
function eom(conn, msg) log.info("eom " .. table.concat(msg.recipients, " ")) end`, `
			mail <a@example.org>
			rcpt <bad@example.com> -> tempfail
			rcpt <two@example.com> -> continue
			eom -> continue
			quit`, `eom two@example.com`},
		{"discard in rcpt: the whole message", `
function rcpt(conn, recipient) return discard end
function eom(conn, msg) log.info("eom") end`, `
			mail <a@example.org>
			rcpt <one@example.com> -> discard
			rcpt <two@example.com> -> discard
			eom -> discard
			quit`, ``},
		{"skip in body: no more body of this message", `
function body(conn, chunk) log.info(chunk); return skip end
function eom(conn) log.info("eom") end`, `
			mail <a@example.org>
			body one -> skip
			body two -> unsent
			eom -> continue
			mail <a@example.org>
			body three -> skip
			eom -> continue
			quit`, `
			one
			eom
			three
			eom`},
		{"reject in unknown: that command only", `
function unknown(conn, command) return command == "BAD" and reject or nil end
function mail() log.info("mail") end`, `
			unknown BAD -> reject
			mail <a@example.org>
			unknown BAD -> reject
			unknown GOOD -> continue
			eom -> continue
			quit`, `mail`},
		{"accept in unknown within a message: the script sleeps for the message", `
function unknown(conn, command) return accept end
function eom() log.info("eom") end`, `
			mail <a@example.org>
			unknown HELP -> continue
			eom -> accept
			mail <a@example.org>
			eom -> continue
			quit`, `eom`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			r.mta().dialog(c.dialog)
			r.ended()
			equal(t, "said", trimmed(r.said()), list(c.said))
			noErrors(t, r)
		})
	}
}

func trimmed(lines []string) []string {
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

// An MTA that does not know skip is answered with continue, and the script gets no more chunks all the same.
func TestSkipWithoutItsOption(t *testing.T) {
	r := start(t, `
function body(conn, chunk)
  log.info(chunk)
  return skip
end`)
	m := r.connect()
	offer := protocol.FullOffer
	offer.Steps &^= protocol.CanSkip
	if _, err := m.Negotiate(offer); err != nil {
		t.Fatal(err)
	}
	m.dialog(`
		mail <a@example.org>
		body one -> continue
		body two -> continue
		eom -> continue
		mail <a@example.org>
		body three -> continue
		eom -> continue`)
	equal(t, "chunks", r.said(), []string{"one", "three"})
}

// Recipients that the MTA refused itself are shown where asked for; what scripts say of them is ignored.
func TestRejectedRecipients(t *testing.T) {
	const script = `
function negotiate(neg) neg:request_rejected() end
function rcpt(conn, recipient)
  local r = conn.rejected
  log.info("NAME " .. recipient .. " " .. (r and r.status .. " " .. r.text or "good"))
  if r then return VERDICT end
end
function eom(conn, msg) log.info("NAME eom " .. table.concat(msg.recipients, " ")) end
`
	for _, verdict := range []string{"reject", "accept", "discard", "nil", "42"} {
		t.Run(verdict, func(t *testing.T) {
			text := strings.ReplaceAll(script, "VERDICT", verdict)
			r := start(t, strings.ReplaceAll(text, "NAME", "one"), strings.ReplaceAll(text, "NAME", "two"))
			r.mta().dialog(`
				mail <a@example.org>
				macros rcpt {rcpt_mailer}=error; {rcpt_host}=5.1.1; {rcpt_addr}=User unknown
				rcpt <nobody@example.com> -> continue
				macros rcpt {rcpt_mailer}=local; {rcpt_host}=example.com; {rcpt_addr}=b@example.com
				rcpt <b@example.com> -> continue
				eom -> continue`)
			equal(t, "said", r.said(), list(`
				one nobody@example.com 5.1.1 User unknown
				two nobody@example.com 5.1.1 User unknown
				one b@example.com good
				two b@example.com good
				one eom b@example.com
				two eom b@example.com`))
		})
	}
}
