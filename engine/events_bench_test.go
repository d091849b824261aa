package engine

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/protocol"
)

// loopConn is an MTA that sends the same message again and again, in one piece, and reads no reply.
type loopConn struct {
	begin, message []byte // what comes once, and what comes so many times
	times          int
	rest           []byte
}

func (c *loopConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		switch {
		case c.begin != nil:
			c.rest, c.begin = c.begin, nil
		case c.times == 0:
			return 0, io.EOF
		default:
			c.times--
			c.rest = c.message
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *loopConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *loopConn) Close() error                     { return nil }
func (c *loopConn) LocalAddr() net.Addr              { return &net.UnixAddr{} }
func (c *loopConn) RemoteAddr() net.Addr             { return &net.UnixAddr{} }
func (c *loopConn) SetDeadline(time.Time) error      { return nil }
func (c *loopConn) SetReadDeadline(time.Time) error  { return nil }
func (c *loopConn) SetWriteDeadline(time.Time) error { return nil }

// packet is one as an MTA sends it; its parts end in NUL.
func packet(cmd protocol.Command, parts ...string) []byte {
	payload := strings.Join(parts, "\x00")
	if len(parts) > 0 {
		payload += "\x00"
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(1+len(payload))), append([]byte{byte(cmd)}, payload...)...)
}

// benchMessage is what Postfix sends for a message with three recipients and 20 header fields.
func benchMessage() []byte {
	macros := func(cmd protocol.Command, parts ...string) []byte {
		return packet(protocol.CmdMacro, append([]string{string(rune(cmd)) + parts[0]}, parts[1:]...)...)
	}
	out := slices.Concat(
		macros(protocol.CmdMail, "{mail_addr}", "sender@example.com", "{mail_host}", "example.com", "{mail_mailer}", "smtp"),
		packet(protocol.CmdMail, "<sender@example.com>", "SIZE=1234"))
	for i := range 3 {
		rcpt := fmt.Sprintf("user%d@example.org", i)
		out = slices.Concat(out,
			macros(protocol.CmdRcpt, "i", "4XYZ", "{rcpt_addr}", rcpt, "{rcpt_host}", "example.org", "{rcpt_mailer}", "local"),
			packet(protocol.CmdRcpt, "<"+rcpt+">"))
	}
	out = slices.Concat(out, macros(protocol.CmdData, "i", "4XYZ"), packet(protocol.CmdData))
	for i := range 20 {
		out = append(out, packet(protocol.CmdHeader, []string{"Received", "From", "To", "Subject", "X-Mailer"}[i%5], fmt.Sprintf("some value of usual length, number %d", i))...)
	}
	return slices.Concat(out, packet(protocol.CmdEOH), macros(protocol.CmdEOM, "i", "4XYZ"), packet(protocol.CmdEOM))
}

// offer is a whole negotiation: everything is offered.
func benchOffer() []byte {
	b := packet(protocol.CmdOptNeg)
	for _, word := range []uint32{6, 0x1ff, 0x1fffff} {
		b = binary.BigEndian.AppendUint32(b, word)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// BenchmarkEvents has a session take whole messages from memory, with no script at work, or one that looks at recipients, at header
// fields, or at everything. What it shows is all that a message costs but the kernel.
func BenchmarkEvents(b *testing.B) {
	for _, c := range []struct{ name, script string }{
		{"quiet", `function eom(conn) end`},
		{"recipients", benchScripts["recipients"]},
		{"headers", benchScripts["headers"]},
		{"everything", `
local function note(conn) conn.events = (conn.events or 0) + 1 return continue end
mail, rcpt, data, header, eoh, body = note, note, note, note, note, note
function eom(conn, msg) msg:add_header("X-Events", conn.events + 1) return continue end`},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, err := Load([]string{writeScript(b, "bench", c.script)}, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
			if err != nil {
				b.Fatal(err)
			}
			e := New(map[string]*Program{"": p}, zerolog.Nop())
			b.ReportAllocs()
			b.ResetTimer()
			s := newSession(e, job{conn: &loopConn{begin: benchOffer(), message: benchMessage(), times: b.N}, id: "bench"})
			if err := s.talk(); err != io.EOF {
				b.Fatal(err)
			}
		})
	}
}
