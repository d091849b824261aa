package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/upstream"
)

func TestIsPublic(t *testing.T) {
	for ip, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true,
		"127.0.0.1": false, "127.8.8.8": false, "::1": false, "0.0.0.0": false, "::": false,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "fd00::1": false,
		"169.254.169.254": false, "fe80::1": false, "224.0.0.1": false, "ff02::1": false,
		"100.64.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.0.8": false,
		"::ffff:127.0.0.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if got := isPublic(netip.MustParseAddr(ip).Unmap()); got != want {
			t.Errorf("%s is public: %v", ip, got)
		}
	}
}

func TestParseAllow(t *testing.T) {
	a, err := ParseAllow([]string{"10.1.0.0/16", "192.168.1.1", "127.0.0.1:8080", "API.internal", "db.internal:99", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{
		"10.1.2.3:80": true, "10.2.2.3:80": false, "192.168.1.1:1": true, "192.168.1.2:1": false, "127.0.0.1:8080": true, "127.0.0.1:80": false,
		"[fd12::1]:80": true, "[::ffff:10.1.2.3]:80": true, "8.8.8.8:80": true,
	} {
		if got := a.address(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s is allowed: %v", at, got)
		}
	}
	for host, want := range map[string]bool{"api.internal:1": true, "db.internal:99": true, "db.internal:98": false, "x.internal:1": false} {
		name, port, _ := net.SplitHostPort(host)
		if got := a.named(name, port); got != want {
			t.Errorf("%s is allowed: %v", host, got)
		}
	}
	for _, bad := range []string{"", "http://x/", "10.0.0.0/99", "a b"} {
		if _, err := ParseAllow([]string{bad}); err == nil {
			t.Errorf("%q is a place", bad)
		}
	}
}

// client returns a client that may ask a server of the test, for 1000 bytes of body.
func client(t *testing.T, allow ...string) *Client {
	t.Helper()
	return clientWithin(t, time.Minute, allow...)
}

// clientWithin returns one that has so much time for each request.
func clientWithin(t *testing.T, timeout time.Duration, allow ...string) *Client {
	t.Helper()
	c, err := New(Options{Allow: allow, Timeout: timeout, MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func get(c *Client, url string) string {
	r, err := c.Do(context.Background(), &Request{Method: "GET", URL: url})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", r.Status, r.Body)
}

// Hostile servers cost what they may, and their answer is an error that says what they did.
func TestHostile(t *testing.T) {
	bomb := zeros(t, 10<<20)
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "secret:", r.Header.Get("X-Key"), r.Header.Get("Authorization"))
	}))
	t.Cleanup(other.Close)
	place := strings.TrimPrefix(s.URL, "http://")
	otherPlace := strings.TrimPrefix(other.URL, "http://")
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "fine") })
	mux.HandleFunc("/missing", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) })
	mux.HandleFunc("/metadata", redirect("http://169.254.169.254/latest/meta-data/"))
	mux.HandleFunc("/local", redirect("http://localhost:9/ok"))
	mux.HandleFunc("/file", redirect("file:///etc/passwd"))
	mux.HandleFunc("/loop", redirect("/loop"))
	mux.HandleFunc("/other", redirect(other.URL))
	mux.HandleFunc("/post", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) { pour(w, r) })
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	})
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "some")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/header", func(w http.ResponseWriter, r *http.Request) {
		for i := range 1000 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
		}
	})
	for path, want := range map[string]string{
		"/ok":       "200 fine",
		"/missing":  "404 ",
		"/metadata": "a redirect: 169.254.169.254 is not public; http.allow in the configuration makes exceptions",
		"/local":    "localhost, which is 127.0.0.1, is not public; http.allow in the configuration makes exceptions",
		"/file":     `a redirect: the URL begins with "file:"; http:// or https:// was expected`,
		"/loop":     "more than 5 redirects",
		"/other":    "200 secret:",
		"/endless":  "the answer of " + place + " is larger than 1000 bytes; max allows more",
		"/bomb":     "the answer of " + place + " is larger than 1000 bytes; max allows more",
		"/silent":   "http at " + place + ": no whole answer within 1s",
		"/slow":     "http at " + place + ": no whole answer within 1s",
		"/header":   "http at " + place + ": net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded 65536 bytes; aborted",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if strings.HasSuffix(want, "within 1s") {
				timeout = time.Second
			}
			c := clientWithin(t, timeout, place, otherPlace)
			r := &Request{Method: "GET", URL: s.URL + path, Header: http.Header{"X-Key": {"k"}, "Authorization": {"a"}}}
			got := ""
			if a, err := c.Do(context.Background(), r); err != nil {
				got = err.Error()
			} else {
				got = fmt.Sprintf("%d %s", a.Status, a.Body)
			}
			if path == "/local" {
				got = strings.Replace(got, "::1", "127.0.0.1", 1)
			}
			if got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
	t.Run("a body for another host", func(t *testing.T) {
		c := client(t, place, otherPlace)
		_, err := c.Do(context.Background(), &Request{Method: "POST", URL: s.URL + "/post", Body: "mine"})
		if want := "a redirect to another host, which would get the body too"; fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	})
}

