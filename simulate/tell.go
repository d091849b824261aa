package simulate

import "luamilter/protocol"

// tell tells the filter of an event, unless something is decided already, and notes what it says.
func (s *Session) tell(ev protocol.Event, about string) (Answer, error) {
	stage := ev.Stage()
	a, stands := s.standing(stage, about)
	if stands {
		return s.note(a), nil
	}
	wanted := s.wire.Wants(stage)
	if s.filter.MTA.sendsMacros(stage, wanted) {
		if err := s.sendMacros(stage); err != nil {
			return a, err
		}
	}
	r, err := s.wire.Send(ev)
	if err != nil {
		return a, err
	}
	a.Reply = r
	switch {
	case !wanted:
	case s.agreed.Owed(stage):
		a.Asked = Answered
	default:
		a.Asked = NoReply
	}
	a = s.note(a)
	if s.settled != nil {
		return a, s.vanish()
	}
	return a, nil
}

// standing returns the answer of an earlier verdict, if one stands.
func (s *Session) standing(stage protocol.Stage, about string) (a Answer, stands bool) {
	a = Answer{Stage: stage, About: about}
	earlier := s.settled
	if earlier == nil && stage.InMessage() {
		earlier = s.message.settled
	}
	if earlier == nil {
		return a, false
	}
	a.Asked, a.Reply = Settled, earlier.Reply
	return a, true
}

// note keeps an answer and what follows from it.
func (s *Session) note(a Answer) Answer {
	if !a.Stage.InMessage() {
		s.answers = append(s.answers, a)
		if a.Stage != protocol.StageUnknown && a.Reply.Verdict.Final() && s.settled == nil {
			s.settled = &a
		}
		return a
	}
	m := &s.message
	m.answers = append(m.answers, a)
	if a.Asked == Answered && a.Reply.Verdict.Final() && !oneRecipient(a) {
		m.settled = &a
	}
	return a
}

// oneRecipient reports whether an answer is about no more than a recipient.
func oneRecipient(a Answer) bool {
	v := a.Reply.Verdict
	return a.Stage == protocol.StageRcpt && (v == protocol.Reject || v == protocol.Tempfail)
}
