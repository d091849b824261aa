package engine

import (
	"fmt"
	"strings"

	"luamilter/protocol"
)

// held are verdicts from hooks that nobody waited for. They are given at every reply that follows.
type held struct {
	connection *protocol.Reply
	message    *protocol.Reply
}

func (h *held) reply() *protocol.Reply {
	if h.connection != nil {
		return h.connection
	}
	return h.message
}

// ask lets the scripts answer an event and replies.
func (s *session) ask(stage protocol.Stage, ev protocol.Event) error {
	return s.answer(stage, s.chain(stage, ev))
}

// answer replies where the MTA waits, and holds a verdict where it does not.
func (s *session) answer(stage protocol.Stage, r protocol.Reply) error {
	if !s.conn.Owed() {
		s.hold(r)
		return nil
	}
	if h := s.held.reply(); h != nil && (h.Verdict != protocol.Discard || stage.InMessage()) {
		r = *h
	}
	s.logVerdict(stage, r)
	if err := s.conn.Reply(r); err != nil {
		return err
	}
	if endsMessage(stage, r.Verdict) {
		s.abort()
	}
	return nil
}

// endsMessage reports whether an MTA sends no more of a message after a verdict.
func endsMessage(stage protocol.Stage, v protocol.Verdict) bool {
	oneRecipient := stage == protocol.StageRcpt && (v == protocol.Reject || v == protocol.Tempfail)
	return stage.InMessage() && v.Final() && !oneRecipient
}

// hold keeps a verdict that nobody waits for: to the end of the message, or of the connection if it came before one.
func (s *session) hold(r protocol.Reply) {
	switch r.Verdict {
	case protocol.Reject, protocol.Tempfail, protocol.Discard:
	default:
		return // whether all scripts sleep is asked anew at each reply
	}
	kept := r // the parameter itself stays off the heap
	if s.facts.InMessage {
		s.held.message = &kept
	} else {
		s.held.connection = &kept
	}
}

// logVerdict writes the line that a refused command or message gets.
func (s *session) logVerdict(stage protocol.Stage, r protocol.Reply) {
	if r.Verdict == protocol.Continue || r.Verdict == protocol.Skip || r.Verdict == protocol.Accept {
		return
	}
	ev := s.log.Info().Str("stage", stage.String()).Str("verdict", r.Verdict.String())
	if client := s.client(); client != "" {
		ev = ev.Str("client", client)
	}
	if q := s.facts.QueueID(); q != "" {
		ev = ev.Str("queue_id", q)
	}
	if s.facts.InMessage && s.facts.Known.Has(protocol.StageMail) {
		ev = ev.Str("from", s.facts.Sender)
	}
	if r.Code != 0 {
		ev = ev.Str("reply", strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, strings.ReplaceAll(r.Text, "\n", " / "))))
	}
	ev.Msg("refused")
}

// client names the SMTP client as well as is known: by CONNECT, or else by the macro that both MTAs send anyway.
func (s *session) client() string {
	if s.facts.IP != "" {
		return s.facts.IP
	}
	v, _ := s.facts.Macros.Get("_")
	return string(v)
}
