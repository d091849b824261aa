package engine

import (
	"strings"
	"testing"
)

// What scripts keep in conn lives as long as the connection when it was set before MAIL, and as long as the message after.
func TestConnLayers(t *testing.T) {
	for _, c := range []struct{ name, script, dialog string }{
		{"what a message left is gone at the next one", `
function mail(conn, sender) log.info(tostring(conn.mark)); conn.mark = sender end
function eom(conn, msg) msg:add_header("X", tostring(conn.mark)) end`, `
			mail <one@example.org>
			eom -> continue, ADDHEADER X: one@example.org
			mail <two@example.org>
			eom -> continue, ADDHEADER X: two@example.org`},
		{"a count begins anew with each message", `
function rcpt(conn) conn.count = (conn.count or 0) + 1 end
function eom(conn, msg) msg:add_header("X", tostring(conn.count)) end`, `
			mail <one@example.org>
			rcpt <a@example.com>
			rcpt <b@example.com>
			eom -> continue, ADDHEADER X: 2
			mail <two@example.org>
			rcpt <a@example.com>
			eom -> continue, ADDHEADER X: 1
			mail <three@example.org>
			eom -> continue, ADDHEADER X: nil`},
		{"a count begins anew after a message that was given up", `
function rcpt(conn) conn.count = (conn.count or 0) + 1 end
function eom(conn, msg) msg:add_header("X", tostring(conn.count)) end`, `
			mail <one@example.org>
			rcpt <a@example.com>
			abort
			mail <two@example.org>
			rcpt <a@example.com>
			eom -> continue, ADDHEADER X: 1`},
		{"a count begins anew after a message that was refused at DATA", `
function rcpt(conn) conn.count = (conn.count or 0) + 1 end
function data(conn) if conn.count > 1 then return reject end end
function eom(conn, msg) msg:add_header("X", tostring(conn.count)) end`, `
			mail <one@example.org>
			rcpt <a@example.com>
			rcpt <b@example.com>
			data -> reject
			mail <two@example.org>
			rcpt <a@example.com>
			data -> continue
			eom -> continue, ADDHEADER X: 1`},
		{"a count begins anew after a sender that was refused", `
function mail(conn, sender)
  conn.count = (conn.count or 0) + 1
  if sender == "bad@example.org" then return reject end
end
function eom(conn, msg) msg:add_header("X", tostring(conn.count)) end`, `
			mail <bad@example.org> -> reject
			mail <good@example.org> -> continue
			eom -> continue, ADDHEADER X: 1`},
		{"connect and helo set what every message sees", `
function connect(conn) conn.first = "c" end
function helo(conn, name) conn.second = name end
function eom(conn, msg) msg:add_header("X", conn.first .. " " .. conn.second) end`, `
			connect
			helo mail.example.org
			mail <one@example.org>
			eom -> continue, ADDHEADER X: c mail.example.org
			mail <two@example.org>
			eom -> continue, ADDHEADER X: c mail.example.org`},
		{"a message writes over what connect set, for itself only", `
function connect(conn) conn.score = 1 end
function mail(conn) conn.score = conn.score + 1 end
function eom(conn, msg) msg:add_header("X", conn.score .. " " .. conn.connection.score) end`, `
			connect
			mail <one@example.org>
			eom -> continue, ADDHEADER X: 2 1
			mail <two@example.org>
			eom -> continue, ADDHEADER X: 2 1`},
		{"conn.connection outlives the message, from every hook", `
local function note(conn, what)
  local c = conn.connection
  c.seen = (c.seen or "") .. what
end
function connect(conn) note(conn, "c") end
function helo(conn) note(conn, "h") end
function mail(conn) note(conn, "m") end
function rcpt(conn) note(conn, "r") end
function data(conn) note(conn, "d") end
function header(conn) note(conn, "l") end
function eoh(conn) note(conn, "n") end
function body(conn) note(conn, "b") end
function unknown(conn) note(conn, "u") end
function abort(conn) note(conn, "a") end
function eom(conn, msg)
  note(conn, "e")
  msg:add_header("X", conn.seen)
end`, `
			connect
			helo mail.example.org` + wholeMessage + ` -> continue, ADDHEADER X: chmrdlnbe
			mail <one@example.org>
			abort
			unknown HELP` + wholeMessage + ` -> continue, ADDHEADER X: chmrdlnbemaumrdlnbe`},
		{"conn.connection is conn before the first message", `
function connect(conn) conn.connection.a = 1; conn.b = 2 end
function eom(conn, msg) msg:add_header("X", conn.a .. conn.connection.b .. tostring(conn.connection == conn)) end`, `
			connect
			mail <one@example.org>
			eom -> continue, ADDHEADER X: 12false`},
		{"a key of one's own wins over a fact", `
function connect(conn) conn.helo = "mine" end
function helo(conn, name) end
function mail(conn, sender) conn.sender = "also mine" end
function eom(conn, msg) msg:add_header("X", conn.helo .. ", " .. conn.sender) end`, `
			connect
			helo mail.example.org
			mail <one@example.org>
			eom -> continue, ADDHEADER X: mine, also mine`},
		{"false is a value and does not let the fact through", `
function connect(conn) conn.helo = false end
function helo(conn) end
function mail(conn) conn.sender = false end
function eom(conn, msg) msg:add_header("X", tostring(conn.helo) .. tostring(conn.sender)) end`, `
			connect
			helo mail.example.org
			mail <one@example.org>
			eom -> continue, ADDHEADER X: falsefalse`},
		{"nil gives the fact back", `
function helo(conn) end
function mail(conn)
  conn.helo = "mine"
  conn.helo = nil
end
function eom(conn, msg) msg:add_header("X", conn.helo) end`, `
			helo mail.example.org
			mail <one@example.org>
			eom -> continue, ADDHEADER X: mail.example.org`},
		{"what is in the connection shows in pairs of the connection only", `
function connect(conn) conn.outer = 1 end
function mail(conn) conn.inner = 2 end
function eom(conn, msg)
  local n = ""
  for k in pairs(conn) do n = n .. k end
  for k in pairs(conn.connection) do n = n .. k end
  msg:add_header("X", n)
end`, `
			connect
			mail <one@example.org>
			eom -> continue, ADDHEADER X: innerouter`},
		{"a message that begins without MAIL having been told", `
function connect(conn) conn.n = 1 end`, `
			connect
			mail <one@example.org> -> unsent
			eom -> continue
			mail <two@example.org>
			eom -> continue`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			m := r.mta()
			m.dialog(c.dialog)
			m.dialog("quit")
			r.ended()
			noErrors(t, r)
		})
	}
}

