package protocol

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// ServerConn is the filter's end of a milter connection. It knows where in the conversation the MTA is, so that what it
// returns from Next makes sense: no message event outside a message, one Abort for a message that the MTA gave up and none
// otherwise, and no event that needs no filter (those it answers itself).
//
// Nothing is written before the connection has to wait for more input, or Flush is called. It is not safe for use by
// several goroutines.
type ServerConn struct {
	conn   net.Conn
	in     *frameReader
	quick  quickAcker // acknowledges at once what needs no reply
	agreed Agreement
	macros Macros
	err    error // why there will be no more events

	awaited error // what Await met with

	out      []byte
	smallOut []byte             // put away while out is largeOut
	largeOut *[largeOutput]byte // from the pool, nil while not needed
	outErr   error              // why nothing can be written any more
	lastOut  time.Time          // when the time limit for writing was last set
	answered bool               // something went out since the last read

	current Stage  // of the last event
	owed    bool   // the MTA waits for a reply to it
	held    packet // came already, to be looked at after the event that was returned
	session sessionState
	message messageState
	ev      events
}

// sessionState is what is known of one SMTP connection.
type sessionState struct {
	begun   bool  // anything but UNKNOWN came
	settled bool  // final answers whatever else may come
	final   Reply // see settled
}

// messageState is what is known of one message.
type messageState struct {
	open     bool  // between MAIL and the end of the message, a final verdict or an abort
	settled  bool  // final answers whatever else may come
	final    Reply // see settled
	skipBody bool  // no more of its body is wanted
}

// packet is a command as it came.
type packet struct {
	cmd     Command // 0: none
	payload []byte
}

// events has one of each, so that none is allocated.
type events struct {
	connect Connect
	helo    Helo
	mail    Mail
	rcpt    Rcpt
	data    Data
	header  Header
	eoh     EndOfHeader
	body    Body
	eom     EndOfMessage
	unknown Unknown
	abort   Abort
	quit    Quit
	quitNC  QuitNC
	odd     OutOfOrder
}

// NewServerConn returns the filter's end of a connection that an MTA opened.
func NewServerConn(conn net.Conn) *ServerConn {
	return &ServerConn{conn: conn, in: newFrameReader(conn), quick: newQuickAcker(conn)}
}

// ReadOffer reads what the MTA offers. It must be the first call.
func (c *ServerConn) ReadOffer() (Offer, error) {
	var o Offer
	pk, err := c.read()
	if err != nil {
		return o, err
	}
	if pk.cmd != CmdOptNeg {
		return o, fmt.Errorf("the MTA began with %v instead of OPTNEG", pk.cmd)
	}
	_, err = o.decode(pk.payload) // what may follow is no business of ours
	return o, err
}

// Agree answers the MTA's offer.
func (c *ServerConn) Agree(a Agreement) error {
	c.agreed = a
	var start int
	c.out, start = beginFrame(c.out, byte(CmdOptNeg))
	c.out = endFrame(a.appendPayload(c.out), start)
	return c.Flush()
}

// Agreed returns what was negotiated.
func (c *ServerConn) Agreed() *Agreement { return &c.agreed }

// Macros returns the macros as they are for the last event.
func (c *ServerConn) Macros() *Macros { return &c.macros }

// SetReadDeadline limits how long Next may wait. After a time-out Next may be called again; nothing is lost.
func (c *ServerConn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(t) }

// Buffered reports whether Next may return without waiting for the MTA.
func (c *ServerConn) Buffered() bool { return c.held.cmd != 0 || c.in.partial() }

// Owed reports whether the MTA waits for a reply to the last event. Where it does not, no verdict can be given.
func (c *ServerConn) Owed() bool { return c.owed }

// KeepChunk has the chunk of the body event that Next returned last stay as it is for good, so that it need not be copied. It reports false
// where a copy is better: a small chunk would keep much more memory than its own.
func (c *ServerConn) KeepChunk() bool { return c.current == StageBody && c.in.keep(c.ev.body.Chunk) }

// Next returns the next event, valid until it is called again. An event that a reply is owed to must have been answered.
//
// The end of the connection without QUIT is io.EOF, or io.ErrUnexpectedEOF in the middle of a packet. A message that is open
// then was given up; no Abort tells so. After any error but a time-out the same error is returned again. A connection that never waits in Read
// returns syscall.EAGAIN there (package poll), which is a time-out too.
func (c *ServerConn) Next() (Event, error) {
	if c.err != nil {
		return nil, c.err
	}
	if c.owed {
		return nil, fmt.Errorf("%v was not answered", c.current)
	}
	ev, err := c.next()
	if err != nil {
		var timeout net.Error
		if err != syscall.EAGAIN && !(errors.As(err, &timeout) && timeout.Timeout()) {
			c.err = err
		}
		return nil, err
	}
	c.current = ev.Stage()
	return ev, nil
}

