// Package conformance talks to the luamilter binary as an MTA would, in raw bytes and through package protocol: what it must answer,
// when it must be silent, and that no input costs more than its own connection.
//
// A conversation in raw bytes has one step on a line. "> X text" sends packet X, with NUL written as |; "< X text" is the next
// packet that must come back, and nothing else; "! bytes" sends bytes that are no packet; "closed" wants the end of the connection.
package conformance

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// patience is how long an answer may take, and quiet how long silence is watched.
const (
	patience = time.Minute
	quiet    = 30 * time.Millisecond
)

// offer is what an MTA of version 6 offers: all actions, all steps. The answer differs by script.
const offer = `O \x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff`

// dial connects to the daemon's unix socket.
func dial(t *testing.T, spec string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", strings.TrimPrefix(strings.SplitN(spec, "?", 2)[0], "unix:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// unquote reads the notation of a step's text: Go escapes, and | for NUL.
func unquote(t *testing.T, text string) string {
	t.Helper()
	s, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("step %q: %v", text, err)
	}
	return strings.ReplaceAll(s, "|", "\x00")
}

// packet returns a packet in wire form, from "X text".
func packet(t *testing.T, step string) []byte {
	t.Helper()
	letter, text, _ := strings.Cut(step, " ")
	payload := letter + unquote(t, text)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), payload...)
}

// play goes through a conversation.
func play(t *testing.T, c net.Conn, conversation string) {
	t.Helper()
	var out []byte
	for step := range strings.Lines(strings.TrimSpace(conversation)) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(step), " ")
		switch kind {
		case "":
		case ">":
			out = append(out, packet(t, rest)...)
		case "!":
			out = append(out, unquote(t, rest)...)
		case "<":
			out = flush(t, c, out)
			if got, want := receive(t, c), string(packet(t, rest)); got != want {
				t.Fatalf("step %q: got %q, want %q", rest, got, want)
			}
		case "silence":
			out = flush(t, c, out)
			silent(t, c)
		case "closed":
			out = flush(t, c, out)
			if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("the connection is still open: %d bytes, %v", n, err)
			}
		default:
			t.Fatalf("no such step: %q", step)
		}
	}
	flush(t, c, out)
}

func flush(t *testing.T, c net.Conn, out []byte) []byte {
	t.Helper()
	if _, err := c.Write(out); err != nil && len(out) > 0 {
		t.Fatal(err)
	}
	return out[:0]
}

// receive returns the next packet as it came.
func receive(t *testing.T, c net.Conn) string {
	t.Helper()
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatalf("no answer: %v", err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(c, body); err != nil {
		t.Fatalf("half an answer: %v", err)
	}
	return string(head) + string(body)
}

// silent fails if anything comes.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(quiet)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	if n, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %q, %v where nobody waits", b[:n], err)
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
}
