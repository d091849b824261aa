package rspamd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/upstream"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 4 << 20

// Message is what Rspamd is told. What is "" is left out.
type Message struct {
	IP, Hostname, Helo string // of the client
	User               string // who logged in
	QueueID            string
	TLSVersion         string
	TLSCipher          string
	From               string // envelope
	Rcpt               []string
	Content            io.Reader
	Size               int64 // of Content, in bytes
}

// Symbol is a rule that matched.
type Symbol struct {
	Score       float64  `json:"score"`
	Description string   `json:"description"`
	Options     []string `json:"options"`
}

// Result is what Rspamd thinks.
type Result struct {
	Action   string            `json:"action"` // "no action", "greylist", "add header", "rewrite subject", "soft reject", "reject"
	Score    float64           `json:"score"`
	Required float64           `json:"required_score"` // that a message is rejected at
	Skipped  bool              `json:"is_skipped"`     // it did not look
	Subject  string            `json:"subject"`        // to rewrite it to
	Symbols  map[string]Symbol `json:"symbols"`
	Messages map[string]string `json:"messages"` // smtp_message is the text for a reply
}

// Client asks a Rspamd. It is safe for use by several goroutines.
type Client struct {
	server *upstream.Server
	host   string
}

// New describes a Rspamd, as http://host:port; the timeout is for a whole check.
func New(at string, timeout time.Duration) (*Client, error) {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of Rspamd; write http://127.0.0.1:11333", at)
	}
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), "80")
	}
	server, err := upstream.New("rspamd", address, timeout)
	if err != nil {
		return nil, err
	}
	return &Client{server, u.Host}, nil
}

// Counts returns what it was asked so far.
func (c *Client) Counts() upstream.Counts { return c.server.Counts() }

// Watch is that of upstream.Server.
func (c *Client) Watch(tell func(outage.Note)) { c.server.Watch(tell) }

// Check asks about a message. An error says why there is no opinion, as upstream.Server.Ask has it.
func (c *Client) Check(ctx context.Context, m *Message) (*Result, error) {
	var result *Result
	err := c.server.Ask(ctx, func(conn net.Conn) (err error) {
		result, err = c.talk(conn, m)
		return err
	})
	return result, err
}

func (c *Client) talk(conn net.Conn, m *Message) (*Result, error) {
	request := &http.Request{
		Method: http.MethodPost, Host: c.host, URL: &url.URL{Path: "/checkv2"}, Header: m.header(),
		Body: io.NopCloser(m.Content), ContentLength: m.Size, Close: true,
	}
	sending := request.Write(conn) // it may answer before the end
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxAnswer)), request)
	if err != nil {
		if sending != nil {
			err = sending
		}
		return nil, err
	}
	defer answer.Body.Close()
	var said struct {
		Result
		Error string `json:"error"`
	}
	err = json.NewDecoder(answer.Body).Decode(&said)
	switch {
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answers %s: %.200q", answer.Status, said.Error)
	case err != nil:
		return nil, fmt.Errorf("its answer is not what Rspamd says: %w", err)
	case said.Error != "":
		return nil, upstream.Refusal(fmt.Sprintf("rspamd says: %.200q", said.Error))
	case said.Action == "":
		return nil, fmt.Errorf("its answer is not what Rspamd says: it has no action")
	}
	return &said.Result, nil
}

// header says what is known, as far as it fits into one line.
func (m *Message) header() http.Header {
	h := http.Header{"User-Agent": {"luamilter"}}
	add := func(name, value string) {
		if value != "" && !strings.ContainsAny(value, "\r\n\x00") {
			h.Add(name, value)
		}
	}
	add("IP", m.IP)
	add("Hostname", m.Hostname)
	add("Helo", m.Helo)
	add("User", m.User)
	add("Queue-ID", m.QueueID)
	add("TLS-Version", m.TLSVersion)
	add("TLS-Cipher", m.TLSCipher)
	add("From", m.From)
	for _, r := range m.Rcpt {
		add("Rcpt", r)
	}
	return h
}
