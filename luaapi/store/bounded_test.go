package store

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// checkedReader is a reader whose answers are checked.
type checkedReader struct {
	io.Reader
	answers answers
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	return c.answers.checked(p[:n], err)
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, text string
		refused    bool
	}{
		{"a status", "+OK\r\n", false},
		{"an error", "-ERR no\r\n", false},
		{"no text", "$-1\r\n", false},
		{"an array", "*3\r\n$3\r\nnew\r\n:1\r\n$0\r\n\r\n+OK\r\n", false},
		{"a text with lines in it", "$13\r\n$99999999999\n\r\n+OK\r\n", false},
		{"a long line", "+" + strings.Repeat("x", 100) + "\r\n+OK\r\n", false},
		{"the beginning of one", "*2\r\n$3", false},
		{"a text beyond all bounds", "+OK\r\n$99999999999\r\n", true},
		{"in an array", "*2\r\n$1\r\nx\r\n$99999999999\r\n", true},
		{"an array beyond all bounds", "*999999999\r\n", true},
		{"a number beyond all numbers", "$" + strings.Repeat("9", 100) + "\r\n", true},
		{"the largest", "$16777216\r\n", false},
		{"larger", "$16777217\r\n", true},
		{"what is no number", "$x\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				got, err := io.ReadAll(&checkedReader{Reader: r})
				if refused := err != nil; refused != c.refused {
					t.Errorf("%v", err)
				}
				if !c.refused && string(got) != c.text {
					t.Errorf("it reads %q", got)
				}
			}
		})
	}
}

// FuzzAnswers: whatever comes is read as it is, or refused.
func FuzzAnswers(f *testing.F) {
	f.Add("*2\r\n$3\r\nnew\r\n:1\r\n")
	f.Add("$99999999999\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := io.ReadAll(&checkedReader{Reader: iotest.HalfReader(strings.NewReader(text))})
		if err == nil && string(got) != text {
			t.Errorf("it reads %q of %q", got, text)
		}
	})
}

// A server that says that much follows costs an error, not the memory.
func TestRedisBeyondBounds(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1000))
			_, _ = io.WriteString(conn, "$99999999999\r\n")
			conn.Close()
		}
	}()
	at, err := ParseURL("redis://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenRedis(at, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, _, err := r.Get(t.Context(), "key"); err == nil || !strings.Contains(err.Error(), "none of Redis, or too large") {
		t.Errorf("%v", err)
	}
}