// zeros returns so many zeros, packed.
func zeros(t *testing.T, n int) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pour writes until nobody reads any more.
func pour(w io.Writer, r *http.Request) {
	zeros := make([]byte, 64<<10)
	for r.Context().Err() == nil {
		if _, err := w.Write(zeros); err != nil {
			return
		}
	}
}

func TestRefused(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	place := strings.TrimPrefix(s.URL, "http://")
	c := client(t)
	for url, want := range map[string]string{
		s.URL:                     "127.0.0.1 is not public; http.allow in the configuration makes exceptions",
		"http://[::1]/":           "::1 is not public; http.allow in the configuration makes exceptions",
		"http://2130706433/":      "", // 127.0.0.1 as a number: no name, or refused
		"ftp://example.com/":      `the URL begins with "ftp:"; http:// or https:// was expected`,
		"http:///x":               "the URL names no host",
		"example.com":             `the URL begins with ":"; http:// or https:// was expected`,
		"http://a b/":             `GET "http://a b/": the method or the URL is none`,
		"http://user@" + place:    "127.0.0.1 is not public; http.allow in the configuration makes exceptions",
		"http://[::ffff:7f00:1]/": "::ffff:7f00:1 is not public; http.allow in the configuration makes exceptions",
	} {
		got := get(c, url)
		if strings.HasPrefix(got, "2") || strings.HasPrefix(got, "404") || want != "" && !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", url, got, want)
		}
	}
	if n := c.Counts().Failed; n > 1 {
		t.Errorf("%d servers are blamed", n)
	}
	if _, err := c.Do(context.Background(), &Request{Method: "GET", URL: "http://example.com", Header: http.Header{"A": {"b\r\nc: d"}}}); !errors.As(err, new(upstream.Refusal)) {
		t.Errorf("a line end in a header: %v", err)
	}
}

// A server that does not answer costs some time-outs, and not one each time.
func TestOutage(t *testing.T) {
	c := client(t, "127.0.0.1")
	for i := range 6 {
		got := get(c, "http://127.0.0.1:1") // a port that no server is given by chance
		if paused := strings.Contains(got, "is not asked for a while"); paused != (i >= 3) {
			t.Errorf("request %d: %s", i+1, got)
		}
	}
}

// A certificate that nobody trusts ends a request.
func TestCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it is told of the client that leaves
	s.StartTLS()
	t.Cleanup(s.Close)
	if got := get(client(t, "127.0.0.1"), s.URL); !strings.Contains(got, "certificate") {
		t.Error(got)
	}
}

// All goes through the proxy, if there is one; a private address in the URL is refused nevertheless.
func TestProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "proxy of ", r.URL) }))
	t.Cleanup(proxy.Close)
	c, err := New(Options{Proxy: proxy.URL, Timeout: time.Minute, MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for url, want := range map[string]string{
		"http://api.example.com/x": "200 proxy of http://api.example.com/x",
		"http://10.0.0.1/":         "10.0.0.1 is not public; http.allow in the configuration makes exceptions",
	} {
		if got := get(c, url); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
