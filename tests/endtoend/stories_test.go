package endtoend

import (
	"bytes"
	"fmt"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// hello begins a session.
func (s *site) hello(t *testing.T, listener string) *mta.Client {
	t.Helper()
	addr := s.server.Addr
	if listener != "" {
		addr = s.server.Listener(t, listener)
	}
	c := mta.Dial(t, addr)
	c.Expect("EHLO client.example", "250")
	return c
}

// send sends the usual message with another body.
func send(c *mta.Client, body string) {
	c.Deliver("a@test.example", []string{"b@dest.example"}, mta.CRLF(rest+"\n"+body))
}

// longEncoded has a script add a long text that is not ASCII: what arrives is ASCII, in lines of a decent length, and
// means the same.
func longEncoded(t *testing.T, s *site) {
	want := strings.Repeat("Grüße an Łukasz & 日本語 🙂 ", 40) + "end"
	s.daemon(t, `function eom(conn, msg) msg:add_header("X-Long", ("Grüße an Łukasz & 日本語 🙂 "):rep(40) .. "end") end`)
	c := s.hello(t, "")
	send(c, "hello\n")
	c.Quit()
	m, err := netmail.ReadMessage(bytes.NewReader(s.sink.Next(t).Data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("X-Long"))
	if err != nil || got != want {
		t.Errorf("decoded, it is %q (%v)", got, err)
	}
	for word := range strings.FieldsSeq(m.Header.Get("X-Long")) {
		if len(word) > 75 { // RFC 2047 section 2
			t.Errorf("a word has %d bytes: %s", len(word), word)
		}
	}
}

// bigMessage has a script count 20 MB, chunk by chunk, look at all of it at the end, and add a line.
func bigMessage(t *testing.T, s *site) {
	s.daemon(t, `
function body(conn, chunk)
  conn.size = (conn.size or 0) + #chunk
  conn.chunks = (conn.chunks or 0) + 1
end
function eom(conn, msg)
  msg:add_header("X-Size", conn.size .. " " .. conn.chunks .. " " .. #msg.body)
  msg:replace_body(msg.body .. "the end\r\n")
end`)
	body := strings.Repeat(strings.Repeat("z", 78)+"\r\n", 20<<20/80)
	c := s.hello(t, "")
	c.Deliver("a@test.example", []string{"b@dest.example"}, mta.CRLF(rest)+"\r\n"+body)
	c.Quit()
	size := len(body)
	header, got, _ := strings.Cut(string(s.sink.Next(t).Data), "\r\n\r\n")
	if want := fmt.Sprintf("\r\nX-Size: %d %d %d", size, (size+65534)/65535, size); !strings.HasSuffix(header, want) {
		t.Errorf("header is\n%s\nwant%s", quote(header), want)
	}
	if got != body+"the end\r\n" {
		t.Errorf("got a body of %d bytes, want the %d bytes sent and a line", len(got), size)
	}
}

// manyRecipients sends one message to 500, of which the script refuses some and adds one.
func manyRecipients(t *testing.T, s *site) {
	s.daemon(t, manyScript)
	many(t, s, "")
}

// overTCP does the same through a TCP socket. Sendmail writes each command in two parts, which is slow unless the
// filter's kernel acknowledges the first one at once.
func overTCP(t *testing.T, s *site) {
	mta.Daemon(t, mta.Run{Listen: s.inet, Scripts: []string{manyScript}})
	took := many(t, s, "inet")
	slices.Sort(took)
	if usual := took[len(took)/2]; usual > 30*time.Millisecond { // a late acknowledgement alone is 40
		t.Errorf("half of the recipients took %v each, or more", usual)
	}
}

const manyScript = `
function rcpt(conn, recipient)
  conn.count = (conn.count or 0) + 1
  if conn.count % 10 == 0 then return reject("5.1.1", "not you") end
end
function eom(conn, msg)
  msg:add_recipient("extra@dest.example")
  msg:add_header("X-Count", conn.count .. " " .. #msg.recipients)
end`

// many sends the message, and returns how long each recipient took.
func many(t *testing.T, s *site, listener string) (took []time.Duration) {
	t.Helper()
	c := s.hello(t, listener)
	c.Expect("MAIL FROM:<a@test.example>", "250")
	want := map[string]bool{"<extra@dest.example>": true}
	for i := 1; i <= 500; i++ {
		recipient, code, begin := fmt.Sprintf("<r%d@dest.example>", i), "250", time.Now()
		if i%10 == 0 {
			code = "550"
		} else {
			want[recipient] = true
		}
		c.Expect("RCPT TO:"+recipient, code)
		took = append(took, time.Since(begin))
	}
	c.Expect("DATA", "354")
	if reply := c.Message(mta.CRLF(rest + "\nhello\n")); !strings.HasPrefix(reply, "250") {
		t.Fatal(reply)
	}
	c.Quit()
	for len(want) > 0 { // Sendmail delivers to so many in several messages
		m := s.sink.Next(t)
		if !strings.Contains(string(m.Data), "\r\nX-Count: 500 451\r\n") {
			t.Errorf("message is\n%s", quote(string(m.Data)))
		}
		for _, to := range m.To {
			if !want[to.Address] {
				t.Errorf("unexpected recipient %s", to.Address)
			}
			delete(want, to.Address)
		}
	}
	return took
}

// manySessions has sessions of several messages each at the same time; every one keeps its own data.
func manySessions(t *testing.T, s *site) {
	s.daemon(t, `
function helo(conn, name) conn.client, conn.number = name, 0 end
function mail(conn) conn.connection.number = conn.number + 1 end
function rcpt(conn) conn.count = (conn.count or 0) + 1 end
function eom(conn, msg)
  msg:add_header("X-Session", conn.client .. " " .. conn.number .. " " .. conn.count)
end`)
	const sessions, messages = 6, 5
	var all sync.WaitGroup
	for i := range sessions {
		all.Add(1)
		go func() {
			defer all.Done()
			c := mta.Dial(t, s.server.Addr)
			if reply := c.Command(fmt.Sprintf("EHLO client%d.example", i)); !strings.HasPrefix(reply, "250") {
				t.Errorf("EHLO: %s", reply)
				return
			}
			for n := 1; n <= messages; n++ {
				c.Command("MAIL FROM:<a@test.example>")
				for r := range n {
					c.Command(fmt.Sprintf("RCPT TO:<r%d@dest.example>", r))
				}
				c.Command("DATA")
				if reply := c.Message(mta.CRLF(rest + "\nhello\n")); !strings.HasPrefix(reply, "250") {
					t.Errorf("client %d, message %d: %s", i, n, reply)
				}
			}
			c.Command("QUIT")
		}()
	}
	all.Wait()
	want := map[string]bool{}
	for i := range sessions {
		for n := 1; n <= messages; n++ {
			want[fmt.Sprintf("X-Session: client%d.example %d %d", i, n, n)] = true
		}
	}
	for range sessions * messages {
		header, _, _ := strings.Cut(string(s.sink.Next(t).Data), "\r\n\r\n")
		got := header[strings.LastIndexByte(header, '\n')+1:]
		if !want[got] {
			t.Errorf("unexpected %q", got)
		}
		delete(want, got)
	}
}
