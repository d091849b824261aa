package simulate

import (
	"fmt"

	"luamilter/engine"
	"luamilter/protocol"
)

// Envelope is who sends a message to whom.
type Envelope struct {
	From       string // with or without brackets; "" is the null sender
	FromParams []string
	To         []Address
	QueueID    string // "" for one that the MTA makes up
}

// Address is a recipient and the ESMTP parameters that the client gives with it.
type Address struct {
	Mailbox string
	Params  []string
}

// NewEnvelope returns an envelope without parameters.
func NewEnvelope(from string, to ...string) Envelope {
	e := Envelope{From: from}
	for _, mailbox := range to {
		e.To = append(e.To, Address{Mailbox: mailbox})
	}
	return e
}

// Result is what became of a message.
type Result struct {
	Verdict   protocol.Verdict // continue and accept mean that it is delivered
	Stage     protocol.Stage   // where the verdict fell; eom if nothing stopped the message
	Reply     protocol.Reply   // with the verdict
	Answers   []Answer         // of each step, those of the connection first
	Changes   []protocol.Change
	Progress  int              // how often the MTA was told to wait at eom
	Hooks     []engine.HookRun // in the order in which they ran
	Delivered *Delivered       // nil if it is refused or discarded
}

// Result returns what has become of the message so far. It takes the hooks that have run.
func (s *Session) Result() *Result {
	m := &s.message
	r := &Result{Stage: protocol.StageEOM, Changes: m.changes, Progress: m.progress, Hooks: s.Hooks()}
	r.Answers = append(append(r.Answers, s.answers...), m.answers...)
	decides := m.settled
	switch {
	case s.settled != nil:
		decides = s.settled
	case decides == nil && len(m.content.Recipients) == 0 && m.refused != nil:
		decides = m.refused
	}
	if decides != nil {
		r.Verdict, r.Stage, r.Reply = decides.Reply.Verdict, decides.Stage, decides.Reply
	}
	if r.Verdict == protocol.Continue || r.Verdict == protocol.Accept {
		delivered := m.content
		r.Delivered = &delivered
	}
	return r
}

// Send sends a whole message, and first tells of the client if that was not done. It stops where an MTA would: when the connection, the
// sender or every recipient is refused, and when there is a verdict on the message.
func (s *Session) Send(env Envelope, m Message) (*Result, error) {
	if len(env.To) == 0 {
		return nil, fmt.Errorf("send a message from <%s>: it has no recipients; an MTA sends it to one at least", env.From)
	}
	if env.QueueID != "" {
		s.QueueID = env.QueueID
	}
	for _, part := range []func() (goesOn bool, err error){
		s.greet,
		func() (bool, error) { return s.sendEnvelope(env) },
		func() (bool, error) { return s.sendHeader(m.Header) },
		func() (bool, error) { return s.sendBody(m.Body) },
	} {
		if goesOn, err := part(); err != nil {
			return nil, err
		} else if !goesOn {
			break
		}
	}
	return s.Result(), nil
}

// greet tells of the client, once.
func (s *Session) greet() (bool, error) {
	if len(s.answers) > 0 { // what became of an earlier message does not matter
		return s.settled == nil || s.settled.Reply.Verdict == protocol.Accept, nil
	}
	if _, err := s.Connect(); err != nil || !s.passes() {
		return false, err
	}
	_, err := s.Helo(s.client.Helo)
	return s.passes(), err
}

func (s *Session) sendEnvelope(env Envelope) (bool, error) {
	if _, err := s.Mail(env.From, env.FromParams...); err != nil || !s.passes() {
		return false, err
	}
	for _, to := range env.To {
		if _, err := s.Rcpt(to.Mailbox, to.Params...); err != nil || !s.passes() {
			return false, err
		}
	}
	if len(s.message.content.Recipients) == 0 {
		return false, nil
	}
	_, err := s.Data()
	return s.passes(), err
}

func (s *Session) sendHeader(fields []protocol.Field) (bool, error) {
	for _, f := range fields {
		if _, err := s.Header(f); err != nil || !s.passes() {
			return false, err
		}
	}
	_, err := s.EndOfHeader()
	return s.passes(), err
}

func (s *Session) sendBody(body []byte) (bool, error) {
	if _, err := s.Body(body); err != nil || !s.passes() {
		return false, err
	}
	_, err := s.EndOfMessage()
	return s.passes(), err
}

// passes reports whether the client would go on: nothing is refused or discarded so far.
func (s *Session) passes() bool {
	for _, a := range []*Answer{s.settled, s.message.settled} {
		if a != nil && a.Reply.Verdict != protocol.Accept {
			return false
		}
	}
	return true
}
