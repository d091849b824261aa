package engine

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/luaapi/spool"
	"luamilter/protocol"
)

// What becomes of a message over the limit is the configuration's to say.
func TestTooLarge(t *testing.T) {
	const script = `
function body(conn, chunk) conn.seen = (conn.seen or 0) + #chunk end
function eom(conn, msg)
	msg:add_header("X-Seen", conn.seen .. " " .. #msg.body .. " " .. tostring(msg.truncated))
end`
	const large = `
		mail <a@example.org>
		body 0123456789
		body 0123456789
		body 0123456789
		body 0123456789
		eom -> `
	const small = `
		mail <a@example.org>
		body 0123456789
		eom -> continue, ADDHEADER X-Seen: 10 10 false`
	for _, c := range []struct {
		name     string
		tooLarge TooLarge
		want     string
	}{
		{"error", TooLargeIsError, "tempfail"},
		{"truncate", Truncate, "continue, ADDHEADER X-Seen: 40 20 true"},
		{"accept", AcceptTooLarge, "accept"},
		{"reject", RejectTooLarge, "reject 552 5.3.4 the message is too large for the mail filter"},
		{"tempfail", TempfailTooLarge, "tempfail 452 4.3.4 the message is too large for the mail filter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := defaults()
			s.limits.Message, s.tooLarge = 25, c.tooLarge
			r := s.start(t, script)
			r.mta().dialog(large + c.want + small + large + c.want)
		})
	}
}

// Nothing of a truncated message can be lost by an edit of its body: that is an error, or does nothing and says why.
func TestTruncatedBodyStays(t *testing.T) {
	s := defaults()
	s.limits.Message, s.tooLarge = 25, Truncate
	r := s.start(t, `
function eom(conn, msg)
	log.info(tostring(pcall(msg.replace_body, msg, "x")) .. " " .. tostring(select(2, msg:add_footer{ text = "x" })))
	msg:add_header("X", "1")
end`)
	r.mta().dialog(`
		mail <a@example.org>
		body 01234567890123456789
		body 01234567890123456789
		eom -> continue, ADDHEADER X: 1`)
	equal(t, "said", r.said(), []string{"false truncated"})
}

// large sends a body of lines, some MiB, and returns how many bytes it has.
func large(m *mta, mib int) (size int) {
	chunk := []byte(strings.Repeat("0123456789abcd\r\n", protocol.MaxChunk/16))
	for range mib << 20 / len(chunk) {
		if _, err := m.Body(chunk); err != nil {
			m.t.Fatal(err)
		}
		size += len(chunk)
	}
	return size
}

// A large body is in a file: scripts see it and change it as in memory, of which it takes little; whatever ends the message ends the file.
func TestLargeBodyIsInAFile(t *testing.T) {
	s := defaults()
	s.memory = NewMemory(16 << 20)
	s.spool = spool.NewDir(t.TempDir(), 0)
	r := s.start(t, `
function eom(conn, msg)
	local at = msg.body:find("last line", 1, true)
	msg:add_header("X-Body", #msg.body .. " " .. tostring(at and msg.body:sub(at, at + 8)) .. " " .. #msg.parts)
	msg:add_footer{ text = "footer" }
end`)
	m := r.mta()
	m.do("mail <a@example.org>")
	m.do("header Content-Type: multipart/mixed; boundary=b")
	m.do("eoh")
	size := 0
	send := func(text string) {
		size += len(text)
		if _, err := m.Body([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	send("--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n")
	size += large(m, 8)
	send("last line")
	send("\r\n--b--\r\n")
	wait(t, "the body to be in a file", func() bool { return s.spool.Used() > 7<<20 })
	changes, reply, _, err := m.EndOfMessage()
	if err != nil || reply.Verdict != protocol.Continue {
		t.Fatal(reply, err)
	}
	var body strings.Builder
	var added []string
	for _, c := range changes {
		if c.Response == protocol.RespReplBody {
			body.Write(c.Body)
		} else {
			added = append(added, changeText(c))
		}
	}
	equal(t, "added", added, []string{fmt.Sprintf("ADDHEADER X-Body: %d last line 3", size)})
	got := body.String()
	if !strings.HasPrefix(got, "--b\r\n\r\ntext\r\n\r\nfooter\r\n--b\r\n") || !strings.HasSuffix(got, "0123456789abcd\r\nlast line\r\n--b--\r\n") || len(got) < 7<<20 {
		t.Errorf("the new body has %d bytes: %.60q", len(got), got)
	}
	if n := s.memory.kept.Load(); n > 2<<20 {
		t.Errorf("%d bytes of memory are kept", n)
	}
	wait(t, "the file to be gone", func() bool { return s.spool.Used() == 0 })
	for _, end := range []string{"abort", "mail <b@example.org>", "quit"} {
		m.do("mail <a@example.org>")
		large(m, 2)
		wait(t, "the body to be in a file", func() bool { return s.spool.Used() > 1<<20 })
		switch end {
		case "abort":
			_ = m.Abort()
		case "quit":
			_ = m.Close()
		default:
			m.do(end)
		}
		wait(t, "the file to be gone after "+end, func() bool { return s.spool.Used() == 0 })
	}
	r.ended()
	if n := s.memory.kept.Load(); n != 0 {
		t.Errorf("%d bytes of memory are kept", n)
	}
}

// Where the disk has no room for a message, its sender is to try again, and others are not harmed.
func TestSpoolIsFull(t *testing.T) {
	s := defaults()
	s.spool = spool.NewDir(t.TempDir(), 3<<20)
	r := s.start(t, eomOf(`msg:add_header("X", #msg.body)`))
	m := r.mta()
	m.do("mail <a@example.org>")
	large(m, 4)
	if got, want := m.do("eom"), "tempfail 452 4.3.1 the mail filter is short of disk space, try again later"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	m.dialog(`
		mail <a@example.org>
		body 0123456789
		eom -> continue, ADDHEADER X: 10`)
	if s.spool.Used() != 0 {
		t.Errorf("%d bytes are left", s.spool.Used())
	}
}
