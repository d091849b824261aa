package protocol

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long any test waits for the other end.
const patience = time.Minute

// connect returns both ends of a connection of a kind.
func connect(t testing.TB, kind string) (mta, filter net.Conn) {
	t.Helper()
	if kind == "pipe" {
		mta, filter = net.Pipe()
	} else {
		addr := "127.0.0.1:0"
		if kind == "unix" {
			addr = filepath.Join(t.TempDir(), "milter.sock")
		}
		l, err := net.Listen(kind, addr)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if mta, err = net.Dial(kind, l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if filter, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { mta.Close(); filter.Close() })
	limit := time.Now().Add(patience)
	if err := errors.Join(mta.SetDeadline(limit), filter.SetDeadline(limit)); err != nil {
		t.Fatal(err)
	}
	return mta, filter
}

var kinds = []string{"pipe", "tcp", "unix"}

// readAnswer reads one packet from the filter.
func readAnswer(t *testing.T, conn net.Conn) packet {
	t.Helper()
	head := make([]byte, 5)
	if _, err := io.ReadFull(conn, head); err != nil {
		t.Fatalf("no answer: %v", err)
	}
	p := packet{cmd: Command(head[4]), payload: make([]byte, int(head[2])<<8+int(head[3])-1)}
	if _, err := io.ReadFull(conn, p.payload); err != nil {
		t.Fatalf("half an answer: %v", err)
	}
	return p
}

// TestRawConversation plays a message by raw bytes over real sockets and holds every answer to what it should be.
func TestRawConversation(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			mta, filter := connect(t, kind)
			done := make(chan error, 1)
			go func() {
				c := NewServerConn(filter)
				err := negotiate(c, everything)
				if err == nil {
					_, err = answerAll(c, func(ev Event) Reply {
						if _, ok := ev.(*Rcpt); ok {
							return Reply{Reject, 550, "5.7.1", "100%"}
						}
						return Reply{}
					})
				}
				done <- errors.Join(err, c.Close())
			}()
			for _, step := range []struct{ send, want string }{
				{"O", "O\x00\x00\x00\x06\x00\x00\x00\xff\x00\x00\x04\x00"},
				{"DC", "c"}, {"DH", "c"}, {"M", "c"}, {"DR", "y550 5.7.1 100%%\x00"}, {"R", "y550 5.7.1 100%%\x00"},
				{"T", "c"}, {"DL", "c"}, {"N", "c"}, {"B", "c"}, {"E", "c"}, {"AM", "c"}, {"AAQ", ""},
			} {
				for _, letter := range []byte(step.send) {
					if _, err := mta.Write(command(letter)); err != nil {
						t.Fatal(err)
					}
				}
				if step.want == "" {
					continue
				}
				if got := readAnswer(t, mta); string(got.cmd) != step.want[:1] || string(got.payload) != step.want[1:] {
					t.Fatalf("%s is answered with %c%q, want %q", step.send, got.cmd, got.payload, step.want)
				}
			}
			if err := <-done; !errors.Is(err, io.EOF) {
				t.Errorf("ends with %v", err)
			}
			if n, err := mta.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("something was written behind the last answer: %d %v", n, err)
			}
		})
	}
}

// TestDeadlineInMidPacket: a time-out anywhere, even between two bytes of a packet, loses nothing.
func TestDeadlineInMidPacket(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			mta, filter := connect(t, kind)
			c := NewServerConn(filter)
			go mta.Write(command('O'))
			if _, err := c.ReadOffer(); err != nil {
				t.Fatal(err)
			}
			a, err := Negotiate(FullOffer, Want{Events: everything.Events})
			if err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, mta)
			if err := c.Agree(a); err != nil {
				t.Fatal(err)
			}
			for _, letter := range []byte("DCDMLB") {
				p := command(letter)
				half := len(p) / 2
				sent := make(chan error, 1)
				go func() { _, err := mta.Write(p[:half]); sent <- err }()
				timeouts := 0
				for timeouts < 2 {
					_ = c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
					ev, err := c.Next()
					if !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Fatalf("%c: %v, %v", letter, ev, err)
					}
					timeouts++
				}
				if err := <-sent; err != nil {
					t.Fatal(err)
				}
				_ = c.SetReadDeadline(time.Now().Add(patience))
				go func() { _, err := mta.Write(p[half:]); sent <- err }()
				if letter != 'D' {
					ev, err := c.Next()
					if err != nil || ev.Stage().Command() != Command(letter) {
						t.Fatalf("%c: %v, %v", letter, ev, err)
					}
				} else {
					_ = c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
					if _, err := c.Next(); !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Fatal(err)
					}
				}
				if err := <-sent; err != nil {
					t.Fatal(err)
				}
			}
			if v, ok := c.Macros().Get("i"); !ok || string(v) != "queue-id" {
				t.Errorf("macro i is %q", v)
			}
		})
	}
}

// TestMTAVanishes: the connection ends in the middle of a packet, on real sockets.
func TestMTAVanishes(t *testing.T) {
	for _, kind := range kinds {
		mta, filter := connect(t, kind)
		go func() {
			_, _ = mta.Write(command('O'))
			_, _ = io.CopyN(io.Discard, mta, 17)
			_, _ = mta.Write(command('M')[:11])
			_ = mta.Close()
		}()
		c := NewServerConn(filter)
		if err := negotiate(c, everything); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Next(); err != io.ErrUnexpectedEOF {
			t.Errorf("%s: %v", kind, err)
		}
		if err := c.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
			t.Errorf("%s: close: %v", kind, err)
		}
	}
}

// TestNoOffer: what is not a milter's MTA.
func TestNoOffer(t *testing.T) {
	for _, test := range []struct{ name, bytes, want string }{
		{"another command", string(command('C')), "the MTA began with CONNECT instead of OPTNEG"},
		{"a short offer", string(frame('O', "\x00\x00\x00\x06")), "OPTNEG has 4 bytes"},
		{"another protocol", "EHLO client.example\r\n", "is the peer speaking the milter protocol?"},
		{"nothing", "", "EOF"},
	} {
		c := NewServerConn(newWire([]byte(test.bytes)))
		if test.bytes == "" {
			c = NewServerConn(newWire())
		}
		if _, err := c.ReadOffer(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
	c := NewServerConn(newWire(frame('O', payloads['O']+"from the future")))
	if o, err := c.ReadOffer(); err != nil || o != FullOffer {
		t.Errorf("bytes behind the offer: %+v, %v", o, err)
	}
}
