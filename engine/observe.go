package engine

import (
	"slices"
	"strings"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// observed logs what a script that is only observed would have done, and returns what is done instead: nothing. The script itself hears no
// more of what it would have decided.
func (s *session) observed(i int, stage protocol.Stage, r protocol.Reply, changes []string) protocol.Reply {
	refuses := r.Verdict.Final() && r.Verdict != protocol.Accept
	if !refuses && len(changes) == 0 {
		return r
	}
	ev := s.log.Info().Str("stage", stage.String()).Str("verdict", r.Verdict.String()).Str("script", s.program.Scripts[i].Path)
	if s.decided.line > 0 && refuses {
		ev = ev.Int("line", s.decided.line)
	}
	ev = s.identified(ev)
	if r.Code != 0 {
		ev = ev.Str("reply", replyLine(r))
	}
	if len(changes) > 0 {
		ev = ev.Strs("changes", changes)
	}
	ev.Msg("observed only: this is what the script would have done")
	if !refuses {
		return r
	}
	s.decided = decided{}
	st := &s.scripts[i]
	if endsMessage(stage, r.Verdict) {
		st.asleepMessage, st.told = true, false
	}
	return protocol.Reply{}
}

// changesSince names the changes to a message that were not among those before.
func (s *session) changesSince(before []string, m *mail.Message) []string {
	return slices.DeleteFunc(s.changeNames(m), func(name string) bool {
		i := slices.Index(before, name)
		if i >= 0 {
			before = slices.Delete(slices.Clone(before), i, i+1)
		}
		return i >= 0
	})
}

// changeNames names the changes to a message, such as "add header X-Spam".
func (s *session) changeNames(m *mail.Message) []string {
	var names []string
	for _, c := range m.Changes(s.identify()) {
		what := c.Name
		if what == "" {
			what = c.Value
		}
		name := strings.TrimSpace(c.Response.String() + " " + what)
		if c.Response == protocol.RespReplBody && slices.Contains(names, name) {
			continue // one of many pieces
		}
		names = append(names, name)
	}
	return names
}

// edits are what takes back the edits of a hook that fails, or is only observed.
type edits struct {
	undo   func()
	before []string // the changes that there were, if the hook is only observed
	seen   bool
}

// edits prepares for taking edits back. Where an error refuses the message, none is sent anyway.
func (s *session) edits(script *Script, stage protocol.Stage) edits {
	v := script.onError.Verdict
	if stage != protocol.StageEOM || v == protocol.Tempfail || v == protocol.Reject {
		return edits{undo: func() {}}
	}
	e := edits{undo: s.call.Message.Snapshot(), seen: script.observe}
	if e.seen {
		e.before = s.changeNames(&s.call.Message.Message)
	}
	return e
}

// takeBack takes the edits of an observed hook back, and returns what they were.
func (e *edits) takeBack(s *session) []string {
	if !e.seen {
		return nil
	}
	changes := s.changesSince(e.before, &s.call.Message.Message)
	e.undo()
	return changes
}
