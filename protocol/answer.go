package protocol

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	// maxPending is how many bytes may wait to be written before they are, though there is more to read.
	maxPending = 64 << 10

	// writeTimeout is how long an MTA may take to read what is written to it. Postfix gives up after five minutes itself.
	writeTimeout = 10 * time.Minute
)

const (
	muchOutput  = 4 * MaxChunk             // changes are written when so many bytes have gathered
	largeOutput = muchOutput + largeBuffer // with room for one packet more
)

var largeOutputs = sync.Pool{New: func() any { return new([largeOutput]byte) }}

// releaseOut goes back to a small buffer for output, when all is written.
func (c *ServerConn) releaseOut() {
	if c.largeOut != nil {
		largeOutputs.Put(c.largeOut)
		c.largeOut, c.out = nil, c.smallOut[:0]
	}
	if cap(c.out) > smallBuffer {
		c.out = nil
	}
}

// ErrNotOwed is returned for a verdict that the MTA does not wait for.
var ErrNotOwed = errors.New("the MTA does not wait for a reply here")

// Reply answers the last event, at every stage but the end of the message. Continue is always allowed; it is not sent where
// the MTA does not wait. When an error is returned nothing was sent, and the event can still be answered.
func (c *ServerConn) Reply(r Reply) error {
	if c.atEOM() {
		return errors.New("the end of the message is answered by Finish")
	}
	if err := c.checkReply(r); err != nil {
		return err
	}
	if r.Verdict == Skip {
		c.message.skipBody = true
	}
	if !c.owed {
		if r.Verdict == Continue || r.Verdict == Skip {
			return nil
		}
		return ErrNotOwed
	}
	if r.Verdict == Skip && c.agreed.Steps&CanSkip == 0 {
		r = Reply{}
	}
	c.settle(r)
	c.answer(c.current, r)
	c.owed = false
	return nil
}

// atEOM reports whether the end of the message waits for Finish.
func (c *ServerConn) atEOM() bool { return c.owed && c.current == StageEOM }

// checkReply refuses what the MTA would mistake at the current stage.
func (c *ServerConn) checkReply(r Reply) error {
	switch {
	case r.Verdict == Skip && c.current != StageBody:
		return fmt.Errorf("skip at %v; it works only at body", c.current)
	case r.Verdict == Discard && !c.current.InMessage():
		return fmt.Errorf("discard at %v; MTAs ignore it there", c.current)
	}
	return r.check()
}

// settle remembers a verdict that ends the filtering of the message or of the connection.
func (c *ServerConn) settle(r Reply) {
	switch {
	case !r.Verdict.Final():
	case c.current == StageConnect || c.current == StageHelo:
		c.session.settled, c.session.final = true, r
	case c.current == StageUnknown, c.current == StageRcpt && (r.Verdict == Reject || r.Verdict == Tempfail):
		// only that command, or that recipient
	case c.agreed.Steps&NoMail != 0:
		c.message = messageState{} // nothing will tell where the next message begins
	default:
		c.message = messageState{settled: true, final: r}
	}
}

// answer appends a reply if the MTA waits for one at the stage.
func (c *ServerConn) answer(s Stage, r Reply) {
	if s == StageUnknown && r.Verdict == Accept {
		r.Verdict = Continue // an MTA could take it for the message that is under way
	}
	if c.agreed.Owed(s) {
		c.out = r.appendPacket(c.out)
	}
}

// Finish answers the end of the message: the changes and then the reply, in one write. Changes are sent only when the message
// goes on (Continue and Accept). Body chunks must come last. Nothing is sent when an error is returned, and the message can
// still be finished, unless the connection is broken. Only if Change.From cannot be read to its end, some of it may have been sent: then the
// message must not go on.
func (c *ServerConn) Finish(changes []Change, r Reply) error {
	if !c.atEOM() {
		return errors.New("Finish outside the end of the message")
	}
	if err := c.checkReply(r); err != nil {
		return err
	}
	if r.Verdict == Continue || r.Verdict == Accept {
		if err := c.checkChanges(changes); err != nil {
			return err
		}
		if err := c.write(changes); err != nil {
			return err
		}
	}
	c.out = r.appendPacket(c.out)
	c.owed = false
	c.message = messageState{}
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

// write appends changes, and writes when much has gathered, as a large body does.
func (c *ServerConn) write(changes []Change) error {
	size := 0
	for i := range changes {
		size += changes[i].size()
	}
	if size > smallBuffer && c.largeOut == nil {
		c.largeOut = largeOutputs.Get().(*[largeOutput]byte)
		c.smallOut, c.out = c.out, append(c.largeOut[:0], c.out...)
	}
	for i := range changes {
		if from := changes[i].From; from != nil {
			return c.writeBody(from)
		}
		c.out = c.spaced(&changes[i]).appendPacket(c.out)
		if err := c.flushMuch(); err != nil {
			return err
		}
	}
	return nil
}

// flushMuch writes when much has gathered.
func (c *ServerConn) flushMuch() error {
	if len(c.out) > muchOutput {
		return c.Flush()
	}
	return nil
}

// writeBody appends a body as packets.
func (c *ServerConn) writeBody(body *io.SectionReader) error {
	for at := int64(0); ; {
		n := int(min(body.Size()-at, MaxChunk))
		var start int
		c.out, start = beginFrame(c.out, byte(RespReplBody))
		begun := len(c.out)
		c.out = slices.Grow(c.out, n)
		if read, err := body.ReadAt(c.out[begun:begun+n], at); read < n {
			c.out = c.out[:start]
			return fmt.Errorf("read the new body at %d of %d bytes: %w", at+int64(read), body.Size(), err)
		}
		c.out = endFrame(c.out[:begun+n], start)
		if err := c.flushMuch(); err != nil {
			return err
		}
		if at += int64(n); at >= body.Size() {
			return nil
		}
	}
}

// spaced returns the change with the blank after the colon that the MTA does not put there if LeadingSpace was agreed.
func (c *ServerConn) spaced(ch *Change) *Change {
	deletes := ch.Response == RespChgHeader && ch.Value == ""
	if c.agreed.Steps&LeadingSpace == 0 || ch.Name == "" || deletes {
		return ch
	}
	with := *ch
	with.Value = " " + ch.Value
	return &with
}

// Progress tells the MTA at once that the end of the message takes time. Only there do both MTAs understand it.
func (c *ServerConn) Progress() error {
	if !c.atEOM() {
		return errors.New("progress outside the end of the message")
	}
	c.out = append(c.out, 0, 0, 0, 1, byte(RespProgress))
	return c.Flush()
}

// Flush writes what is waiting to go out. After an error nothing more can be written.
func (c *ServerConn) Flush() error {
	if c.outErr != nil || len(c.out) == 0 {
		c.out = c.out[:0]
		return c.outErr
	}
	c.outErr = c.send()
	c.answered = true
	c.out = c.out[:0]
	return c.outErr
}

func (c *ServerConn) send() error {
	if time.Since(c.lastOut) > writeTimeout/10 {
		c.lastOut = time.Now()
		if err := c.conn.SetWriteDeadline(c.lastOut.Add(writeTimeout)); err != nil {
			return err
		}
	}
	_, err := c.conn.Write(c.out)
	if errors.Is(err, os.ErrDeadlineExceeded) { // not to be taken for a time-out of Next, after which one may go on
		return fmt.Errorf("the MTA has read nothing for %v", writeTimeout)
	}
	return err
}

// Close writes what is waiting and closes the connection.
func (c *ServerConn) Close() error {
	err := c.Flush()
	c.in.release()
	c.releaseOut()
	return errors.Join(err, c.conn.Close())
}
