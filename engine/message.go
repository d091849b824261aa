package engine

import (
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

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
	body        *mail.Body // nil until there is some
	chunk       string     // the last, as scripts get it
	size        int64
	kept        int64                // reserved of the process's memory
	edit        *protocol.HeaderEdit // made when first needed
	progress    time.Time            // when the MTA was last told to wait

	began   time.Time      // zero if nobody wants to know
	taken   int            // recipients that nobody refused
	seen    int64          // bytes of header and body that came
	outcome Outcome        // how it ends
	reply   protocol.Reply // likewise
}

// collectHeader keeps a field for msg and eoh.
func (s *session) collectHeader(ev *protocol.Header) {
	if len(s.program.Needs.Headers) == 0 || !s.room(len(ev.Name)+len(ev.Value)) {
		return
	}
	f := protocol.Field{Name: string(ev.Name), Value: string(s.valueOf(ev))}
	if s.message.headerSpace {
		f.Tail = string(ev.Value)
	}
	s.message.fields = append(s.message.fields, f)
}

// valueOf returns a field's value without the one blank after the colon, whether the MTA left it there or not.
func (s *session) valueOf(ev *protocol.Header) []byte {
	if s.message.headerSpace && len(ev.Value) > 0 && ev.Value[0] == ' ' {
		return ev.Value[1:]
	}
	return ev.Value
}

// takeChunk makes the chunk that came a string, without a copy where it is large, and keeps it for msg.body. Where all that see it only
// look at it, it stays where it is.
func (s *session) takeChunk(chunk []byte) {
	s.message.chunk = ""
	if s.program.lends {
		return
	}
	kept := (len(s.program.Needs.Body) > 0 || s.program.Needs.Hooks[protocol.StageBody] != "") && s.conn.KeepChunk()
	if kept {
		s.message.chunk = unsafe.String(unsafe.SliceData(chunk), len(chunk))
	}
	if len(s.program.Needs.Body) == 0 || !s.room(len(chunk)) {
		return
	}
	if s.message.body == nil {
		s.message.body = &mail.Body{}
	}
	if kept {
		s.message.body.Keep(s.message.chunk)
	} else {
		s.message.body.Copy(chunk)
	}
}

// chunkValue returns a chunk as a script gets it.
func (s *session) chunkValue(v *vm, hook *lua.LFunction, chunk []byte) lua.LValue {
	if s.program.lends && !hook.IsG && hook.Proto == v.script.reader {
		return v.env.Lend(unsafe.String(unsafe.SliceData(chunk), len(chunk)))
	}
	return lua.LString(s.chunkText(chunk))
}

// chunkText returns a chunk as a string that may be kept.
func (s *session) chunkText(chunk []byte) string {
	if s.message.chunk == "" {
		s.message.chunk = string(chunk)
	}
	return s.message.chunk
}

// room reports whether the message may grow by n bytes. No hook shall see half a message: one that is too large is refused.
func (s *session) room(n int) bool {
	if s.held.message != nil {
		return false
	}
	s.message.size += int64(n)
	if s.message.size > s.program.limits.Message {
		s.giveUp(&s.program.onError, "message is larger than the limit for messages that scripts read; it gets the verdict of an error")
		return false
	}
	if more := s.message.size - s.message.kept; more > 0 {
		more = max(more, keptStep)
		if !s.program.memory.reserve(more) {
			s.giveUp(&outOfMemory, "there is no memory for one more message that scripts read; it is refused for the time being")
			return false
		}
		s.message.kept += more
	}
	return true
}

// keptStep is how much memory a message reserves at a time, so that small ones do so once.
const keptStep = 64 << 10

// giveUp collects no more of the message, and holds its verdict.
func (s *session) giveUp(verdict *protocol.Reply, why string) {
	s.held.message = verdict
	s.message.body, s.message.fields = nil, nil
	s.program.memory.release(s.message.kept)
	s.message.kept = 0
	s.log.Warn().Int64("limit", s.program.limits.Message).Str("queue_id", s.facts.QueueID()).Msg(why)
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
	m.UTF8 = s.message.utf8
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
