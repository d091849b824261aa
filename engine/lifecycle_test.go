package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// abort is called for a message that was given up, in the scripts that were awake for it.
func TestAbort(t *testing.T) {
	const script = `
function mail(conn, sender) log.info("mail " .. sender) end
function rcpt(conn, r) return ({ accept = accept, reject = reject, discard = discard })[r] end
function abort(conn) log.info("abort " .. conn.sender .. " [" .. table.concat(conn.recipients, " ") .. "]") end
function close(conn) log.info("close") end
`
	for _, c := range []struct{ name, dialog, said string }{
		{"RSET", `
			mail one
			rcpt <b@example.com>
			abort
			quit`, `
			mail one
			abort one [b@example.com]
			close`},
		{"RSET with nothing to give up", `
			abort
			mail one
			eom
			abort
			abort
			quit`, `
			mail one
			close`},
		{"RSET many times", `
			mail one
			abort
			abort
			quit`, `
			mail one
			abort one []
			close`},
		{"MAIL after MAIL", `
			mail one
			mail two
			eom
			quit`, `
			mail one
			abort one []
			mail two
			close`},
		{"HELO", `
			mail one
			helo again
			quit`, `
			mail one
			abort one []
			close`},
		{"QUIT", `
			mail one
			quit`, `
			mail one
			abort one []
			close`},
		{"the connection is lost", `
			mail one
			rcpt <b@example.com> -> continue
			vanish`, `
			mail one
			abort one [b@example.com]
			close`},
		{"not for a message that was accepted", `
			mail one
			rcpt accept -> accept
			abort
			mail two
			rcpt accept -> accept
			quit`, `
			mail one
			mail two
			close`},
		{"not for a message that was dropped", `
			mail one
			rcpt discard -> discard
			abort
			quit`, `
			mail one
			close`},
		{"a recipient that was refused is none of it", `
			mail one
			rcpt reject -> reject
			rcpt <b@example.com> -> continue
			abort
			quit`, `
			mail one
			abort one [b@example.com]
			close`},
		{"another SMTP connection on the same socket", `
			mail one
			quitnc
			connect
			mail two
			eom
			quit`, `
			mail one
			abort one []
			close
			mail two
			close`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, script)
			r.mta().dialog(c.dialog)
			r.ended()
			equal(t, "said", r.said(), list(c.said))
			noErrors(t, r)
		})
	}
}

// close is called exactly once for each SMTP connection, however it ends.
func TestCloseComesOnce(t *testing.T) {
	const script = `
function connect(conn) conn.name = conn.host end
function close(conn) log.info("close " .. tostring(conn.name)) end
function rcpt(conn, r) if r == "bad" then error("boom") end return continue end
`
	for _, c := range []struct{ name, dialog, said string }{
		{"QUIT", `
			connect a unknown
			quit`, `close a`},
		{"after a message", `
			connect a unknown
			mail one
			eom
			quit`, `close a`},
		{"without a word", `
			connect a unknown
			mail one
			rcpt <b@example.com> -> continue
			vanish`, `close a`},
		{"after an error", `
			connect a unknown
			mail one
			rcpt bad -> tempfail
			quit`, `close a`},
		{"another connection on the same socket", `
			connect a unknown
			quitnc
			connect b unknown
			quit`, `
			close a
			close b`},
		{"another CONNECT is a new connection too", `
			connect a unknown
			connect b unknown
			quit`, `
			close a
			close b`},
		{"several, and then nothing more", `
			connect a unknown
			quitnc
			quitnc
			quit`, `close a`},
		{"the same, and it is lost", `
			connect a unknown
			quitnc
			vanish`, `close a`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, script)
			m := r.mta()
			m.dialog(c.dialog)
			r.ended()
			equal(t, "said", r.said(), list(c.said))
		})
	}
}

// Nothing of one SMTP connection is left in the next one on the same socket.
func TestNextConnectionOnTheSameSocket(t *testing.T) {
	r := start(t, `
function connect(conn)
  log.info(tostring(conn.mark) .. " " .. tostring(conn.helo) .. " " .. conn.host .. " " .. tostring(conn.macros.j))
  conn.mark = conn.host
  if conn.host == "asleep" then return accept end
  if conn.host == "refused" then return reject end
  if conn.host == "odd" then conn.mark = function() end end
  return continue
end
function helo(conn, name) end
function mail(conn, sender) log.info("mail") end`)
	m := r.mta()
	for _, c := range []struct{ host, reply string }{{"asleep", "accept"}, {"refused", "reject"}, {"odd", "continue"}, {"last", "continue"}} {
		m.dialog(fmt.Sprintf("macros connect j=%s.mx\nconnect %s unknown -> %s\nhelo name\nmail one", c.host, c.host, c.reply))
		if c.host == "odd" {
			time.Sleep(4 * r.engine.ParkAfter) // its VM stays
		}
		m.dialog("quitnc")
	}
	m.dialog("quit")
	r.ended()
	equal(t, "said", r.said(), list(`
		nil nil asleep asleep.mx
		nil nil refused refused.mx
		nil nil odd odd.mx
		mail
		nil nil last last.mx
		mail`))
	r.parked()
	noErrors(t, r)
}

