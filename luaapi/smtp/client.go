package smtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/upstream"
)

// Options are what a Client needs to know.
type Options struct {
	Hello   string        // the name in EHLO
	Timeout time.Duration // of each conversation
	Local   []string      // domains that Verify does not ask about
}

// Client speaks to mail servers. It is safe for use by several goroutines.
type Client struct {
	options Options
	servers *upstream.Servers
	known   cache
}

// Question is about a recipient.
type Question struct {
	Host      string // whom to ask: host:port
	From      string // the envelope sender; "" for the null sender
	Recipient string
}

// Verdict is what a server says of a recipient.
type Verdict struct {
	Known bool
	Reply string // the code and the text, on one line; "" if it is known
}

// Mail is a message with its envelope.
type Mail struct {
	From    string   // "" for the null sender
	To      []string // at least one
	Content string   // header and body; line ends may be LF
}

// New makes a client.
func New(o Options) *Client {
	return &Client{options: o, servers: upstream.NewServers("smtp", o.Timeout), known: cache{answers: map[Question]answer{}}}
}

// Counts returns what servers were asked so far.
func (c *Client) Counts() upstream.Counts { return c.servers.Counts() }

// Watch is that of upstream.Servers.
func (c *Client) Watch(tell func(outage.Note)) { c.servers.Watch(tell) }

// Verify asks a server whether it takes mail for a recipient. An error says why that is not known; it is an upstream.Refusal if the server
// answered, but has no opinion.
func (c *Client) Verify(ctx context.Context, q *Question) (Verdict, error) {
	if domain := domainOf(q.Recipient); c.isLocal(domain) {
		return Verdict{}, upstream.Refusal(fmt.Sprintf("%s is one of the own domains (smtp.local_domains)", domain))
	}
	if v, ok := c.known.get(*q); ok {
		return v, nil
	}
	server, err := c.servers.At(q.Host)
	if err != nil {
		return Verdict{}, upstream.Refusal(err.Error())
	}
	var v Verdict
	err = server.Ask(ctx, func(conn net.Conn) (err error) {
		v, err = c.verify(conn, q)
		return err
	})
	if err == nil {
		c.known.put(*q, v)
	}
	return v, err
}

func (c *Client) verify(conn net.Conn, q *Question) (Verdict, error) {
	s, err := c.greet(conn)
	if err != nil {
		return Verdict{}, err
	}
	if err := s.Mail(q.From); err != nil {
		return Verdict{}, said("it does not take <"+q.From+"> as the sender", err)
	}
	err = s.Rcpt(q.Recipient)
	_ = s.Quit() // it has said what it had to say
	var reply *textproto.Error
	switch {
	case err == nil:
		return Verdict{Known: true}, nil
	case errors.As(err, &reply) && reply.Code >= 500:
		return Verdict{Reply: line(reply)}, nil
	}
	return Verdict{}, said("it has no opinion", err)
}

// greet begins a conversation.
func (c *Client) greet(conn net.Conn) (*smtp.Client, error) {
	s, err := smtp.NewClient(conn, "localhost") // the name matters for TLS only
	if err != nil {
		return nil, said("it does not talk", err)
	}
	if err := s.Hello(c.options.Hello); err != nil {
		return nil, said("it does not take the greeting "+c.options.Hello, err)
	}
	return s, nil
}

// said makes a refusal of a reply; other errors stay what they are.
func said(what string, err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return upstream.Refusal(what + ": " + line(reply))
	}
	return err
}

// line is a reply on one line.
func line(reply *textproto.Error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(reply.Msg, "?")), " ")
	return fmt.Sprintf("%d %.400s", reply.Code, text)
}

func (c *Client) isLocal(domain string) bool {
	for _, own := range c.options.Local {
		if strings.EqualFold(own, domain) {
			return true
		}
	}
	return false
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