// Connections do not see one another's data, whatever VM they get.
func TestConnectionsAreApart(t *testing.T) {
	r := start(t, `
function helo(conn, name) conn.name = name end
function mail(conn) conn.n = (conn.n or 0) + 1 end
function eom(conn, msg) msg:add_header("X", conn.name .. conn.n) end`)
	one, two := r.mta(), r.mta()
	one.dialog("helo one\nmail <a@example.org>")
	two.dialog("helo two\nmail <b@example.org>")
	r.parked()
	one.dialog("eom -> continue, ADDHEADER X: one1")
	two.dialog("eom -> continue, ADDHEADER X: two1")
}

// Two scripts in one daemon have a conn and globals each.
func TestScriptsAreApart(t *testing.T) {
	const script = `
counter = 0
function connect(conn) conn.name = (conn.name or "") .. "NAME" end
function eom(conn, msg)
  counter = counter + 1
  conn.n = (conn.n or 0) + 1
  msg:add_header("X-NAME", conn.name .. conn.n .. counter)
end`
	r := start(t, strings.ReplaceAll(script, "NAME", "One"), strings.ReplaceAll(script, "NAME", "Two"))
	r.mta().dialog(`
		connect
		mail <a@example.org>
		eom -> continue, ADDHEADER X-One: One11, ADDHEADER X-Two: Two11
		mail <a@example.org>
		eom -> continue, ADDHEADER X-One: One12, ADDHEADER X-Two: Two12`)
}

// conn of an earlier message is nobody's any more: asking it for what it does not have is an error that says so.
func TestConnKeptFromAnEarlierMessage(t *testing.T) {
	r := start(t, `
function mail(conn)
  kept = kept or conn
  log.info(tostring(kept.sender))
end
kept = false
function eom() end`)
	m := r.mta()
	m.dialog(`
		mail <one@example.org>
		eom -> continue
		mail <two@example.org>
		eom -> tempfail`)
	equal(t, "sender", r.said(), []string{"one@example.org"})
	oneFailure(t, r, "conn of an earlier message or another connection was kept and used in mail")
}

// The connection's own table stays the same to every message.
func TestConnectionKeptFromAnEarlierMessage(t *testing.T) {
	r := start(t, `
function connect(conn) conn.all = { conn.connection } end
function mail(conn) conn.all[1].n = (conn.all[1].n or 0) + 1 end
function eom(conn, msg) msg:add_header("X", tostring(conn.connection.n)) end`)
	m := r.mta()
	m.dialog("connect\nmail <one@example.org>\neom -> continue, ADDHEADER X: 1")
	r.parked()
	m.dialog("mail <one@example.org>\neom -> continue, ADDHEADER X: 2")
}

// oneFailure fails unless exactly one script error was logged, with a message that contains want. It returns its line.
func oneFailure(t *testing.T, r *rig, want string) map[string]any {
	t.Helper()
	var failures []map[string]any
	for _, l := range r.log.at("warn") {
		if l["script"] != nil && l["hook"] != nil {
			failures = append(failures, l)
		}
	}
	if len(failures) != 1 {
		t.Fatalf("%d script errors were logged, want 1: %v", len(failures), failures)
	}
	if message, _ := failures[0]["message"].(string); !strings.Contains(message, want) {
		t.Errorf("logged %q\nwant %q in it", message, want)
	}
	return failures[0]
}