func (c *ServerConn) next() (Event, error) {
	for {
		pk, err := c.take()
		if err != nil {
			return nil, err
		}
		if pk.cmd == CmdMacro {
			err = c.macros.store(pk.payload)
		} else if ev := c.ends(pk.cmd); ev != nil {
			c.held = pk
			return ev, nil
		} else {
			c.macros.begin(pk.cmd)
			ev, err = c.step(pk)
			if ev != nil && err == nil {
				return ev, nil
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%v: %w", pk.cmd, err)
		}
	}
}

// take returns the packet that is held, or the next one.
func (c *ServerConn) take() (packet, error) {
	if pk := c.held; pk.cmd != 0 {
		c.held = packet{}
		return pk, nil
	}
	return c.read()
}

// read returns the next packet; before it waits, everything written so far goes out.
func (c *ServerConn) read() (packet, error) {
	for {
		cmd, p, ok, err := c.in.frame()
		if err != nil {
			return packet{}, err
		}
		if ok {
			if len(c.out) > maxPending { // many short commands can ask for many long replies
				err = c.Flush()
			}
			return packet{Command(cmd), p}, err
		}
		if err := c.fill(); err != nil {
			return packet{}, err
		}
	}
}

// fill reads once; before it waits, everything written so far goes out.
func (c *ServerConn) fill() error {
	if err := c.awaited; err != nil {
		c.awaited = nil
		return err
	}
	if err := c.Flush(); err != nil {
		return err
	}
	if !c.answered {
		c.quick.ack()
	}
	if !c.message.open {
		c.shrink()
	}
	err := c.in.fill()
	if err != syscall.EAGAIN {
		c.answered = false
	}
	return err
}

// Await waits until there is something for Next to find, be it an error. It needs little of the stack, so that many connections can wait
// in it cheaply.
func (c *ServerConn) Await() {
	if !c.Buffered() {
		c.awaited = c.fill()
	}
}

// shrink gives up large buffers between messages.
func (c *ServerConn) shrink() {
	c.in.shrink()
	c.releaseOut()
}

// Rest writes what is waiting and gives up what a connection does not need while it is idle. What Next returned last is no longer valid.
func (c *ServerConn) Rest() {
	_ = c.Flush() // an error comes again from Next
	if !c.message.open {
		c.shrink()
		c.in.rest()
	}
}

// ends returns the event for what a command ends without saying so: the message, or the connection before.
func (c *ServerConn) ends(cmd Command) Event {
	switch cmd {
	case CmdConnect, CmdHelo, CmdMail, CmdQuit, CmdQuitNC:
		if c.message.open {
			c.message = messageState{}
			return &c.ev.abort
		}
	}
	if cmd == CmdConnect && c.session.begun {
		c.endSession()
		return &c.ev.quitNC
	}
	return nil
}

func (c *ServerConn) endSession() {
	c.session = sessionState{}
	c.message = messageState{}
	c.macros.end()
}

// step turns a packet into an event. It returns nil for what no filter needs to see.
func (c *ServerConn) step(pk packet) (Event, error) {
	switch pk.cmd {
	case CmdConnect:
		return c.give(&c.ev.connect, pk)
	case CmdHelo:
		c.message = messageState{}
		return c.give(&c.ev.helo, pk)
	case CmdMail:
		c.message = messageState{open: !c.session.settled}
		return c.give(&c.ev.mail, pk)
	case CmdRcpt:
		return c.inside(&c.ev.rcpt, pk)
	case CmdData:
		return c.inside(&c.ev.data, pk)
	case CmdHeader:
		return c.inside(&c.ev.header, pk)
	case CmdEOH:
		return c.inside(&c.ev.eoh, pk)
	case CmdBody:
		return c.inside(&c.ev.body, pk)
	case CmdEOM:
		return c.inside(&c.ev.eom, pk)
	case CmdUnknown:
		return c.give(&c.ev.unknown, pk)
	}
	return c.stepUnanswered(pk.cmd)
}

// stepUnanswered is step for commands that no MTA waits for a reply to.
func (c *ServerConn) stepUnanswered(cmd Command) (Event, error) {
	switch cmd {
	case CmdAbort:
		open := c.message.open
		c.message = messageState{}
		if open {
			return &c.ev.abort, nil
		}
		return nil, nil
	case CmdQuit:
		c.err = io.EOF
		return &c.ev.quit, nil
	case CmdQuitNC:
		begun := c.session.begun
		c.endSession()
		if begun {
			return &c.ev.quitNC, nil
		}
		return nil, nil
	case CmdOptNeg:
		return nil, errors.New("options were negotiated before")
	}
	return nil, errors.New("not a command of the milter protocol")
}

// inside gives an event that only a message can have. Where MAIL is not sent, any such event begins the message.
func (c *ServerConn) inside(ev Event, pk packet) (Event, error) {
	if !c.message.open && !c.message.settled && !c.session.settled {
		if c.agreed.Steps&NoMail == 0 {
			c.answer(ev.Stage(), Reply{Verdict: Tempfail})
			c.ev.odd.Command = pk.cmd
			return &c.ev.odd, nil
		}
		c.message.open = true
	}
	return c.give(ev, pk)
}

// give decodes an event and returns it; what is settled, or nobody wants to know of, is answered here.
func (c *ServerConn) give(ev Event, pk packet) (Event, error) {
	s := ev.Stage()
	c.session.begun = c.session.begun || s != StageUnknown
	switch {
	case c.session.settled:
		c.answer(s, c.session.final)
	case c.message.settled && s.InMessage():
		c.answer(s, c.message.final)
	case s == StageEOM:
		return c.giveEOM(pk), nil
	case s == StageBody && c.message.skipBody, !c.agreed.Want.Has(s):
		c.answer(s, Reply{})
	default:
		if err := ev.decode(pk.payload); err != nil {
			return nil, err
		}
		c.owed = c.agreed.Owed(s)
		return ev, nil
	}
	return nil, nil
}

// giveEOM returns the end of the message, and before it a last body chunk that came in the same packet.
func (c *ServerConn) giveEOM(pk packet) Event {
	if len(pk.payload) > 0 && c.agreed.Want.Has(StageBody) && !c.message.skipBody {
		c.ev.body.Chunk = pk.payload
		c.held = packet{cmd: CmdEOM}
		return &c.ev.body // which has no reply of its own
	}
	c.owed = true
	return &c.ev.eom
}
