package engine

import (
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// message is what is collected of the current message, as far as the scripts need it. It is replaced whole at each MAIL.
type message struct {
	utf8        bool // SMTPUTF8 was given
	headerSpace bool // values come with everything after the colon
	recipients  []mail.Recipient
	fields      []protocol.Field
	body        *mail.Body           // nil until there is some
	chunk       string               // the last, as scripts get it
	truncated   bool                 // there is more of the body
	size        int64                // of header and body
	inMemory    int64                // of that
	kept        int64                // reserved of the process's memory
	edit        *protocol.HeaderEdit // made when first needed
	progress    time.Time            // when the MTA was last told to wait

	began   time.Time      // zero if nobody wants to know
	taken   int            // recipients that nobody refused
	seen    int64          // bytes of header and body that came
	outcome Outcome        // how it ends
	reply   protocol.Reply // likewise
}

// header returns the header as far as it was collected.
func (s *session) header() *protocol.HeaderEdit {
	if s.message.edit == nil {
		s.message.edit = &protocol.HeaderEdit{}
		if len(s.program.Needs.Headers) > 0 {
			s.message.edit = protocol.NewHeaderEdit(s.message.fields)
		}
	}
	return s.message.edit
}

// endOfMessage asks the scripts about the whole message and sends their changes and the verdict together.
func (s *session) endOfMessage() error {
	defer s.endMessage()
	if h := s.held.reply(); h != nil {
		return s.refuse(*h)
	}
	if s.program.Needs.Hooks[protocol.StageEOM] == "" {
		r := s.chain(protocol.StageEOM, nil)
		s.concludes(r)
		return s.conn.Finish(nil, r)
	}
	if len(s.program.Needs.Headers) > 0 {
		s.header()
	}
	m := luaapi.NewMessage(s.message.edit, s.facts.Sender, s.message.recipients, s.message.body)
	m.UTF8, m.Truncated = s.message.utf8, s.message.truncated
	s.call.Message, s.call.Headers = m, m.Header
	r := s.chain(protocol.StageEOM, &protocol.EndOfMessage{})
	s.call.Message, s.call.Headers = nil, nil
	if r.Verdict != protocol.Continue && r.Verdict != protocol.Accept {
		return s.refuse(r)
	}
	return s.finish(m, r)
}

// refuse gives a verdict without changes. Scripts that were not asked about the whole message hear that it was given up.
func (s *session) refuse(r protocol.Reply) error {
	s.logVerdict(protocol.StageEOM, r, true)
	s.concludes(r)
	defer s.tell(protocol.StageAbort)
	return s.conn.Finish(nil, r)
}

// identify returns which MTA is at the other end. Its macros tell at each message alike, so that not more than two are looked at.
func (s *session) identify() protocol.MTA {
	const enough = 2
	if s.mta == protocol.UnknownMTA && s.looked < enough {
		s.looked++
		s.mta = protocol.IdentifyMTA(s.facts.Macros)
	}
	return s.mta
}

// finish sends the changes. Those that the MTA was not asked for, or cannot take, are an error like one in the script.
func (s *session) finish(m *luaapi.Message, r protocol.Reply) error {
	changes := m.Changes(s.identify())
	if len(s.message.recipients) > 0 && len(m.Recipients()) == 0 {
		s.log.Warn().Str("queue_id", s.facts.QueueID()).Msg("scripts deleted every recipient; the MTA drops the message")
	}
	s.concludes(r)
	err := s.conn.Finish(changes, r)
	if err == nil {
		return nil
	}
	s.concludes(s.program.onError)
	s.log.Warn().Err(err).Str("queue_id", s.facts.QueueID()).Msg("the changes to a message cannot be sent; it gets the verdict of an error")
	return s.conn.Finish(nil, s.program.onError)
}
