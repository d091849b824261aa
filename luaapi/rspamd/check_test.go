package rspamd

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// rspamd serves until the test ends.
func rspamd(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	c, err := New(s.URL, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func check(c *Client) (*Result, error) {
	return c.Check(context.Background(), &Message{Content: strings.NewReader("Subject: x\r\n\r\nbody\r\n"), Size: 20})
}

func TestCheck(t *testing.T) {
	var got *http.Request
	var body []byte
	c := rspamd(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		fmt.Fprint(w, `{"action":"add header","score":7.5,"required_score":15,"is_skipped":false,"symbols":{"BAD":{"name":"BAD","score":7.5,"options":["a","b"]}},"messages":{"smtp_message":"no"}}`)
	})
	text := "Subject: x\r\n\r\nbody\r\n"
	r, err := c.Check(context.Background(), &Message{
		IP: "192.0.2.1", Hostname: "mail.example.com", Helo: "helo", User: "u", QueueID: "4F", From: "a@example.com",
		Rcpt: []string{"b@example.com", "c@example.com"}, TLSVersion: "bad\r\nX: y", Content: strings.NewReader(text), Size: int64(len(text)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "{add header 7.5 15 false  map[BAD:{7.5  [a b]}] map[smtp_message:no]}"; fmt.Sprint(*r) != want {
		t.Errorf("%v, want %s", *r, want)
	}
	if got.Method+" "+got.URL.Path != "POST /checkv2" || string(body) != text {
		t.Errorf("%s %s %q", got.Method, got.URL, body)
	}
	for name, want := range map[string]string{"IP": "[192.0.2.1]", "Helo": "[helo]", "Rcpt": "[b@example.com c@example.com]", "From": "[a@example.com]", "User": "[u]", "Queue-Id": "[4F]", "Tls-Version": "[]", "Hostname": "[mail.example.com]"} {
		if s := fmt.Sprint(got.Header.Values(name)); s != want {
			t.Errorf("%s is %s, want %s", name, s, want)
		}
	}
}

func TestCheckOfNonsense(t *testing.T) {
	for name, c := range map[string]struct{ answer, want string }{
		"no JSON":       {"hello", "rspamd at ADDR: its answer is not what Rspamd says: invalid character 'h' looking for beginning of value"},
		"other JSON":    {`{"a": 1}`, "rspamd at ADDR: its answer is not what Rspamd says: it has no action"},
		"another type":  {`{"action": "reject", "score": "many"}`, "rspamd at ADDR: its answer is not what Rspamd says: json: cannot unmarshal"},
		"an error":      {`{"error": "invalid command"}`, `rspamd says: "invalid command"`},
		"endless":       {`{"action": "` + strings.Repeat("x", 2*maxAnswer), "rspamd at ADDR: its answer is not what Rspamd says: unexpected EOF"},
		"another state": {"403", `rspamd at ADDR: it answers 403 Forbidden: ""`},
	} {
		t.Run(name, func(t *testing.T) {
			client := rspamd(t, func(w http.ResponseWriter, r *http.Request) {
				if c.answer == "403" {
					w.WriteHeader(403)
					return
				}
				_, _ = io.WriteString(w, c.answer)
			})
			_, err := check(client)
			if want := strings.ReplaceAll(c.want, "ADDR", client.server.Address()); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v\nwant %s", err, want)
			}
		})
	}
}
