package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// decided is where a script refused something.
type decided struct {
	script *Script
	path   string
	line   int
}

// decidedBy notes which script refuses, and the line where it does: that of the call of reject or tempfail, or else of the hook.
func (s *session) decidedBy(i int, stage protocol.Stage, value lua.LValue) {
	script, v := s.program.Scripts[i], s.scripts[i].vm
	s.decided = decided{script: script, path: script.Path}
	if path, line := v.env.Spoken(value); line > 0 {
		s.decided.path, s.decided.line = path, line
		return
	}
	if file, line := script.definition(v.hooks[stage]); file != nil {
		s.decided.path, s.decided.line = file.Path, line
	}
}

// identified adds what a line of the log is about.
func (s *session) identified(ev *zerolog.Event) *zerolog.Event {
	if client := s.client(); client != "" {
		ev = ev.Str("client", client)
	}
	if q := s.facts.QueueID(); q != "" {
		ev = ev.Str("queue_id", q)
	}
	if s.facts.InMessage && s.facts.Known.Has(protocol.StageMail) {
		ev = ev.Str("from", s.facts.Sender)
	}
	return ev
}

// replyLine is what the SMTP client gets, on one line.
func replyLine(r protocol.Reply) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, strings.ReplaceAll(r.Text, "\n", " / ")))
}

// concludes notes how the message ends, before endMessage forgets it.
func (s *session) concludes(r protocol.Reply) {
	s.message.outcome = outcome(r.Verdict)
	s.message.reply = r
}

// conclude counts the message that ends, and writes its line.
func (s *session) conclude() {
	t := s.takeTally()
	t.listener.Messages[s.message.outcome]++
	if s.engine.Messages {
		s.summarize()
	}
	if t.messages++; t.messages == tallyMessages {
		s.settle()
	}
}

// summarize writes the line that every message gets.
func (s *session) summarize() {
	ev := s.log.Info()
	if !ev.Enabled() {
		return
	}
	m := &s.message
	ev = s.identified(ev).Str("verdict", m.outcome.String())
	if s.facts.Known.Has(protocol.StageRcpt) {
		ev = ev.Int("recipients", m.taken)
	}
	if s.facts.Known.Has(protocol.StageBody) && s.facts.Known.Has(protocol.StageHeader) {
		ev = ev.Int64("size", m.seen)
	}
	if m.reply.Code != 0 {
		ev = ev.Str("reply", replyLine(m.reply))
	}
	if m.outcome != Accepted && m.outcome != Aborted && s.decided.script != nil {
		ev = ev.Str("script", s.decided.path)
		if s.decided.line > 0 {
			ev = ev.Int("line", s.decided.line)
		}
	}
	ev.Dur("took_ms", time.Since(m.began)).Msg("message")
}
