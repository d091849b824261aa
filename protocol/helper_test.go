package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// frame returns a packet as it goes over the wire.
func frame(code byte, payload string) []byte {
	p := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)))
	return append(append(p, code), payload...)
}

// splitFrames cuts written bytes into packets and fails for what is none.
func splitFrames(t testing.TB, b []byte) (out []packet) {
	t.Helper()
	for len(b) > 0 {
		if len(b) < 5 {
			t.Fatalf("%d stray bytes %q behind the last packet", len(b), b)
		}
		n := int(binary.BigEndian.Uint32(b))
		if n < 1 || len(b) < 4+n {
			t.Fatalf("packet of length %d in the last %d bytes", n, len(b))
		}
		out = append(out, packet{Command(b[4]), b[5 : 4+n]})
		b = b[4+n:]
	}
	return out
}

// codes returns the letters of packets.
func codes(packets []packet) string {
	var s strings.Builder
	for _, p := range packets {
		s.WriteByte(byte(p.cmd))
	}
	return s.String()
}

// payloads are what an MTA could send with each command.
var payloads = map[byte]string{
	'O': "\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff",
	'C': "mail.example\x004\x30\x39192.0.2.1\x00",
	'H': "client.example\x00",
	'M': "<a@client.example>\x00SIZE=100\x00",
	'R': "<b@here.example>\x00",
	'T': "",
	'L': "Subject\x00hello\x00",
	'N': "",
	'B': "one\r\ntwo\r\n",
	'E': "",
	'U': "FOO bar\x00",
	'A': "",
	'Q': "",
	'K': "",
	'D': "Mi\x00queue-id\x00",
}

// command returns a packet with the payload that the command usually has.
func command(letter byte) []byte { return frame(letter, payloads[letter]) }

// wire is a net.Conn whose other end is written down: each Read gets the next segment, then io.EOF. It notes what was
// written before each Read, as that is when an MTA would wait.
type wire struct {
	segments [][]byte
	out      bytes.Buffer
	answers  [][]byte // what was written after the n-th Read and before the next one
	reads    int
	writes   int
	closed   bool
}

func newWire(segments ...[]byte) *wire { return &wire{segments: segments} }

func (w *wire) Read(p []byte) (int, error) {
	w.note()
	w.reads++
	if len(w.segments) == 0 {
		return 0, io.EOF
	}
	n := copy(p, w.segments[0])
	if w.segments[0] = w.segments[0][n:]; len(w.segments[0]) == 0 {
		w.segments = w.segments[1:]
	}
	return n, nil
}

// note closes the account of what was written since the last Read.
func (w *wire) note() {
	w.answers = append(w.answers, bytes.Clone(w.out.Bytes()))
	w.out.Reset()
}

func (w *wire) Write(p []byte) (int, error)      { w.writes++; return w.out.Write(p) }
func (w *wire) Close() error                     { w.closed = true; return nil }
func (w *wire) LocalAddr() net.Addr              { return nil }
func (w *wire) RemoteAddr() net.Addr             { return nil }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// everything is what a filter wants that wants all there is.
var everything = Want{Events: 1<<NumStages - 1, Replies: 1<<NumStages - 1, Optional: AllActions, Extras: CanSkip}

// negotiate runs the filter's side of the negotiation.
func negotiate(c *ServerConn, want Want) error {
	offer, err := c.ReadOffer()
	if err != nil {
		return err
	}
	a, err := Negotiate(offer, want)
	if err != nil {
		return err
	}
	return c.Agree(a)
}

// answerAll reads events to the end of the connection and answers them by verdict, which may be nil. It returns what it was told.
func answerAll(c *ServerConn, verdict func(Event) Reply) (log []string, err error) {
	for {
		ev, err := c.Next()
		if err != nil {
			return log, err
		}
		log = append(log, describe(ev))
		var r Reply
		if verdict != nil {
			r = verdict(ev)
		}
		switch ev.(type) {
		case *EndOfMessage:
			err = c.Finish(nil, r)
		default:
			if err = c.Reply(r); err == ErrNotOwed {
				err = nil
			}
		}
		if err != nil {
			return log, fmt.Errorf("answer to %s: %w", describe(ev), err)
		}
	}
}

// describe returns an event as the golden conversations spell it.
func describe(ev Event) string {
	switch ev := ev.(type) {
	case *Connect:
		return fmt.Sprintf("connect %q %v %d %q", ev.Host, ev.Family, ev.Port, ev.Address)
	case *Helo:
		return fmt.Sprintf("helo %q", ev.Name)
	case *Mail:
		return fmt.Sprintf("mail %q%s", ev.Sender, describeParams(ev.Params))
	case *Rcpt:
		return fmt.Sprintf("rcpt %q%s", ev.Recipient, describeParams(ev.Params))
	case *Header:
		return fmt.Sprintf("header %q %q", ev.Name, ev.Value)
	case *Body:
		if len(ev.Chunk) > 80 {
			return fmt.Sprintf("body of %d bytes", len(ev.Chunk))
		}
		return fmt.Sprintf("body %q", ev.Chunk)
	case *Unknown:
		return fmt.Sprintf("unknown %q", ev.Line)
	case *QuitNC:
		return "quit_nc"
	case *Quit:
		return "quit"
	case *OutOfOrder:
		return fmt.Sprintf("out of order: %v", ev.Command)
	}
	return ev.Stage().String()
}

func describeParams(p Params) string {
	var s strings.Builder
	for one := range p.All() {
		fmt.Fprintf(&s, " %q", one)
	}
	return s.String()
}

// replaceBody is ReplaceBody of bytes.
func replaceBody(body []byte) Change {
	return ReplaceBody(io.NewSectionReader(bytes.NewReader(body), 0, int64(len(body))))
}
