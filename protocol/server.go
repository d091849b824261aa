package protocol

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// ServerConn is the filter's end of a milter connection. It knows where in the conversation the MTA is, so that what it
// returns from Next makes sense: no message event outside a message, one Abort for a message that was given up and none
// otherwise, and no event that needs no filter (those it answers itself).
//
// Nothing is written before the connection has to wait for more input, or Flush is called. It is not safe for use by
// several goroutines.
type ServerConn struct {
	conn   net.Conn
	in     *frameReader
	out    []byte
	quick  quickAcker // acknowledges at once what needs no reply
	agreed Agreement
	macros Macros

	// Where the conversation is.
	connected bool  // CONNECT came
	inMessage bool  // between MAIL and the end of the message, a final verdict or an abort
	atEOM     bool  // the end of the message waits for Finish
	skipBody  bool  // the rest of this message's body is not wanted, though the MTA cannot be told
	owed      bool  // the MTA waits for a reply to the last event
	current   Stage // of the last event
	wrote     bool  // something went out since the last read

	// Verdicts that answer whatever else may come, nil while open.
	connFinal *Reply // for the connection
	msgFinal  *Reply // for the message

	queue []Event // events to return before reading on
	ev    events
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
	cmd, p, err := c.read()
	if err != nil {
		return o, err
	}
	if Command(cmd) != CmdOptNeg {
		return o, fmt.Errorf("the MTA began with %v instead of OPTNEG", Command(cmd))
	}
	return o, o.decode(p)
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
func (c *ServerConn) Buffered() bool { return len(c.queue) > 0 || c.in.partial() }

// Owed reports whether the MTA waits for a reply to the last event. Where it does not, no verdict can be given.
func (c *ServerConn) Owed() bool { return c.owed }

// Next returns the next event, valid until it is called again. The end of the connection without QUIT is io.EOF.
func (c *ServerConn) Next() (Event, error) {
	for {
		if len(c.queue) > 0 {
			ev := c.queue[0]
			c.queue = c.queue[:copy(c.queue, c.queue[1:])]
			c.expect(ev)
			return ev, nil
		}
		cmd, p, err := c.read()
		if err != nil {
			return nil, err
		}
		if Command(cmd) == CmdMacro {
			c.macros.store(p)
			continue
		}
		ev, err := c.step(Command(cmd), p)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", Command(cmd), err)
		}
		if ev != nil {
			c.expect(ev)
			return ev, nil
		}
	}
}

// read returns the next packet; before it waits, everything written so far goes out.
func (c *ServerConn) read() (byte, []byte, error) {
	for {
		cmd, p, ok, err := c.in.frame()
		if ok || err != nil {
			return cmd, p, err
		}
		if err := c.Flush(); err != nil {
			return 0, nil, err
		}
		if !c.wrote {
			c.quick.ack()
		}
		c.wrote = false
		if err := c.in.fill(); err != nil {
			return 0, nil, err
		}
	}
}

// expect notes which reply the event that is about to be returned calls for.
func (c *ServerConn) expect(ev Event) {
	c.current = ev.Stage()
	c.atEOM = c.current == StageEOM
	switch ev.(type) {
	case *OutOfOrder:
		c.owed = false
	case *Body:
		c.owed = c.agreed.Owed(StageBody) && len(c.queue) == 0 // the last chunk may have come with the end of the message
	default:
		c.owed = c.agreed.Owed(c.current)
	}
}

