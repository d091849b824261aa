package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"luamilter/engine"
	"luamilter/protocol"
	"luamilter/simulate"
)

// probe is one conversation with a milter: what it is to be, and what it came to.
type probe struct {
	spec     engine.Spec
	mta      simulate.MTA
	client   simulate.Client
	envelope simulate.Envelope
	message  simulate.Message
	offer    protocol.Offer
	macros   []macro

	session *simulate.Session
	steps   []probeStep
	result  *simulate.Result
	failed  error // what broke the conversation
}

// probeStep is an event with what the milter said to it.
type probeStep struct {
	simulate.Answer
	shown string // the event in a few words
	took  time.Duration
}

// play plays the message. The milter's failures are errors.
func (p *probe) play(conn net.Conn, timeout time.Duration) error {
	var err error
	if p.session, err = simulate.Attach(conn, p.mta, p.offer, timeout, p.client); err != nil {
		return err
	}
	for _, m := range p.macros {
		p.session.SetMacro(m.stage, m.name, m.value)
	}
	if err := p.converse(); err != nil {
		return errors.Join(err, conn.Close())
	}
	p.result = p.session.Result()
	return p.session.Quit()
}

// converse tells the milter of one event after the other, until a verdict ends the message.
func (p *probe) converse() error {
	s, env := p.session, p.envelope
	events := []func() (simulate.Answer, string, error){
		func() (simulate.Answer, string, error) {
			a, err := s.Connect()
			return a, p.clientName(a.About), err
		},
		func() (simulate.Answer, string, error) { a, err := s.Helo(p.client.Helo); return a, a.About, err },
		func() (simulate.Answer, string, error) {
			a, err := s.Mail(env.From)
			return a, "<" + a.About + ">", err
		},
	}
	for _, to := range env.To {
		events = append(events, func() (simulate.Answer, string, error) {
			a, err := s.Rcpt(to.Mailbox)
			return a, "<" + a.About + ">", err
		})
	}
	events = append(events, func() (simulate.Answer, string, error) { a, err := s.Data(); return a, "", err })
	for _, f := range p.message.Header {
		events = append(events, func() (simulate.Answer, string, error) {
			a, err := s.Header(f)
			return a, f.Name + ": " + f.Value, err
		})
	}
	events = append(events, func() (simulate.Answer, string, error) { a, err := s.EndOfHeader(); return a, "", err })
	for body := p.message.Body; len(body) > 0; {
		chunk := body[:min(len(body), protocol.MaxChunk)]
		body = body[len(chunk):]
		events = append(events, func() (simulate.Answer, string, error) {
			a, err := s.Body(chunk)
			return a, fmt.Sprintf("%d bytes", len(chunk)), err
		})
	}
	events = append(events, func() (simulate.Answer, string, error) { a, err := s.EndOfMessage(); return a, "", err })
	return p.take(events)
}

// clientName shows the client's name and, where that is known, its address.
func (p *probe) clientName(host string) string {
	if !p.client.IP.IsValid() {
		return host + " (address unknown)"
	}
	return fmt.Sprintf("%s [%v]", host, p.client.IP)
}

// take takes the steps of a conversation and notes them.
func (p *probe) take(events []func() (simulate.Answer, string, error)) error {
	for i, event := range events {
		if data := i == 3+len(p.envelope.To); data && p.nobodyLeft() {
			return nil
		}
		begin := time.Now()
		a, shown, err := event()
		step := probeStep{a, shown, time.Since(begin)}
		if err != nil {
			return err
		}
		if a.Asked == simulate.Settled {
			return nil
		}
		p.steps = append(p.steps, step)
	}
	return nil
}

// nobodyLeft reports whether every recipient was refused: then an MTA sends no message.
func (p *probe) nobodyLeft() bool {
	for _, s := range p.steps {
		if s.Stage == protocol.StageRcpt && !s.Reply.Verdict.Final() || s.Stage == protocol.StageRcpt && s.Reply.Verdict == protocol.Accept {
			return false
		}
	}
	return true
}

// witness is a connection that remembers what the milter said last.
type witness struct {
	net.Conn
	heard []byte // since the last write, as far as it is kept
	said  bool   // something was written since
}

// maxHeard is how many bytes of an answer are kept.
const maxHeard = 64

// Write writes.
func (w *witness) Write(p []byte) (int, error) {
	w.said = true
	return w.Conn.Write(p)
}

// Read reads.
func (w *witness) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 && w.said {
		w.heard, w.said = w.heard[:0], false
	}
	w.heard = append(w.heard, p[:min(n, maxHeard-len(w.heard))]...)
	return n, err
}

// explain says what a milter did that broke the conversation.
func (p *probe) explain(err error, heard *witness, timeout time.Duration) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("milter at %s: no answer within %v (%w); --timeout gives it longer, but an MTA waits no longer than its own limit", p.spec, timeout, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		why := "its own log may tell why"
		if p.session == nil {
			why = "perhaps it needs more than is offered; " + why
		}
		return fmt.Errorf("milter at %s: it closed the connection (%w); %s", p.spec, err, why)
	}
	return fmt.Errorf("milter at %s: it breaks the protocol: %w; its answer begins with the bytes % x (%q)", p.spec, err, heard.heard, heard.heard)
}
