package scanners

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// later is a script that sends a webhook and a notice of each message.
const later = `
local http, smtp = require "http", require "smtp"
function eom(conn, msg)
  if conn.sender == "" then return end
  msg:add_header("X-Hook", (http.later{ url = "http://ADDR/hook", json = { sender = conn.sender } }))
  msg:add_header("X-Notice", (smtp.send{ to = "admin@dest.example", subject = "Grüße", text = "about " .. conn.sender }))
end
`

// What was sent later while nobody took it is delivered by the next daemon, and SMTP never waits for it.
func TestLater(t *testing.T) {
	hook, relay := mta.FreeAddr(t), mta.FreeAddr(t)
	sink, spec, dir := mta.NewSink(t), mta.UnixSpec(t), mta.Dir(t)
	server := mta.Postfix(t, mta.Options{Filters: []mta.Filter{{Milter: spec}}, Relay: sink.Addr})
	write(t, dir, "script.lua", strings.ReplaceAll(later, "ADDR", hook))
	config := func(relay string) string {
		return write(t, dir, "luamilter.toml", fmt.Sprintf("listen = [%q]\nscripts = [\"script.lua\"]\n[http]\nallow = [\"127.0.0.1\"]\n[outbox]\ndir = %q\n[smtp]\nrelay = %q\n[admin]\nlisten = %q\n",
			spec, filepath.Join(dir, "outbox"), relay, "unix:"+filepath.Join(dir, "admin")))
	}
	first := mta.Daemon(t, mta.Run{Args: []string{"-c", config(relay)}})
	c := mta.Dial(t, server.Addr)
	c.Expect("EHLO client.example", "250")
	c.Expect("MAIL FROM:<sender@test.example>", "250")
	c.Expect("RCPT TO:<user@dest.example>", "250")
	c.Expect("DATA", "354")
	if reply := c.Message("Subject: x\r\n\r\nx\r\n"); !strings.HasPrefix(reply, "250") {
		t.Fatal(reply)
	}
	c.Expect("QUIT", "221")
	if head := string(sink.Next(t).Data); !strings.Contains(head, "\r\nX-Hook: 2") || !strings.Contains(head, "\r\nX-Notice: 2") {
		t.Errorf("nothing was put into the outbox: %s", head)
	}
	first.Stop(t)

	got := make(chan string, 10)
	l, err := net.Listen("tcp4", hook)
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Method + " " + r.URL.Path + " " + string(body)
	})}
	go func() { _ = web.Serve(l) }()
	t.Cleanup(func() { web.Close() })
	second := mta.Daemon(t, mta.Run{Args: []string{"-c", config(sink.Addr)}})
	if hook, want := <-got, `POST /hook {"sender":"sender@test.example"}`; hook != want {
		t.Errorf("the webhook is %s, want %s", hook, want)
	}
	notice := sink.Next(t)
	if notice.From != "<>" || notice.To[0].Address != "<admin@dest.example>" || !strings.Contains(string(notice.Data), "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n") {
		t.Errorf("the notice is from %s to %v: %s", notice.From, notice.To, notice.Data)
	}
	second.Stop(t)
	if left, err := filepath.Glob(filepath.Join(dir, "outbox", "*.json")); err != nil || len(left) > 0 {
		t.Errorf("%v is left in the outbox", left)
	}
}
