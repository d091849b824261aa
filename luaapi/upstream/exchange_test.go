package upstream

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestExchange(t *testing.T) {
	for _, c := range []struct {
		name     string
		exchange Exchange
		answer   string
		told     string
		want     string
	}{
		{"to the end", Exchange{Send: "a"}, "b\nc", "a", "b\nc"},
		{"nothing", Exchange{Send: "a"}, "", "a", ""},
		{"a line", Exchange{Send: "a\n", Line: true}, "b\r\nc", "a\n", "b"},
		{"no whole line", Exchange{Send: "a\n", Line: true}, "b", "a\n", "error: test: unexpected EOF"},
		{"no line", Exchange{Send: "a\n", Line: true}, "", "a\n", "error: test: EOF"},
		{"a long line", Exchange{Send: "a\n", Line: true}, strings.Repeat("x", 101) + "\n", "a\n", "error: test: the answer is longer than 100 bytes; max allows more"},
		{"the longest line", Exchange{Send: "a\n", Line: true}, strings.Repeat("x", 100) + "\r\n", "a\n", strings.Repeat("x", 100)},
		{"too much", Exchange{Send: "a"}, strings.Repeat("x", 101), "a", "error: test: the answer is longer than 100 bytes; max allows more"},
		{"a length", Exchange{Send: "abc", Length: 4}, "\x00\x00\x00\x02xyz", "\x00\x00\x00\x03abc", "xy"},
		{"a wrong length", Exchange{Send: "", Length: 1}, "\x05xyz", "\x00", "error: test: unexpected EOF"},
		{"a large length", Exchange{Send: "", Length: 8}, "\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x00\x00\x00\x00\x00", "error: test: the answer is longer than 100 bytes; max allows more"},
		{"too long for its length", Exchange{Send: strings.Repeat("x", 256), Length: 1}, "", "", "error: 256 bytes are too many for a length of 1 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := make(chan string, 1)
			s := newServer(t, serve(t, func(conn net.Conn) {
				got := make([]byte, len(c.told))
				_, _ = io.ReadFull(conn, got)
				told <- string(got)
				_, _ = io.WriteString(conn, c.answer)
			}), time.Minute)
			c.exchange.Max = 100
			answer, err := s.Exchange(context.Background(), &c.exchange)
			if err != nil {
				answer = "error: " + strings.Replace(fmt.Sprint(err), " at "+s.Address(), "", 1)
			}
			if answer != c.want {
				t.Errorf("%q, want %q", answer, c.want)
			}
			if c.told != "" {
				if got := <-told; got != c.told {
					t.Errorf("it was told %q, want %q", got, c.told)
				}
			}
		})
	}
}
