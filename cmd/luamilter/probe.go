package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"luamilter/engine"
	"luamilter/protocol"
)

// probeCmd is an MTA that plays one message to a milter and shows what it negotiates and answers.
type probeCmd struct {
	Addr    string        `arg:"" optional:"" default:"${default_listen}" help:"The milter's socket, in any spelling that run --listen takes. Default: ${default}."`
	File    string        `arg:"" optional:"" name:"message" help:"A message to play (.eml); a small one is made up without."`
	From    string        `default:"sender@example.com" help:"Envelope sender."`
	Rcpt    []string      `default:"${sample_rcpts}" help:"Envelope recipients."`
	Timeout time.Duration `default:"30s" help:"How long each answer may take."`
}

// Help is shown below the flags.
func (c *probeCmd) Help() string {
	return `Works with any milter, not only with luamilter. It connects, offers everything that Postfix offers, plays one message,
and prints each event with the answer. Exits with 1 when the milter cannot be reached or breaks the protocol.

Example:
  luamilter probe inet:8891@127.0.0.1 message.eml`
}

// Run plays the message.
func (c *probeCmd) Run(t *terminal) error {
	spec, err := engine.ParseSpec(c.Addr)
	if err != nil {
		return usageError{err}
	}
	message := []byte(sampleMessage)
	if c.File != "" {
		if message, err = os.ReadFile(c.File); err != nil {
			return err
		}
	}
	nc, err := net.DialTimeout(spec.Network, spec.Address, c.Timeout)
	if err != nil {
		return fmt.Errorf("connect to the milter at %s: %w", spec, err)
	}
	p := &probe{out: t.stdout, client: protocol.NewClient(nc, c.Timeout)}
	if err := p.play(c.From, c.Rcpt, message); err != nil {
		return fmt.Errorf("milter at %s: %w", spec, err)
	}
	return nil
}

var sampleRcpts = []string{"one@example.net", "two@example.net", "three@example.net"}

const sampleMessage = "From: Sender <sender@example.com>\nTo: one@example.net\nSubject: a message to see what the filter does\n" +
	"Date: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.com>\n\nHello.\n"

// probe is one conversation.
type probe struct {
	out    io.Writer
	client *protocol.Client
	agreed protocol.Agreement
	done   bool // a verdict ended the message
}

func (p *probe) play(from string, rcpts []string, message []byte) error {
	answer, err := p.client.Negotiate(protocol.FullOffer)
	if err != nil {
		return err
	}
	p.agreed = protocol.Agreement{Offer: answer}
	fmt.Fprintf(p.out, "  negotiated version %d, actions %v, steps %v\n", answer.Version, answer.Actions, answer.Steps)
	for _, ev := range conversation(from, rcpts, message) {
		if err := p.send(ev); err != nil {
			return err
		}
	}
	if !p.done {
		if err := p.endOfMessage(); err != nil {
			return err
		}
	}
	return p.client.Quit()
}

// conversation returns the events of one message up to its end.
func conversation(from string, rcpts []string, message []byte) []protocol.Event {
	events := []protocol.Event{
		&protocol.Connect{Host: []byte("client.example.com"), Family: protocol.FamilyInet, Port: 50000, Address: []byte("192.0.2.1")},
		&protocol.Helo{Name: []byte("client.example.com")},
		&protocol.Mail{Sender: []byte("<" + from + ">")},
	}
	for _, r := range rcpts {
		events = append(events, &protocol.Rcpt{Recipient: []byte("<" + r + ">")})
	}
	events = append(events, &protocol.Data{})
	header, body := cutMessage(message)
	for _, f := range header {
		events = append(events, &f)
	}
	events = append(events, &protocol.EndOfHeader{})
	for len(body) > 0 {
		n := min(len(body), protocol.MaxChunk)
		events = append(events, &protocol.Body{Chunk: body[:n]})
		body = body[n:]
	}
	return events
}

