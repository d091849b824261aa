package engine

import (
	"net"
	"time"

	"luamilter/luaapi"
	"luamilter/protocol"
)

// HookRun is a call of a hook that has ended.
type HookRun struct {
	Script   *Script
	Stage    protocol.Stage
	Event    string         // what the stage is about: the name, the address, the field; without the content of the message
	Reply    protocol.Reply // what the script decided; after an error that of on_error
	Path     string         // where it refuses or discards: the file
	Line     int            // and the line; 0 where it does not, or where that is not known
	Observed bool           // nothing is done of what it decided
	Took     time.Duration
	Err      *ScriptError // nil if all went well; as Lua says it until Explain is called
}

// Attendant is who attends a connection.
type Attendant struct {
	// Watch is shown each hook that ran. It is called by the session before the MTA gets its answer, and from no other goroutine at the same time. It may be nil.
	Watch    func(HookRun)
	Services *luaapi.Services // what hooks reach on this connection; nil for those of the program
}

// Attend serves one connection that came on another way than through Serve, such as the end of a pipe, for the program of a listener's
// name. It returns at once. The connection is closed when all is done, the close hooks included.
func (e *Engine) Attend(nc net.Conn, listener string, a Attendant) {
	e.start(job{conn: nc, listener: listener, attendant: a})
}

// watched shows a hook that ran to whoever attends the connection.
func (s *session) watched(i int, stage protocol.Stage, ev protocol.Event, r protocol.Reply, took time.Duration) {
	if s.attendant.Watch == nil {
		return
	}
	script := s.program.Scripts[i]
	h := HookRun{Script: script, Stage: stage, Event: eventText(ev), Reply: r, Observed: script.observe, Took: took, Err: s.failure}
	if r.Verdict.Final() && r.Verdict != protocol.Accept {
		h.Path, h.Line = s.decided.path, s.decided.line
	}
	s.attendant.Watch(h)
}
