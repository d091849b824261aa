package clamav

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/upstream"
)

// clamd answers each stream with what answer makes of it, until the test ends. It stops reading after max bytes.
func clamd(t *testing.T, max int64, answer func(stream []byte) string) *Scanner {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			stream, _ := readStream(conn, max)
			_, _ = io.WriteString(conn, answer(stream))
			conn.Close()
		}
	}()
	s, err := New(l.Addr().String(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readStream reads what INSTREAM sends.
func readStream(conn io.Reader, max int64) ([]byte, error) {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
		return nil, fmt.Errorf("command %q: %w", command, err)
	}
	var all bytes.Buffer
	for {
		var size uint32
		if err := binary.Read(conn, binary.BigEndian, &size); err != nil || size == 0 {
			return all.Bytes(), err
		}
		if int64(all.Len())+int64(size) > max {
			return all.Bytes(), nil
		}
		if _, err := io.CopyN(&all, conn, int64(size)); err != nil {
			return nil, err
		}
	}
}

func TestScan(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"clean", "stream: OK\x00", "{false } <nil>"},
		{"infected", "stream: Win.Test.EICAR_HDB-1 FOUND\x00", "{true Win.Test.EICAR_HDB-1} <nil>"},
		{"a name with a colon", "stream: a: b FOUND\x00", "{true a: b} <nil>"},
		{"too large", "INSTREAM size limit exceeded. ERROR\x00", "{false } it is larger than clamd takes; StreamMaxLength in clamd.conf is the limit"},
		{"an error", "stream: Can't allocate memory ERROR\x00", `{false } clamd says: "stream: Can't allocate memory"`},
		{"nonsense", "HTTP/1.1 400 Bad Request\r\n\r\n", `{false } clamd at ADDR: after 3 bytes: an answer that is none of clamd: "HTTP/1.1 400 Bad Request\r\n\r\n"`},
		{"endless nonsense", strings.Repeat("x", 1<<20), `{false } clamd at ADDR: after 3 bytes: an answer that is none of clamd: "` + strings.Repeat("x", 60) + `"`},
		{"found nothing", "stream:  FOUND\x00", `{false } clamd at ADDR: after 3 bytes: an answer that is none of clamd: "stream:  FOUND"`},
		{"nothing", "", "{false } clamd at ADDR: after 3 bytes: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := clamd(t, 1<<20, func([]byte) string { return c.answer })
			result, err := s.Scan(context.Background(), strings.NewReader("abc"))
			got := fmt.Sprint(result, " ", err)
			want := strings.ReplaceAll(c.want, "ADDR", s.server.Address())
			if strings.HasSuffix(want, `FOUND"`) {
				want = strings.Replace(want, "after 3 bytes: ", "", 1)
			}
			if got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
}

// Every byte arrives, however much it is.
func TestScanSendsAll(t *testing.T) {
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 17} {
		var got []byte
		s := clamd(t, 1<<30, func(stream []byte) string { got = stream; return "stream: OK\x00" })
		text := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		if _, err := s.Scan(context.Background(), iotestReader{strings.NewReader(text)}); err != nil {
			t.Error(err)
		}
		if string(got) != text {
			t.Errorf("of %d bytes %d came", size, len(got))
		}
	}
}

// iotestReader gives a few bytes at a time.
type iotestReader struct{ r io.Reader }

func (r iotestReader) Read(p []byte) (int, error) { return r.r.Read(p[:min(len(p), 1000)]) }

// Clamd that stops reading in the middle is understood, on whatever its answer is seen.
func TestScanTooLarge(t *testing.T) {
	s := clamd(t, 1000, func([]byte) string { return "INSTREAM size limit exceeded. ERROR\x00" })
	_, err := s.Scan(context.Background(), strings.NewReader(strings.Repeat("x", 1500)))
	var refusal upstream.Refusal
	if err == nil || !errors.As(err, &refusal) && !strings.Contains(err.Error(), "after") {
		t.Error(err)
	}
}

// A clamd that answers only that it cannot scan is told of, and asked on: the reason may be in the messages.
func TestComplaints(t *testing.T) {
	s := clamd(t, 1<<20, func([]byte) string { return "INSTREAM: Can't allocate memory ERROR\x00" })
	var told []string
	s.Watch(func(n outage.Note) { told = append(told, n.What+": "+n.Err.Error()) })
	for range 5 {
		_, _ = s.Scan(context.Background(), strings.NewReader("text"))
	}
	if len(told) != 1 || !strings.HasSuffix(told[0], `: clamd says: "INSTREAM: Can't allocate memory"`) {
		t.Errorf("told %q", told)
	}
	if want := (upstream.Counts{Answered: 5}); s.Counts() != want {
		t.Errorf("counts %+v, want %+v", s.Counts(), want)
	}
}

// A message that is too large says nothing about clamd.
func TestTooLargeIsNoComplaint(t *testing.T) {
	s := clamd(t, 1<<20, func([]byte) string { return "INSTREAM size limit exceeded. ERROR\x00" })
	s.Watch(func(n outage.Note) { t.Errorf("told %v", n) })
	for range 5 {
		_, _ = s.Scan(context.Background(), strings.NewReader("text"))
	}
}
