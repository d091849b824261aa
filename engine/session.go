package engine

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi"
	"luamilter/luaapi/address"
	"luamilter/luaapi/mail"
	"luamilter/poll"
	"luamilter/protocol"
)

// session is one connection of an MTA: one SMTP connection, or with QUIT_NC several in a row.
type session struct {
	work
	conn   *protocol.ServerConn
	polled *poll.Conn // nil where a goroutine waits for each event
	log    zerolog.Logger

	facts   luaapi.Conn
	call    luaapi.Call
	scripts []scriptState
	message message

	mta        protocol.MTA // what is at the other end, once that is known
	looked     int          // how often that was asked
	held       held         // verdicts that could not be given yet
	negotiated bool
	deadline   time.Time // of the next read, zero for none
	odd        bool      // a command out of order was logged
	closed     bool      // the close hooks ran, and nothing has come since
	decided    decided   // who refused last

	attendant Attendant
	failure   *ScriptError // of the last hook, nil if it went well

	tally *tally // what was counted since it was last added up; nil while idle
	calls uint   // of hooks
}

// scriptState is where a script is in this connection.
type scriptState struct {
	lease
	asleepMessage    bool            // accepted the message
	asleepConnection bool            // accepted the connection
	skipped          bool            // wants no more of this body
	told             bool            // knows of the message and has not spoken its last word on it
	broken           *protocol.Reply // its data was lost; what it says to everything else on this connection
}

func newSession(e *Engine, j job) *session {
	r := e.pick(j.listener)
	p := r.programs[j.listener]
	s := &session{
		work:    work{engine: e, listener: j.listener, release: r, program: p},
		conn:    protocol.NewServerConn(j.conn),
		polled:  j.polled,
		log:     e.log.With().Str("conn", j.id).Logger(),
		scripts: make([]scriptState, len(p.Scripts)),
	}
	for i, script := range p.Scripts {
		s.scripts[i].pool = &script.vms
	}
	s.attendant = j.attendant
	s.facts = luaapi.Conn{ID: j.id, Macros: s.conn.Macros(), Known: p.want.Events, Family: protocol.FamilyUnknown}
	s.call = luaapi.Call{Conn: &s.facts, Log: &s.log, Host: s}
	s.onTick, s.tellMTA = s.tick, s.bePatient
	if s.polled != nil {
		s.stepAside = s.polled.Leave
	}
	t := s.takeTally()
	t.listener.Connections++
	return s
}

// serve runs the session for as long as there is something to do, and logs what went wrong, once.
func (s *session) serve() poll.State {
	err := s.talk()
	switch err {
	case errIdle:
		return poll.Cold
	case syscall.EAGAIN:
		return s.waits()
	}
	defer s.leave()
	s.end()
	closeErr := s.conn.Close()
	switch {
	case err == nil || errors.Is(err, io.EOF):
		if closeErr != nil && !errors.Is(closeErr, net.ErrClosed) {
			s.log.Debug().Err(closeErr).Msg("the MTA did not wait for the last reply")
		}
	case s.engine.stopped():
		s.log.Info().Msg("connection closed: the daemon stops")
	default:
		s.log.Warn().Err(err).Msg("connection to the MTA ended")
	}
	return poll.Gone
}

// leave counts what is left to count.
func (s *session) leave() {
	s.giveTally()
	s.release.sessions.Add(-1)
}

// talk negotiates and answers events until the MTA says goodbye, or has nothing more to say for now.
func (s *session) talk() error {
	if !s.negotiated {
		err := s.negotiate()
		if err == syscall.EAGAIN || errors.Is(err, io.EOF) {
			return err // it has not said all of it yet, or it left without a word, as those do that only look whether somebody listens
		}
		if err != nil {
			s.takeTally().listener.Negotiations++
			return fmt.Errorf("negotiate: %w", err)
		}
		s.negotiated = true
	}
	for {
		ev, err := s.next()
		if err != nil {
			return err
		}
		if _, ok := ev.(*protocol.Quit); ok {
			return nil
		}
		s.closed = false
		if err := s.safely(ev); err != nil {
			return err
		}
	}
}

