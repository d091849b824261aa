package recorded

import (
	"luamilter/protocol"
)

// judge compares a reply with that of then, and finds out how it goes on.
func (s *session) judge(i int, stage protocol.Stage, now protocol.Reply) {
	t := &s.then.Turns[i]
	if stage == protocol.StageRcpt {
		s.count(now)
	}
	switch {
	case !t.Answered && s.thenIs.Owed(stage) && i == len(s.then.Turns)-1:
		return // it was recorded no further
	case !stage.InMessage() || forOne(stage, t.Reply) || forOne(stage, now):
		if !same(t.Reply, now) {
			s.differs(t, stage, t.Reply, now, "")
		}
		s.over = s.over || now.Verdict.Final() && (stage == protocol.StageConnect || stage == protocol.StageHelo)
		s.message.over = s.message.over || stage == protocol.StageRcpt && endsMessage(stage, now)
		return
	}
	s.judgeMessage(i, stage, now)
}

// forOne reports whether a reply is about no more than a recipient.
func forOne(stage protocol.Stage, r protocol.Reply) bool {
	return stage == protocol.StageRcpt && (r.Verdict == protocol.Reject || r.Verdict == protocol.Tempfail)
}

// endsMessage reports whether nothing more comes of a message after a reply.
func endsMessage(stage protocol.Stage, r protocol.Reply) bool {
	return stage.InMessage() && r.Verdict.Final() && !forOne(stage, r)
}

// count counts a recipient.
func (s *session) count(r protocol.Reply) {
	if forOne(protocol.StageRcpt, r) {
		s.message.refused++
	} else {
		s.message.taken++
	}
}

// judgeMessage compares a reply that may end a message.
func (s *session) judgeMessage(i int, stage protocol.Stage, now protocol.Reply) {
	t := &s.then.Turns[i]
	endsNow := endsMessage(stage, now)
	if !endsNow && !endsMessage(stage, t.Reply) {
		return
	}
	s.message.over = true
	last := s.last(i) // of then: where the verdict fell
	changes := ""
	if goesOn(now) && goesOn(last.Reply) {
		changes = changesDiffer(last.Changes, nil, s.leading(&s.thenIs), false, s.rec.Bodies)
	}
	if !endsNow && t.Reply.Verdict == protocol.Accept {
		s.result.Warnings = append(s.result.Warnings, "the scripts of then accepted a message at "+stage.String()+": the rest of it is not in the recording")
		return
	}
	if last.cut(s) || same(last.Reply, now) && changes == "" {
		return
	}
	s.differs(t, stage, last.Reply, now, changes)
}

// last returns the turn at which the message of a turn ended then; the last one that there is, if it did not.
func (s *session) last(i int) *Turn {
	for ; i < len(s.then.Turns); i++ {
		t := &s.then.Turns[i]
		stage, known := protocol.StageOf(t.Command)
		if t.Event == nil || !known {
			continue
		}
		if stage == protocol.StageEOM || endsMessage(stage, t.Reply) {
			return t
		}
		if next := i + 1; next == len(s.then.Turns) || leaves(s.then.Turns[next].Command) {
			return t
		}
	}
	return &s.then.Turns[len(s.then.Turns)-1]
}

// leaves reports whether a command comes after a message.
func leaves(c protocol.Command) bool {
	switch c {
	case protocol.CmdAbort, protocol.CmdMail, protocol.CmdQuit, protocol.CmdQuitNC, protocol.CmdConnect, protocol.CmdHelo:
		return true
	}
	return false
}

// cut reports whether the recording ends where an answer was due.
func (t *Turn) cut(s *session) bool {
	stage, known := protocol.StageOf(t.Command)
	return known && t.Event != nil && !t.Answered && s.thenIs.Owed(stage) && t == &s.then.Turns[len(s.then.Turns)-1]
}

// end plays the end of a message.
func (s *session) end(t *Turn) error {
	if len(t.Last) > 0 {
		r, err := s.wire.Send(&protocol.Body{Chunk: t.Last})
		if err != nil {
			return err
		}
		if endsMessage(protocol.StageBody, r) {
			s.message.over = true
			s.judgeEnd(t, nil, r)
			return nil
		}
	}
	changes, now, _, err := s.wire.EndOfMessage()
	if err != nil {
		return err
	}
	s.judgeEnd(t, changes, now)
	s.message = message{}
	return nil
}

// judgeEnd compares what came of a message.
func (s *session) judgeEnd(t *Turn, changes []protocol.Change, now protocol.Reply) {
	if !t.Answered {
		return // it was recorded no further
	}
	differ := ""
	if goesOn(now) && goesOn(t.Reply) {
		differ = changesDiffer(t.Changes, changes, s.leading(&s.thenIs), s.leading(&s.now), s.rec.Bodies)
	}
	if !same(t.Reply, now) || differ != "" {
		s.differs(t, protocol.StageEOM, t.Reply, now, differ)
	}
}

// leading reports whether values of header fields bring the blank after the colon.
func (s *session) leading(a *protocol.Agreement) bool { return a.Steps&protocol.LeadingSpace != 0 }

// differs notes a difference.
func (s *session) differs(t *Turn, stage protocol.Stage, then, now protocol.Reply, changes string) {
	d := Difference{Packet: t.Packet, At: t.At, Stage: stage.String(), About: t.about(), Then: said(then), Now: said(now), Changes: changes}
	if stage.InMessage() {
		d.Message = s.result.Messages
	}
	s.result.Differences = append(s.result.Differences, d)
}