// step turns a packet into an event. It returns nil for what no filter needs to see.
func (c *ServerConn) step(cmd Command, p []byte) (Event, error) {
	c.macros.begin(cmd)
	switch cmd {
	case CmdConnect:
		c.endConnection()
		c.connected = true
		return c.give(&c.ev.connect, p)
	case CmdHelo:
		c.endMessage()
		return c.give(&c.ev.helo, p)
	case CmdMail:
		c.endMessage()
		if c.connFinal == nil {
			c.inMessage, c.skipBody = true, false
		}
		return c.give(&c.ev.mail, p)
	case CmdAbort:
		c.endMessage()
		return c.takeQueued(), nil
	case CmdQuitNC:
		c.endConnection()
		return c.takeQueued(), nil
	case CmdQuit:
		return &c.ev.quit, nil
	case CmdUnknown:
		return c.give(&c.ev.unknown, p)
	case CmdRcpt:
		return c.inside(&c.ev.rcpt, cmd, p)
	case CmdData:
		return c.inside(&c.ev.data, cmd, p)
	case CmdHeader:
		return c.inside(&c.ev.header, cmd, p)
	case CmdEOH:
		return c.inside(&c.ev.eoh, cmd, p)
	case CmdBody:
		if c.skipBody {
			return nil, c.answer(StageBody, &Reply{})
		}
		return c.inside(&c.ev.body, cmd, p)
	case CmdEOM:
		return c.endOfMessage(p)
	case CmdOptNeg:
		return nil, errors.New("options were negotiated before")
	}
	return nil, errors.New("not a command of the milter protocol")
}

// endMessage queues an Abort if a message is open.
func (c *ServerConn) endMessage() {
	if c.inMessage {
		c.queue = append(c.queue, &c.ev.abort)
	}
	c.inMessage, c.msgFinal = false, nil
}

// endConnection queues what ends an SMTP connection, if there is one.
func (c *ServerConn) endConnection() {
	c.endMessage()
	if c.connected {
		c.queue = append(c.queue, &c.ev.quitNC)
	}
	c.connected, c.connFinal = false, nil
}

// takeQueued returns the first queued event, if any.
func (c *ServerConn) takeQueued() Event {
	if len(c.queue) == 0 {
		return nil
	}
	ev := c.queue[0]
	c.queue = c.queue[:copy(c.queue, c.queue[1:])]
	return ev
}

// give decodes an event and returns it, after what is queued; events that nobody wants are answered.
func (c *ServerConn) give(ev Event, p []byte) (Event, error) {
	if err := ev.decode(p); err != nil {
		return nil, err
	}
	switch s := ev.Stage(); {
	case c.connFinal != nil:
		return c.takeQueued(), c.answer(s, c.connFinal)
	case c.msgFinal != nil && s != StageConnect && s != StageHelo && s != StageUnknown:
		return c.takeQueued(), c.answer(s, c.msgFinal)
	case !c.agreed.Want.Has(s) && s != StageEOM:
		return c.takeQueued(), c.answer(s, &Reply{})
	}
	if len(c.queue) > 0 {
		c.queue = append(c.queue, ev)
		return c.takeQueued(), nil
	}
	return ev, nil
}

// inside gives an event that only a message can have. Where MAIL is not sent, any such event begins the message.
func (c *ServerConn) inside(ev Event, cmd Command, p []byte) (Event, error) {
	if !c.inMessage && c.msgFinal == nil && c.connFinal == nil {
		if c.agreed.Steps&NoMail == 0 {
			if c.agreed.Owed(ev.Stage()) {
				c.out = (&Reply{Verdict: Tempfail}).appendPacket(c.out)
			}
			c.ev.odd.Command = cmd
			return &c.ev.odd, nil
		}
		c.inMessage, c.skipBody = true, false
	}
	return c.give(ev, p)
}

// endOfMessage gives a last body chunk that came in the same packet before the end of the message itself.
func (c *ServerConn) endOfMessage(p []byte) (Event, error) {
	ev, err := c.inside(&c.ev.eom, CmdEOM, p)
	if ev != Event(&c.ev.eom) || len(p) == 0 || !c.agreed.Want.Has(StageBody) || c.skipBody {
		return ev, err
	}
	c.ev.body.Chunk = c.ev.eom.chunk
	c.queue = append(c.queue, ev)
	return &c.ev.body, nil
}

// answer replies for a filter that is not asked.
func (c *ServerConn) answer(s Stage, r *Reply) error {
	if c.agreed.Owed(s) {
		c.out = r.appendPacket(c.out)
	}
	return nil
}

// ErrNotOwed is returned for a verdict that the MTA does not wait for.
var ErrNotOwed = errors.New("the MTA does not wait for a reply here")

