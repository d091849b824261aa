package spamd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// spamd answers one question, and returns what it was told.
func spamd(t *testing.T, answer string, size int64) (c *Client, told func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		var all strings.Builder
		for !strings.HasSuffix(all.String(), "\r\n\r\n") {
			line, err := in.ReadString('\n')
			if all.WriteString(line); err != nil {
				break
			}
		}
		_, _ = io.CopyN(&all, in, size)
		got <- all.String()
		_, _ = io.WriteString(conn, answer)
	}()
	if c, err = New(l.Addr().String(), time.Minute); err != nil {
		t.Fatal(err)
	}
	return c, func() string { return <-got }
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name    string
		command Command
		answer  string
		want    string
	}{
		{"ham", Check, "SPAMD/1.1 0 EX_OK\r\nSpam: False ; -1.2 / 5.0\r\n\r\n", "&{false -1.2 5 [] } <nil>"},
		{"spam with symbols", Symbols, "SPAMD/1.1 0 EX_OK\r\nContent-length: 12\r\nSpam: True ; 1000.0 / 5.0\r\n\r\nGTUBE,A_B\r\n", "&{true 1000 5 [GTUBE A_B] } <nil>"},
		{"headers", Headers, "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 6.0 / 5.0\r\n\r\nX-Spam-Flag: YES\r\n", "&{true 6 5 [] X-Spam-Flag: YES\r\n} <nil>"},
		{"an error", Check, "SPAMD/1.0 76 Bad header line: (EX_PROTOCOL)\r\n", `<nil> spamd says: "76 Bad header line: (EX_PROTOCOL)"`},
		{"nonsense", Check, "220 mail.example.com ESMTP\r\n", `<nil> spamd at ADDR: an answer that is none of spamd: "220 mail.example.com ESMTP"`},
		{"no verdict", Check, "SPAMD/1.1 0 EX_OK\r\nSpam: perhaps\r\n\r\n", `<nil> spamd at ADDR: an answer that is none of spamd: it says Spam: "perhaps"`},
		{"nothing", Check, "", "<nil> spamd at ADDR: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, told := spamd(t, c.answer, 3)
			r, err := client.Check(context.Background(), &Message{Command: c.command, User: "u", Content: strings.NewReader("abc"), Size: 3})
			if got, want := fmt.Sprint(r, " ", err), strings.ReplaceAll(c.want, "ADDR", client.server.Address()); got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
			if got, want := told(), string(c.command)+" SPAMC/1.5\r\nContent-length: 3\r\nUser: u\r\n\r\nabc"; got != want {
				t.Errorf("it was told %q, want %q", got, want)
			}
		})
	}
}
