package engine

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

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
	kept := (s.collectsInMemory(len(chunk)) || s.program.Needs.Hooks[protocol.StageBody] != "") && s.conn.KeepChunk()
	if kept {
		s.message.chunk = unsafe.String(unsafe.SliceData(chunk), len(chunk))
	}
	if len(s.program.Needs.Body) > 0 {
		s.collectBody(chunk, kept)
	}
}

// collectsInMemory reports whether the next bytes of the body stay in memory for msg.
func (s *session) collectsInMemory(n int) bool {
	return len(s.program.Needs.Body) > 0 && s.collected().Fits(n)
}

// collected returns what there is of the body.
func (s *session) collected() *mail.Body {
	if s.message.body == nil {
		s.message.body = &mail.Body{InMemory: s.program.limits.BodyInMemory, Spool: s.program.spool}
	}
	return s.message.body
}

// collectBody keeps a chunk for msg; one that is kept stays as it is for good.
func (s *session) collectBody(chunk []byte, kept bool) {
	b := s.collected()
	if !s.bodyRoom(len(chunk)) {
		return
	}
	var err error
	if kept {
		err = b.Keep(s.message.chunk)
	} else {
		err = b.Copy(chunk)
	}
	if err != nil {
		s.giveUp(&spoolFull, "a large message finds no room on the disk; it is refused for the time being: "+err.Error())
	}
}

// spoolFull is the answer while there is no room for large messages. RFC 3463: X.3.1 is a mail system that is full.
var spoolFull = protocol.Reply{Verdict: protocol.Tempfail, Code: 452, Enhanced: "4.3.1", Text: "the mail filter is short of disk space, try again later"}

// bodyRoom is room for a chunk of the body, which may be cut off, and need not be in memory.
func (s *session) bodyRoom(n int) bool {
	m := &s.message
	if m.truncated {
		return false
	}
	if s.program.tooLarge == Truncate && m.size+int64(n) > s.program.limits.Message {
		m.truncated = true
		s.log.Info().Int64("limit", s.program.limits.Message).Str("queue_id", s.facts.QueueID()).Msg("message is larger than limits.message; scripts get the beginning of its body")
		return false
	}
	if m.body.Fits(n) {
		return s.room(n)
	}
	return s.sized(n)
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

// room reports whether the message may grow by n bytes in memory.
func (s *session) room(n int) bool {
	if !s.sized(n) {
		return false
	}
	s.message.inMemory += int64(n)
	if more := s.message.inMemory - s.message.kept; more > 0 {
		more = max(more, keptStep)
		if !s.program.memory.reserve(more) {
			s.giveUp(&outOfMemory, "there is no memory for one more message that scripts read; it is refused for the time being")
			return false
		}
		s.message.kept += more
	}
	return true
}

// sized reports whether the message may be larger by n bytes. No hook shall see half a message unless that was asked for: one that is too large
// gets the verdict that the configuration has for it.
func (s *session) sized(n int) bool {
	if s.held.message != nil {
		return false
	}
	s.message.size += int64(n)
	if s.message.size <= s.program.limits.Message {
		return true
	}
	s.giveUp(s.program.whenTooLarge(), "message is larger than limits.message; limits.too_large says what becomes of it")
	return false
}

// keptStep is how much memory a message reserves at a time, so that small ones do so once.
const keptStep = 64 << 10

// giveUp collects no more of the message, and holds its verdict.
func (s *session) giveUp(verdict *protocol.Reply, why string) {
	s.held.message = verdict
	s.forgetCollected()
	s.log.Warn().Int64("limit", s.program.limits.Message).Str("queue_id", s.facts.QueueID()).Msg(why)
}

// forgetCollected lets go what was collected of the message.
func (s *session) forgetCollected() {
	_ = s.message.body.Close() // it was only for us
	s.message.body, s.message.fields = nil, nil
	s.program.memory.release(s.message.kept)
	s.message.kept, s.message.inMemory = 0, 0
}
