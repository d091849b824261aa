package engine

import (
	"strings"
	"testing"
)

// A verdict where the MTA does not wait for one is held: it is given at every reply to the end of the message, or of the connection
// if it came before one.
func TestHeldVerdicts(t *testing.T) {
	const unanswered = `
function negotiate(neg)
  for _, stage in ipairs { "connect", "helo", "mail", "rcpt", "header", "body" } do neg:reply(stage, false) end
end
function data() log.info("data") return continue end
function eoh() log.info("eoh") return continue end
function rcpt() end
function helo() end
function unknown() return continue end
function eom(conn, msg) msg:add_header("X", "1") end
function abort() log.info("abort") end
function close() log.info("close") end
`
	for _, c := range []struct{ name, script, dialog, said string }{
		{"a sender", `function mail(conn, s) if s == "bad" then return reject("no") end end`, `
			mail <bad> -> silent
			rcpt <b@example.com> -> silent
			data -> reject 550 5.7.1 no
			mail <good> -> silent
			data -> continue
			eom -> continue, ADDHEADER X: 1
			quit`, `
			data
			close`},
		{"a recipient: now it concerns the message", `function rcpt(conn, r) if r == "bad" then return tempfail end end`, `
			mail <a@example.org>
			rcpt <bad> -> silent
			rcpt <good> -> silent
			data -> tempfail
			mail <a@example.org>
			rcpt <good>
			data -> continue
			eom -> continue, ADDHEADER X: 1
			quit`, `
			abort
			data
			close`},
		{"discard", `function mail() return discard end`, `
			mail <a@example.org> -> silent
			rcpt <b@example.com> -> silent
			unknown HELP -> continue
			data -> discard
			quit`, `close`},
		{"given at the end of the message if not before", `function body() return reject("no") end`, `
			mail <a@example.org>
			data -> continue
			eoh -> continue
			body text -> silent
			eom -> reject 550 5.7.1 no
			mail <a@example.org>
			eom -> continue, ADDHEADER X: 1
			quit`, `
			data
			eoh
			close`},
		{"dropped when the message is given up", `function mail(conn, s) if s == "bad" then return reject end end`, `
			mail <bad> -> silent
			abort
			mail <good>
			data -> continue
			quit`, `
			data
			abort
			close`},
		{"dropped when the next message begins", `function mail(conn, s) if s == "bad" then return reject end end`, `
			mail <bad> -> silent
			mail <good> -> silent
			data -> continue
			quit`, `
			data
			abort
			close`},
		{"in connect it is for the connection", `function connect() return reject("no") end`, `
			connect -> silent
			helo mail.example.org -> silent
			mail <a@example.org> -> silent
			data -> reject 550 5.7.1 no
			mail <a@example.org> -> silent
			eom -> reject 550 5.7.1 no
			quit`, `close`},
		{"in helo too", `function helo(conn, name) if name == "bad" then return tempfail("no") end end`, `
			helo bad -> silent
			mail <a@example.org>
			abort
			mail <a@example.org>
			data -> tempfail 451 4.7.1 no
			unknown HELP -> tempfail 451 4.7.1 no
			quit`, `close`},
		{"the first one counts", `
function mail() return reject("first") end
function rcpt() return reject("second") end`, `
			mail <a@example.org>
			rcpt <b@example.com>
			data -> reject 550 5.7.1 first
			quit`, `close`},
		{"accept needs no holding: the script sleeps", `function mail() return accept end`, `
			mail <a@example.org> -> silent
			data -> accept
			eom -> accept
			quit`, `close`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, unanswered+c.script)
			r.mta().dialog(c.dialog)
			r.ended()
			equal(t, "said", r.said(), list(c.said))
		})
	}
}

// The same for errors, where nothing in the script says that there may be a verdict.
func TestHeldErrors(t *testing.T) {
	const boom = `
function rest() end
function STAGE(conn) if not conn.connection.past then conn.connection.past = true; error("boom") end end
function eoh() return continue end
function eom(conn, msg) msg:add_header("X", "1") end
`
	message := `
		eoh -> tempfail
		mail <b@example.org>
		eoh -> continue
		eom -> continue, ADDHEADER X: 1`
	for _, c := range []struct{ stage, dialog string }{
		{"mail", "mail <a@example.org> -> silent" + message},
		{"rcpt", "mail <a@example.org>\nrcpt <b@example.com> -> silent" + message},
		{"data", "mail <a@example.org>\ndata -> silent" + message},
		{"header", "mail <a@example.org>\nheader A: b -> silent" + message},
		{"body", "mail <a@example.org>\neoh\nbody text -> silent\neom -> tempfail\nmail <b@example.org>\nbody text\neom -> continue, ADDHEADER X: 1"},
		{"connect", "connect -> silent\nmail <a@example.org>\neoh -> tempfail\nmail <b@example.org>\neom -> tempfail"},
		{"helo", "helo mail -> silent\nmail <a@example.org>\neoh -> tempfail\nmail <b@example.org>\neom -> tempfail"},
		{"unknown", "mail <a@example.org>\nunknown HELP -> silent\neoh -> tempfail\nmail <b@example.org>\neom -> continue, ADDHEADER X: 1"},
	} {
		t.Run(c.stage, func(t *testing.T) {
			r := start(t, strings.ReplaceAll(boom, "STAGE", c.stage))
			r.mta().dialog(c.dialog)
			line := oneFailure(t, r, "first.lua:3: boom")
			if line["hook"] != c.stage {
				t.Errorf("logged for the hook %v", line["hook"])
			}
		})
	}
}

// With several scripts, a held verdict stops the later ones as a given one would.
func TestHeldVerdictStopsLaterScripts(t *testing.T) {
	r := start(t, `
function mail() error("boom") end`, named("two", ""))
	r.mta().dialog(`
		connect
		mail <a@example.org> -> silent
		rcpt <b@example.com> -> silent
		body text -> silent
		eom -> tempfail
		quit`)
	r.ended()
	equal(t, "said", r.said(), list(`
		two connect
		two close`))
}
