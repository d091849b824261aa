package spamd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/upstream"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Command is what is asked.
type Command string

// The commands.
const (
	Check   Command = "CHECK"   // spam or not, and the score
	Symbols Command = "SYMBOLS" // and the names of the rules that matched
	Headers Command = "HEADERS" // and the header as SpamAssassin would have it
)

// Message is what spamd is told.
type Message struct {
	Command Command
	User    string // whose preferences count; "" for those of all
	Content io.Reader
	Size    int64 // of Content, in bytes
}

// Result is what SpamAssassin thinks.
type Result struct {
	Spam             bool
	Score, Threshold float64
	Symbols          []string // of Symbols
	Headers          string   // of Headers
}

// Client asks a spamd. It is safe for use by several goroutines.
type Client struct{ server *upstream.Server }

// New describes a spamd. The address is host:port or unix:/path; the timeout is for a whole check.
func New(address string, timeout time.Duration) (*Client, error) {
	server, err := upstream.New("spamd", address, timeout)
	if err != nil {
		return nil, err
	}
	return &Client{server}, nil
}

// Counts returns what it was asked so far.
func (c *Client) Counts() upstream.Counts { return c.server.Counts() }

// Watch is that of upstream.Server.
func (c *Client) Watch(tell func(outage.Note)) { c.server.Watch(tell) }

// Check asks about a message. An error says why there is no opinion, as upstream.Server.Ask has it.
func (c *Client) Check(ctx context.Context, m *Message) (*Result, error) {
	if strings.ContainsAny(m.User, "\r\n\x00") {
		return nil, upstream.Refusal("the user has a line end in it")
	}
	var result *Result
	err := c.server.Ask(ctx, func(conn net.Conn) (err error) {
		sending := send(conn, m)
		result, err = read(conn, m.Command)
		if err != nil && sending != nil {
			return sending
		}
		return err
	})
	return result, err
}

func send(conn net.Conn, m *Message) error {
	head := fmt.Sprintf("%s SPAMC/1.5\r\nContent-length: %d\r\n", m.Command, m.Size)
	if m.User != "" {
		head += "User: " + m.User + "\r\n"
	}
	if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
		return err
	}
	_, err := io.Copy(conn, m.Content)
	return err
}

// read reads an answer: SPAMD/1.1 0 EX_OK, header fields, an empty line, and a body as far as the command has one.
func read(conn net.Conn, command Command) (*Result, error) {
	in := textproto.NewReader(bufio.NewReader(io.LimitReader(conn, maxAnswer)))
	line, err := in.ReadLine()
	if err != nil {
		return nil, err
	}
	words := strings.Fields(line)
	if len(words) < 3 || !strings.HasPrefix(words[0], "SPAMD/") {
		return nil, fmt.Errorf("an answer that is none of spamd: %.60q", line)
	}
	if words[1] != "0" {
		return nil, upstream.Refusal(fmt.Sprintf("spamd says: %.200q", strings.Join(words[1:], " ")))
	}
	fields, err := in.ReadMIMEHeader()
	if err != nil {
		return nil, fmt.Errorf("an answer that is none of spamd: %w", err)
	}
	r, err := parse(fields.Get("Spam"))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(in.R)
	if err != nil {
		return nil, err
	}
	switch command {
	case Symbols:
		r.Symbols = strings.FieldsFunc(string(body), func(c rune) bool { return c == ',' || c <= ' ' })
	case Headers:
		r.Headers = string(body)
	}
	return r, nil
}

// parse reads "True ; 15.3 / 5.0".
func parse(text string) (*Result, error) {
	verdict, numbers, _ := strings.Cut(text, ";")
	score, threshold, found := strings.Cut(numbers, "/")
	s, errScore := strconv.ParseFloat(strings.TrimSpace(score), 64)
	t, errThreshold := strconv.ParseFloat(strings.TrimSpace(threshold), 64)
	verdict = strings.ToLower(strings.TrimSpace(verdict))
	if !found || errScore != nil || errThreshold != nil || verdict != "true" && verdict != "false" && verdict != "yes" && verdict != "no" {
		return nil, fmt.Errorf("an answer that is none of spamd: it says Spam: %.60q", text)
	}
	return &Result{Spam: verdict == "true" || verdict == "yes", Score: s, Threshold: t}, nil
}