// next returns the next event. Where it waits for it and a VM is held, it waits no longer than it takes to see that the connection is quiet; then
// the VM goes back, and the error is errIdle.
func (s *session) next() (protocol.Event, error) {
	if s.engine.ParkAfter <= 0 && s.parks() {
		s.park()
	}
	if s.polled != nil {
		return s.conn.Next()
	}
	if err := s.setDeadline(); err != nil {
		return nil, err
	}
	ev, err := s.conn.Next()
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return ev, err
	}
	s.deadline = time.Time{}
	if err := s.conn.SetReadDeadline(s.deadline); err != nil {
		return nil, err
	}
	return nil, s.rest()
}

// safely handles an event. A panic, which would be a bug of ours, costs the VM and gets the verdict of an error.
func (s *session) safely(ev protocol.Event) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		s.log.Error().Str("hook", ev.Stage().String()).Str("stack", string(debug.Stack())).Msg(fmt.Sprintf("internal error: %v", v))
		s.takeTally().listener.Panics++
		s.dropRunning()
		err = s.afterPanic(ev)
	}()
	return s.handle(ev)
}

func (s *session) afterPanic(ev protocol.Event) error {
	s.call.Message, s.call.Headers = nil, nil
	if ev.Stage() == protocol.StageEOM {
		defer s.endMessage()
		s.concludes(s.program.onError)
		return s.conn.Finish(nil, s.program.onError)
	}
	return s.answer(ev.Stage(), s.program.onError)
}

// handle is one event.
func (s *session) handle(ev protocol.Event) error {
	t := s.takeTally()
	t.listener.Events[ev.Stage()]++
	switch ev := ev.(type) {
	case *protocol.Connect:
		return s.connect(ev)
	case *protocol.Helo:
		s.facts.Helo = string(ev.Name)
		return s.ask(protocol.StageHelo, ev)
	case *protocol.Mail:
		s.beginMessage(ev)
		return s.ask(protocol.StageMail, ev)
	case *protocol.Rcpt:
		return s.rcpt(ev)
	case *protocol.Header:
		s.ensureMessage()
		s.message.seen += int64(len(ev.Name) + len(ev.Value) + 4)
		s.collectHeader(ev)
		return s.ask(protocol.StageHeader, ev)
	case *protocol.Body:
		s.ensureMessage()
		s.message.seen += int64(len(ev.Chunk))
		s.takeChunk(ev.Chunk)
		return s.ask(protocol.StageBody, ev)
	case *protocol.Data:
		s.ensureMessage()
		return s.ask(protocol.StageData, ev)
	case *protocol.EndOfHeader:
		s.ensureMessage()
		s.call.Headers = s.header()
		defer func() { s.call.Headers = nil }()
		return s.ask(protocol.StageEOH, ev)
	case *protocol.EndOfMessage:
		s.ensureMessage()
		return s.endOfMessage()
	case *protocol.Unknown:
		return s.ask(protocol.StageUnknown, ev)
	case *protocol.Abort:
		s.abort()
		return nil
	case *protocol.QuitNC:
		s.end()
		s.restart()
		return nil
	case *protocol.OutOfOrder:
		if !s.odd {
			s.odd = true
			s.log.Warn().Msg(fmt.Sprintf("the MTA sent %v outside a message; answered with tempfail", ev.Command))
		}
		return nil
	}
	return fmt.Errorf("unexpected event %T", ev)
}

func (s *session) connect(ev *protocol.Connect) error {
	s.facts.Host, s.facts.Family, s.facts.Port, s.facts.IP = string(ev.Host), ev.Family, ev.Port, string(ev.Address)
	return s.ask(protocol.StageConnect, ev)
}

// beginMessage starts a message from nothing.
func (s *session) beginMessage(ev *protocol.Mail) {
	s.endMessage()
	s.message = message{headerSpace: s.conn.Agreed().Steps&protocol.LeadingSpace != 0}
	if s.engine.Messages {
		s.message.began = time.Now()
	}
	s.facts.InMessage = true
	s.facts.Sender = address.Trim(string(ev.Sender))
	s.facts.Recipients = nil
	if s.program.memory.short() {
		s.held.message = &outOfMemory
		s.takeTally().listener.Refused++
	}
	for p := range ev.Params.All() {
		if strings.EqualFold(string(p), "SMTPUTF8") {
			s.message.utf8 = true
		}
	}
}