// cutMessage takes a message apart as an MTA does: folds are LF and blanks, the body has CRLF.
func cutMessage(message []byte) (header []protocol.Header, body []byte) {
	text := strings.ReplaceAll(string(message), "\r\n", "\n")
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		if line == "" {
			text = rest
			break
		}
		name, value, isField := strings.Cut(line, ":")
		switch {
		case (line[0] == ' ' || line[0] == '\t') && len(header) > 0:
			last := &header[len(header)-1]
			last.Value = append(append(last.Value, '\n'), line...)
		case isField && !strings.ContainsAny(name, " \t"):
			header = append(header, protocol.Header{Name: []byte(name), Value: []byte(strings.TrimPrefix(value, " "))})
		default: // no header field: the body begins here
			return header, bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))
		}
		text = rest
	}
	return header, bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))
}

// send plays one event, unless the message is over.
func (p *probe) send(ev protocol.Event) error {
	if p.done {
		return nil
	}
	s := ev.Stage()
	fmt.Fprintf(p.out, "  %-8s %-60s ", s, describeEvent(ev))
	if p.agreed.Steps&s.NoStep() != 0 {
		fmt.Fprintln(p.out, "(not asked for)")
		return nil
	}
	r, err := p.client.Send(ev)
	if err != nil {
		fmt.Fprintln(p.out)
		return err
	}
	if !p.agreed.Owed(s) {
		fmt.Fprintln(p.out, "(no reply)")
		return nil
	}
	fmt.Fprintln(p.out, describeReply(r))
	p.done = r.Verdict.Final() && (s != protocol.StageRcpt || r.Verdict == protocol.Accept || r.Verdict == protocol.Discard)
	return nil
}

func (p *probe) endOfMessage() error {
	changes, r, progress, err := p.client.EndOfMessage()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "  %-8s %-60s %s\n", protocol.StageEOM, "", describeReply(r))
	if progress > 0 {
		fmt.Fprintf(p.out, "           asked %d times to wait\n", progress)
	}
	for _, c := range changes {
		fmt.Fprintf(p.out, "           %s\n", describeChange(c))
	}
	return nil
}

func describeEvent(ev protocol.Event) string {
	const width = 60
	text := ""
	switch ev := ev.(type) {
	case *protocol.Connect:
		text = fmt.Sprintf("%s [%s]", ev.Host, ev.Address)
	case *protocol.Helo:
		text = string(ev.Name)
	case *protocol.Mail:
		text = string(ev.Sender)
	case *protocol.Rcpt:
		text = string(ev.Recipient)
	case *protocol.Header:
		text = fmt.Sprintf("%s: %s", ev.Name, ev.Value)
	case *protocol.Body:
		text = fmt.Sprintf("%d bytes", len(ev.Chunk))
	}
	return shorten(text, width)
}

// shorten makes foreign bytes safe for a terminal and fit for a column.
func shorten(text string, width int) string {
	if text = strings.Trim(fmt.Sprintf("%q", text), `"`); len(text) > width {
		return text[:width-3] + "..."
	}
	return text
}

func describeReply(r protocol.Reply) string {
	if r.Code == 0 {
		return r.Verdict.String()
	}
	return fmt.Sprintf("%v: %d %s %s", r.Verdict, r.Code, r.Enhanced, r.Text)
}

func describeChange(c protocol.Change) string {
	switch c.Response {
	case protocol.RespAddHeader:
		return fmt.Sprintf("add      %s: %s", c.Name, shorten(c.Value, 200))
	case protocol.RespInsHeader:
		return fmt.Sprintf("insert   at %d  %s: %s", c.Index, c.Name, shorten(c.Value, 200))
	case protocol.RespChgHeader:
		if c.Value == "" {
			return fmt.Sprintf("delete   %s (number %d)", c.Name, c.Index)
		}
		return fmt.Sprintf("change   %s (number %d) to %s", c.Name, c.Index, shorten(c.Value, 200))
	case protocol.RespReplBody:
		return fmt.Sprintf("body     %d bytes", len(c.Body))
	}
	return fmt.Sprintf("%-8s %s %s", strings.ToLower(c.Response.String()), shorten(c.Value, 200), c.Params)
}
