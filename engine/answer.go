package engine

import "luamilter/protocol"

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
	ends := endsMessage(stage, r.Verdict)
	s.logVerdict(stage, r, ends)
	if err := s.conn.Reply(r); err != nil {
		return err
	}
	if ends {
		s.concludes(r)
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

// logVerdict writes the line that a refused command or message gets, unless the message gets a line anyway.
func (s *session) logVerdict(stage protocol.Stage, r protocol.Reply, endsMessage bool) {
	if r.Verdict == protocol.Continue || r.Verdict == protocol.Skip || r.Verdict == protocol.Accept || endsMessage && s.engine.Messages {
		return
	}
	ev := s.identified(s.log.Info().Str("stage", stage.String()).Str("verdict", r.Verdict.String()))
	if r.Code != 0 {
		ev = ev.Str("reply", replyLine(r))
	}
	if s.decided.script != nil {
		ev = ev.Str("script", s.decided.path)
		if s.decided.line > 0 {
			ev = ev.Int("line", s.decided.line)
		}
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