// ensureMessage starts a message whose MAIL was not asked for.
func (s *session) ensureMessage() {
	if !s.facts.InMessage {
		s.beginMessage(&protocol.Mail{})
	}
}

// rcpt asks about a recipient and remembers it if nobody refuses it.
func (s *session) rcpt(ev *protocol.Rcpt) error {
	s.ensureMessage()
	s.facts.Rejected = s.rejectedByMTA()
	r := s.chain(protocol.StageRcpt, ev)
	if s.facts.Rejected != nil { // the MTA refuses it whatever we say
		s.facts.Rejected = nil
		return s.answer(protocol.StageRcpt, protocol.Reply{})
	}
	if r.Verdict == protocol.Continue || r.Verdict == protocol.Accept {
		s.message.taken++
		s.addRecipient(ev)
	}
	return s.answer(protocol.StageRcpt, r)
}

func (s *session) addRecipient(ev *protocol.Rcpt) {
	if len(s.program.Needs.Recipients) == 0 {
		return
	}
	sent := string(ev.Recipient)
	r := mail.Recipient{Address: address.Trim(sent), AsSent: sent}
	s.message.recipients = append(s.message.recipients, r)
	s.facts.Recipients = append(s.facts.Recipients, r.Address)
}

// rejectedByMTA tells of a recipient that the MTA refused and shows only because it was asked to.
func (s *session) rejectedByMTA() *luaapi.Rejected {
	if s.conn.Agreed().Steps&protocol.RcptRejected == 0 {
		return nil
	}
	if mailer, _ := s.facts.Macros.Get("rcpt_mailer"); string(mailer) != "error" {
		return nil
	}
	status, _ := s.facts.Macros.Get("rcpt_host")
	text, _ := s.facts.Macros.Get("rcpt_addr")
	return &luaapi.Rejected{Status: string(status), Text: string(text)}
}

// abort ends a message that was given up or refused. The scripts that were awake for it and have not spoken their last word on it
// hear of that.
func (s *session) abort() {
	s.tell(protocol.StageAbort)
	s.endMessage()
}

// endMessage counts the message and forgets it.
func (s *session) endMessage() {
	if s.facts.InMessage {
		s.conclude()
	}
	s.forgetCollected()
	s.message = message{}
	s.facts.InMessage, s.facts.Sender, s.facts.Recipients = false, "", nil
	s.held.message = nil
	for i := range s.scripts {
		st := &s.scripts[i]
		st.endMessage()
		st.asleepMessage, st.skipped, st.told = false, false, false
	}
}

// end ends the SMTP connection: an open message is given up, and every script hears of the end, once.
func (s *session) end() {
	if s.closed {
		return
	}
	s.closed = true
	defer func() {
		if v := recover(); v != nil {
			s.log.Error().Str("stack", string(debug.Stack())).Msg(fmt.Sprintf("internal error at the end of a connection: %v", v))
			s.dropRunning()
		}
	}()
	defer s.giveBack()
	if s.facts.InMessage {
		s.abort()
	}
	s.tell(protocol.StageClose)
}

// giveBack forgets all data and gives all VMs back.
func (s *session) giveBack() {
	s.forgetCollected()
	for i := range s.scripts {
		s.scripts[i].endConnection()
		s.scripts[i].lease.release()
	}
}

// restart makes ready for another SMTP connection on the same socket.
func (s *session) restart() {
	macros, id, known := s.facts.Macros, s.facts.ID, s.facts.Known
	s.facts = luaapi.Conn{ID: id, Macros: macros, Known: known, Family: protocol.FamilyUnknown}
	s.held = held{}
	for i := range s.scripts {
		s.scripts[i] = scriptState{lease: lease{pool: s.scripts[i].pool}}
	}
}

// awake reports whether a script wants to hear of the message or, outside one, of the connection.
func (s *session) awake(script int) bool {
	st := &s.scripts[script]
	return !st.asleepConnection && !st.asleepMessage
}

// allAsleep reports whether every script accepted.
func (s *session) allAsleep() bool {
	for i := range s.scripts {
		if s.awake(i) {
			return false
		}
	}
	return true
}
