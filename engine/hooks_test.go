package engine

import (
	"testing"

	"luamilter/protocol"
)

// witness tells of every hook and of its arguments.
const witness = `
local function list(params)
  local names = {}
  for name, value in pairs(params) do
    if type(name) == "string" then names[#names + 1] = name .. "=" .. tostring(value) end
  end
  table.sort(names)
  return "{" .. table.concat(params, " ") .. "} {" .. table.concat(names, " ") .. "}"
end
function connect(conn) log.info("connect") end
function helo(conn, name) log.info("helo " .. name) end
function mail(conn, sender, params) log.info("mail [" .. sender .. "] " .. list(params)) end
function rcpt(conn, recipient, params) log.info("rcpt [" .. recipient .. "] " .. list(params)) end
function data(conn) log.info("data") end
function header(conn, name, value) log.info("header " .. name .. "=" .. value:gsub("\n", "\\n")) end
function eoh(conn, headers) log.info("eoh " .. #headers .. " " .. headers[1].name) end
function body(conn, chunk) log.info("body " .. chunk:gsub("\r\n", "\\r\\n")) end
function eom(conn, msg) log.info("eom [" .. msg.sender .. "]") end
function abort(conn) log.info("abort") end
function close(conn) log.info("close") end
function unknown(conn, command) log.info("unknown " .. command) end
`

func TestHooks(t *testing.T) {
	for _, c := range []struct{ name, dialog, want string }{
		{"a whole connection", `
			connect
			helo mail.example.org
			mail <sender@example.org> SIZE=123 BODY=8BITMIME SMTPUTF8
			rcpt <reader@example.com> NOTIFY=NEVER
			data
			header Subject: hello\n world
			header Empty:
			eoh
			body one\r\n
			body two\r\n
			eom -> continue
			quit`, `
			connect
			helo mail.example.org
			mail [sender@example.org] {SIZE=123 BODY=8BITMIME SMTPUTF8} {BODY=8BITMIME SIZE=123 SMTPUTF8=true}
			rcpt [reader@example.com] {NOTIFY=NEVER} {NOTIFY=NEVER}
			data
			header Subject=hello\n world
			header Empty=
			eoh 2 Subject
			body one\r\n
			body two\r\n
			eom [sender@example.org]
			close`},
		{"ESMTP names in capitals, as sent in the list", `
			mail <> size=5 empty=
			eom
			quit`, `
			mail [] {size=5 empty=} {EMPTY= SIZE=5}
			eom []
			close`},
		{"addresses without brackets, as Postfix sends them for mail that did not come by SMTP", `
			mail sender@example.org
			rcpt reader@example.com
			rcpt <odd>address>
			mail
			quit`, `
			mail [sender@example.org] {} {}
			rcpt [reader@example.com] {} {}
			rcpt [odd>address] {} {}
			abort
			mail [] {} {}
			abort
			close`},
		{"messages follow one another", `
			mail <one@example.org>
			rcpt <reader@example.com>
			eom
			mail <two@example.org>
			eom
			quit`, `
			mail [one@example.org] {} {}
			rcpt [reader@example.com] {} {}
			eom [one@example.org]
			mail [two@example.org] {} {}
			eom [two@example.org]
			close`},
		{"no CONNECT and no HELO", `
			mail <one@example.org>
			quit`, `
			mail [one@example.org] {} {}
			abort
			close`},
		{"HELO again, as after STARTTLS", `
			connect
			helo one.example.org
			helo two.example.org
			quit`, `
			connect
			helo one.example.org
			helo two.example.org
			close`},
		{"HELO in the middle of a message gives that up", `
			mail <one@example.org>
			helo two.example.org
			quit`, `
			mail [one@example.org] {} {}
			abort
			helo two.example.org
			close`},
		{"an unknown command before, in and after a message", `
			unknown XYZZY plugh
			mail <one@example.org>
			unknown HELP
			rcpt <reader@example.com>
			eom
			unknown BYE
			quit`, `
			unknown XYZZY plugh
			mail [one@example.org] {} {}
			unknown HELP
			rcpt [reader@example.com] {} {}
			eom [one@example.org]
			unknown BYE
			close`},
		{"nothing but goodbye", `quit`, `close`},
		{"nothing at all", `vanish`, `close`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, witness)
			r.mta().dialog(c.dialog)
			r.ended()
			equal(t, "hooks", r.said(), list(c.want))
			noErrors(t, r)
		})
	}
}

