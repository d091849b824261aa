package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/upstream"
)

const (
	maxHeader    = 64 << 10 // of an answer, in bytes
	maxRedirects = 5
	dialTime     = 2 * time.Second
	perHost      = 32 // connections
)

// Options are what a Client needs to know.
type Options struct {
	Allow   []string      // where requests may go besides public addresses, see ParseAllow
	Proxy   string        // URL of the proxy for all requests; "" for none
	Timeout time.Duration // of a request that says none
	MaxBody int64         // of an answer, where the request says nothing, in bytes
	Roots   *tls.Config   // for tests: who is trusted; nil for what the system trusts
}

// Client makes requests. It is safe for use by several goroutines.
type Client struct {
	options Options
	allow   Allow
	http    http.Client
	servers *upstream.Servers
}

// Request is a request.
type Request struct {
	Method  string
	URL     string
	Header  http.Header
	Body    string
	Timeout time.Duration // 0 for the Client's
	Max     int64         // bytes of the answer's body; 0 for the Client's
}

// Response is an answer, whatever its status.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// New makes a client. An error is about the options.
func New(o Options) (*Client, error) {
	allow, err := ParseAllow(o.Allow)
	if err != nil {
		return nil, err
	}
	c := &Client{options: o, allow: allow, servers: upstream.NewServers("http", o.Timeout)}
	proxy, err := ParseProxy(o.Proxy)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		DialContext:            c.dial,
		TLSClientConfig:        o.Roots,
		TLSHandshakeTimeout:    o.Timeout,
		MaxResponseHeaderBytes: maxHeader,
		MaxConnsPerHost:        perHost,
		MaxIdleConnsPerHost:    perHost / 4,
		MaxIdleConns:           4 * perHost,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
		t.DialContext = (&net.Dialer{Timeout: dialTime}).DialContext
	}
	c.http = http.Client{Transport: t, CheckRedirect: c.redirect}
	return c, nil
}

// ParseProxy reads the URL of a proxy, nil for "".
func ParseProxy(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
		return nil, errors.New("the proxy is no URL; write http://host:port") // it is not shown: it may have a password
	}
	return u, nil
}

// Close ends the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Counts returns what was asked so far.
func (c *Client) Counts() upstream.Counts { return c.servers.Counts() }

// Watch is that of upstream.Servers.
func (c *Client) Watch(tell func(outage.Note)) { c.servers.Watch(tell) }

// Do makes a request. An answer of any status is no error. An error is one line about the URL without what may be secret in it, and an
// upstream.Refusal if the server is not to blame.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = c.options.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := c.request(ctx, r)
	if err != nil {
		return nil, err
	}
	server, err := c.servers.At(hostPort(request.URL))
	if err != nil {
		return nil, upstream.Refusal(err.Error())
	}
	var response *Response
	err = server.Through(func() error {
		response, err = c.ask(request, r)
		if ctx.Err() == context.DeadlineExceeded {
			return fmt.Errorf("no whole answer within %v", timeout)
		}
		return err
	})
	return response, err
}

// request makes a request of a description, if it may go where it shall.
func (c *Client) request(ctx context.Context, r *Request) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		return nil, upstream.Refusal(fmt.Sprintf("%s %.100q: the method or the URL is none", r.Method, r.URL))
	}
	if err := c.checkURL(request.URL); err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		if !httpguts.ValidHeaderFieldName(name) || slices.ContainsFunc(values, func(v string) bool { return !httpguts.ValidHeaderFieldValue(v) }) {
			return nil, upstream.Refusal(fmt.Sprintf("header %.60q: its name or value has characters that it must not have", name))
		}
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "luamilter")
	}
	return request, nil
}

// ask sends a request and reads the answer, following redirects.
func (c *Client) ask(request *http.Request, r *Request) (*Response, error) {
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, plainly(err)
	}
	defer answer.Body.Close()
	most := r.Max
	if most == 0 {
		most = c.options.MaxBody
	}
	var body strings.Builder
	n, err := io.Copy(&body, io.LimitReader(answer.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case n > most:
		return nil, upstream.Refusal(fmt.Sprintf("the answer of %s is larger than %d bytes; max allows more", answer.Request.URL.Host, most))
	}
	return &Response{answer.StatusCode, answer.Header, body.String()}, nil
}

// plainly takes off what net/http says of the URL, which may have a password in its query.
func plainly(err error) error {
	var refusal upstream.Refusal
	var where *url.Error
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &where):
		return where.Err
	}
	return err
}

// hostPort returns where a URL leads to.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
