package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// startTLS sends a message over TLS: the client greets twice, and the script learns the cipher.
func startTLS(t *testing.T, s *site) {
	s.daemon(t, `
function connect(conn) conn.greetings = "" end
function helo(conn, name) conn.greetings = conn.greetings .. name .. (conn.tls and "+ " or " ") end
function eom(conn, msg)
  msg:add_header("X-TLS", conn.greetings .. conn.tls.version .. " " .. tostring(conn.tls.cipher ~= "") .. " "
    .. conn.tls.bits .. " " .. conn.helo)
end`)
	c := s.hello(t, "")
	c.StartTLS()
	c.Expect("EHLO again.example", "250")
	send(c, "hello\n")
	c.Quit()
	m := string(s.sink.Next(t).Data)
	if want := "\r\nX-TLS: client.example again.example+ TLSv1.3 true 128 again.example\r\n"; !strings.Contains(m, want) {
		t.Errorf("got\n%s\nwant%s", quote(m), want)
	}
}

// localMail comes from a program on the same machine, not from the network.
func localMail(t *testing.T, s *site) {
	mta.Daemon(t, mta.Run{Listen: s.local, Scripts: []string{`
function connect(conn) conn.who = tostring(conn.ip) .. " " .. conn.family .. " " .. conn.host .. " " .. tostring(conn.port) end
function mail(conn, sender) conn.from = sender end
function rcpt(conn, recipient)
  if recipient:find("^none") then conn.none = recipient end
end
function eom(conn, msg)
  if conn.none then msg:delete_recipient(conn.none) end
  msg:change_sender("new@test.example")
  msg:add_recipient("<d@dest.example>")
  msg:add_header("X-Who", table.concat({ conn.who, conn.from, table.concat(msg.recipients, "+") }, " "))
end`}})
	s.server.Submit(t, "a@test.example", []string{"b@dest.example", "none@dest.example"}, rest+"\nhello\n")
	m := s.sink.Next(t)
	want := "MAIL FROM:<new@test.example>\nRCPT TO:<b@dest.example>\nRCPT TO:<d@dest.example>\n"
	if got := envelopeOf(m); got != want {
		t.Errorf("envelope is\n%swant\n%s", got, want)
	}
	who := map[string]string{"postfix": "127.0.0.1 inet localhost nil", "sendmail": "nil unknown localhost nil"}[s.server.Name]
	if want := "\r\nX-Who: " + who + " a@test.example b@dest.example+d@dest.example\r\n"; !strings.Contains(string(m.Data), want) {
		t.Errorf("got\n%s\nwant%s", quote(string(m.Data)), want)
	}
}

// pipelining sends commands without waiting for replies; some recipients are refused in between. Postfix also takes
// the message itself in chunks.
func pipelining(t *testing.T, s *site) {
	s.daemon(t, `
function rcpt(conn, recipient)
  if recipient:find("^bad") then return reject("5.1.1", "no") end
end
function eom(conn, msg) msg:add_header("X-To", table.concat(msg.recipients, " ")) end`)
	c := s.hello(t, "")
	for range 3 {
		c.Send("MAIL FROM:<a@test.example>\r\nRCPT TO:<b@dest.example>\r\nRCPT TO:<bad@dest.example>\r\n" +
			"RCPT TO:<c@dest.example>\r\nDATA\r\n")
		for i, want := range []string{"250", "250", "550", "250", "354"} {
			if reply := c.Read(); !strings.HasPrefix(reply, want) {
				t.Fatalf("reply %d is %q, want %s", i, reply, want)
			}
		}
		if reply := c.Message(mta.CRLF(rest + "\nhello\n")); !strings.HasPrefix(reply, "250") {
			t.Fatal(reply)
		}
	}
	want := `MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<c@dest.example>
Received: (own)
(rest)
X-To: b@dest.example c@dest.example
`
	for range 3 {
		expect(t, s, want)
	}
	if s.server.Name == "sendmail" {
		return
	}
	message := mta.CRLF(rest + "\nhello\n")
	c.Send("MAIL FROM:<a@test.example>\r\nRCPT TO:<b@dest.example>\r\nRCPT TO:<c@dest.example>\r\n")
	c.Send(fmt.Sprintf("BDAT 10\r\n%sBDAT %d LAST\r\n%s", message[:10], len(message)-10, message[10:]))
	for range 5 {
		if reply := c.Read(); !strings.HasPrefix(reply, "250") {
			t.Fatalf("BDAT: reply %q", reply)
		}
	}
	c.Quit()
	expect(t, s, want)
}