// A connection that ends before anything was negotiated, as those of health checks do, gets its close and is nobody's mistake.
func TestConnectionWithoutNegotiation(t *testing.T) {
	r := start(t, `
function connect() end
function helo() end
function close(conn) log.info("close " .. tostring(conn.ip) .. tostring(conn.helo) .. tostring(conn.sender)) end`)
	m := r.connect()
	wait(t, "the connection", func() bool { return r.engine.Sessions() == 1 })
	m.dialog("vanish")
	r.ended()
	equal(t, "said", r.said(), []string{"close nilnilnil"})
	noErrors(t, r)
}

// What is no milter protocol ends the connection with one line; the scripts hear of the end.
func TestNonsenseOnTheWire(t *testing.T) {
	const script = `
function mail(conn) return continue end
function abort() log.info("abort") end
function close() log.info("close") end`
	for _, c := range []struct {
		name string
		send func(m *mta)
		want string
		said string
	}{
		{"an unknown command", func(m *mta) { m.packet('!', "") }, `command '!'`, "abort close"},
		{"a second negotiation", func(m *mta) { m.packet('O', "\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff") }, "options were negotiated before", "abort close"},
		{"an empty packet", func(m *mta) { _, _ = m.conn.Write([]byte{0, 0, 0, 0}) }, "", "abort close"},
		{"a packet that is cut off", func(m *mta) {
			_, _ = m.conn.Write([]byte{0, 0, 0, 9, 'M', 'x'})
			_ = m.conn.Close()
		}, "unexpected EOF", "abort close"},
		{"an address without its end", func(m *mta) { m.packet('M', "x") }, "address does not end in NUL", "abort close"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, script)
			m := r.mta()
			m.dialog("mail one -> continue")
			c.send(m)
			r.ended()
			if got := strings.Join(r.said(), " "); got != c.said {
				t.Errorf("said %q, want %q", got, c.said)
			}
			lines := r.log.at("warn")
			if len(lines) != 1 || !strings.Contains(fmt.Sprint(lines[0]["error"]), c.want) {
				t.Errorf("logged %v, want one line with %q", lines, c.want)
			}
		})
	}
	t.Run("no negotiation", func(t *testing.T) {
		r := start(t, script)
		m := r.connect()
		m.packet('M', "<a@example.org>\x00")
		if got := m.answer(); !strings.HasPrefix(got, "error") {
			t.Errorf("answered %q", got)
		}
		r.ended()
		if lines := r.log.at("warn"); len(lines) != 1 || !strings.Contains(fmt.Sprint(lines[0]["error"]), "began with MAIL") {
			t.Errorf("logged %v", lines)
		}
	})
}

// A command that makes no sense where it comes is answered, and told of once.
func TestOutOfOrder(t *testing.T) {
	r := start(t, `function mail() end function rcpt() return continue end function data() return continue end`)
	r.mta().dialog(`
		rcpt <b@example.com> -> tempfail
		data -> tempfail
		eom -> tempfail
		mail one
		rcpt <b@example.com> -> continue
		eom -> continue
		data -> tempfail
		quit`)
	r.ended()
	if lines := r.log.at("warn"); len(lines) != 1 || !strings.Contains(fmt.Sprint(lines[0]["message"]), "the MTA sent RCPT outside a message") {
		t.Errorf("logged %v", lines)
	}
}

// A refusal leaves one line for who is asked about it.
func TestRefusalIsLogged(t *testing.T) {
	r := start(t, `
function rcpt(conn, r) return reject(550, "5.1.1", "no such user\ntry another") end
function connect() end`)
	r.mta().dialog(`
		connect
		macros mail i=ABC
		mail <a@example.org>
		rcpt <b@example.com> -> reject 550 5.1.1 no such user / try another
		quit`)
	r.ended()
	lines := r.log.at("info")
	if len(lines) != 1 {
		t.Fatalf("logged %v", lines)
	}
	for key, want := range map[string]any{
		"message": "refused", "stage": "rcpt", "verdict": "reject", "client": "192.0.2.7", "queue_id": "ABC", "from": "a@example.org",
		"reply": "550 5.1.1 no such user / try another",
	} {
		if lines[0][key] != want {
			t.Errorf("%s is %q, want %q", key, lines[0][key], want)
		}
	}
}

// An MTA that sends much at once and reads late gets every reply.
func TestPipelining(t *testing.T) {
	r := start(t, `
function rcpt(conn, recipient) conn.n = (conn.n or 0) + 1 if conn.n % 100 == 0 then return reject("no") end end
function eom(conn, msg) msg:add_header("X", conn.n) end`)
	m := r.mta()
	const n = 2000
	go func() {
		all := []byte("\x00\x00\x00\x05M<a>\x00")
		for range n {
			all = append(all, "\x00\x00\x00\x05R<b>\x00"...)
		}
		_, _ = m.conn.Write(all)
	}()
	rejected := 0
	for range n {
		if strings.HasPrefix(m.answer(), "y") {
			rejected++
		}
	}
	if rejected != n/100 {
		t.Errorf("%d were rejected, want %d", rejected, n/100)
	}
	m.dialog(fmt.Sprintf("eom -> continue, ADDHEADER X: %d", n))
}