// Reply answers the last event, at every stage but the end of the message. Continue is always allowed; it is not sent where
// the MTA does not wait.
func (c *ServerConn) Reply(r Reply) error {
	if c.atEOM {
		return errors.New("the end of the message is answered by Finish")
	}
	if !c.owed {
		if r.Verdict == Continue {
			return nil
		}
		return ErrNotOwed
	}
	switch {
	case r.Verdict == Skip && c.current != StageBody:
		return fmt.Errorf("skip at %v; it works only at body", c.current)
	case r.Verdict == Discard && !c.current.InMessage():
		return fmt.Errorf("discard at %v; MTAs ignore it there", c.current)
	}
	if err := r.check(); err != nil {
		return err
	}
	if r.Verdict == Skip && c.agreed.Steps&CanSkip == 0 {
		c.skipBody, r = true, Reply{}
	}
	c.settle(r)
	c.out = r.appendPacket(c.out)
	c.owed = false
	return nil
}

// settle remembers a verdict that ends the filtering of the message or of the connection.
func (c *ServerConn) settle(r Reply) {
	if !r.Verdict.Final() {
		return
	}
	refused := r.Verdict == Reject || r.Verdict == Tempfail
	switch {
	case c.current == StageConnect || c.current == StageHelo:
		c.connFinal = &r
	case c.current == StageUnknown, c.current == StageRcpt && refused:
		// only that command, or that recipient
	default:
		c.msgFinal, c.inMessage = &r, false
	}
}

// Finish answers the end of the message: the changes and then the reply, in one write. Changes are sent only when the message
// goes on (Continue and Accept). Body chunks must come last. Nothing is sent when an error is returned.
func (c *ServerConn) Finish(changes []Change, r Reply) error {
	if !c.atEOM {
		return errors.New("Finish outside the end of the message")
	}
	if err := r.check(); err != nil {
		return err
	}
	if r.Verdict == Skip {
		return errors.New("skip at eom; it works only at body")
	}
	if r.Verdict == Continue || r.Verdict == Accept {
		if err := c.checkChanges(changes); err != nil {
			return err
		}
		for i := range changes {
			if err := c.writeChange(&changes[i]); err != nil {
				return err
			}
		}
	}
	c.out = r.appendPacket(c.out)
	c.owed, c.atEOM, c.inMessage, c.msgFinal = false, false, false, nil
	c.in.shrink()
	return nil
}

func (c *ServerConn) checkChanges(changes []Change) error {
	body := false
	for i := range changes {
		ch := &changes[i]
		if err := ch.check(); err != nil {
			return err
		}
		if missing := ch.Needs() &^ c.agreed.Actions; missing != 0 {
			return fmt.Errorf("%v was not negotiated with the MTA", missing)
		}
		if body && ch.Response != RespReplBody {
			return fmt.Errorf("%v after %v; Postfix wants the body last", ch.Response, RespReplBody)
		}
		body = body || ch.Response == RespReplBody
	}
	return nil
}

// writeChange appends a change, and writes when much has gathered, as a large body does.
func (c *ServerConn) writeChange(ch *Change) error {
	if c.agreed.Steps&LeadingSpace != 0 && ch.Name != "" && !(ch.Response == RespChgHeader && ch.Value == "") {
		spaced := *ch
		spaced.Value = " " + ch.Value
		ch = &spaced
	}
	c.out = ch.appendPacket(c.out)
	if len(c.out) > 4*MaxChunk {
		return c.Flush()
	}
	return nil
}

// Progress tells the MTA at once that the end of the message takes time. Only there do both MTAs understand it.
func (c *ServerConn) Progress() error {
	if !c.atEOM {
		return errors.New("progress outside the end of the message")
	}
	c.out = append(c.out, 0, 0, 0, 1, byte(RespProgress))
	return c.Flush()
}

// Flush writes what is waiting to go out.
func (c *ServerConn) Flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.conn.Write(c.out)
	c.wrote = true
	if cap(c.out) > largeBuffer {
		c.out = nil
	}
	c.out = c.out[:0]
	return err
}

// Close writes what is waiting and closes the connection.
func (c *ServerConn) Close() error {
	err := c.Flush()
	c.in.release()
	return errors.Join(err, c.conn.Close())
}