// noErrors fails for anything that was logged as somebody's mistake.
func noErrors(t *testing.T, r *rig) {
	t.Helper()
	for _, level := range []string{"warn", "error", "broken"} {
		for _, l := range r.log.at(level) {
			t.Errorf("logged at %s: %v (%v)", level, l["message"], l)
		}
	}
}

// Clients are told apart by what CONNECT says of them.
func TestClients(t *testing.T) {
	const script = `
function connect(conn)
  log.info(table.concat({ tostring(conn.host), conn.family, tostring(conn.ip), tostring(conn.port) }, " "))
end`
	for _, c := range []struct{ name, connect, want string }{
		{"IPv4", "connect mail.example.net inet 192.0.2.7 4321", "mail.example.net inet 192.0.2.7 4321"},
		{"IPv4 without a name", "connect [192.0.2.7] inet 192.0.2.7 4321", "[192.0.2.7] inet 192.0.2.7 4321"},
		{"IPv6 as Postfix sends it", "connect mail.example.net inet6 2001:db8::1 25", "mail.example.net inet6 2001:db8::1 25"},
		{"IPv6 as Sendmail sends it", "connect mail.example.net inet6 IPv6:2001:db8::1 25", "mail.example.net inet6 2001:db8::1 25"},
		{"a port that is not known", "connect mail.example.net inet 192.0.2.7 0", "mail.example.net inet 192.0.2.7 nil"},
		{"a unix socket has no IP address", "connect localhost unix /run/client", "localhost unix nil nil"},
		{"unknown", "connect unknown unknown", "unknown unknown nil nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, script)
			r.mta().dialog(c.connect + "\nquit")
			r.ended()
			equal(t, "client", r.said(), []string{c.want})
		})
	}
}

// The end of a message may bring the last of its body in the same packet.
func TestBodyInTheLastPacket(t *testing.T) {
	r := start(t, `
function body(conn, chunk)
  log.info("body " .. chunk)
  return continue
end
function eom() log.info("eom") end`)
	m := r.mta()
	m.dialog("mail <one@example.org>\nbody first -> continue")
	m.packet(byte(protocol.CmdEOM), "last")
	if got := m.answer(); got != "c" {
		t.Errorf("answered %q", got)
	}
	equal(t, "hooks", r.said(), []string{"body first", "body last", "eom"})
}

// A chunk may be kept: the next one does not write over it.
func TestChunksAreSafeToKeep(t *testing.T) {
	r := start(t, `
function body(conn, chunk)
  conn.chunks = conn.chunks or {}
  conn.chunks[#conn.chunks + 1] = chunk
end
function header(conn, name, value) conn[name] = value end
function eom(conn, msg) msg:add_header("X-Body", table.concat(conn.chunks) .. conn.One .. conn.Two) end`)
	r.mta().dialog(`
		mail <one@example.org>
		header One: 1
		header Two: 2
		eoh
		body aaaa
		body bbbb
		body cccc
		eom -> continue, ADDHEADER X-Body: aaaabbbbcccc12`)
}

// A hook may leave out arguments it does not need, or take them all as they come.
func TestHooksTakeWhatTheyDeclare(t *testing.T) {
	r := start(t, `
function helo() log.info("helo") end
function mail(conn, ...) log.info("mail " .. select("#", ...)) end
function rcpt(conn, recipient) log.info("rcpt " .. recipient) end
function header(conn, name) log.info("header " .. name) end
function eom(_, ...) log.info("eom " .. select("#", ...)) end`)
	m := r.mta()
	m.dialog("helo mail.example.org" + wholeMessage)
	equal(t, "hooks", r.said(), list(`
		helo
		mail 2
		rcpt reader@example.com
		header Subject
		eom 1`))
}
