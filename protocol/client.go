package protocol

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Client is the MTA's end of a milter connection: what drives a filter in tests and tools. It sends what was negotiated and
// waits where a reply is due, as Postfix and Sendmail do, and refuses what one of them would refuse. After an error the
// conversation is lost, and every call returns that error. It is not safe for use by several goroutines.
type Client struct {
	conn     net.Conn
	in       *frameReader
	out      []byte
	timeout  time.Duration // for each packet; 0: none
	agreed   Agreement
	skipBody bool
	err      error
}

// NewClient returns the MTA's end of a connection to a filter. Each packet of a reply must come within timeout, so that
// progress restarts the time as it does on Postfix; 0 means no limit.
func NewClient(conn net.Conn, timeout time.Duration) *Client {
	return &Client{conn: conn, in: newFrameReader(conn), timeout: timeout}
}

// FullOffer is what Postfix and Sendmail offer today.
var FullOffer = Offer{Version: MaxVersion, Actions: AllActions, Steps: AllSteps}

// Negotiate offers and returns what the filter answered, checked to be within the offer.
func (c *Client) Negotiate(offer Offer) (Offer, error) {
	answer, err := c.negotiate(offer)
	if err != nil {
		err = c.fail("negotiate: %w", err)
	}
	return answer, err
}

func (c *Client) negotiate(offer Offer) (answer Offer, err error) {
	if c.err != nil {
		return answer, c.err
	}
	var start int
	c.out, start = beginFrame(c.out, byte(CmdOptNeg))
	c.out = endFrame(offer.appendPayload(c.out), start)
	code, p, err := c.ask()
	if err != nil {
		return answer, err
	}
	if Command(code) != CmdOptNeg {
		return answer, fmt.Errorf("the filter answered %v", code)
	}
	rest, err := answer.decode(p)
	if err == nil {
		err = answer.Macros.decode(rest)
	}
	if err == nil {
		err = checkAnswer(offer, answer)
	}
	c.agreed = Agreement{Offer: answer, Want: 1<<NumStages - 1}
	return answer, err
}

// checkAnswer holds a filter's answer to the MTA's offer as Sendmail does; Postfix tolerates surplus steps. An offer of no actions
// or steps means those of version 1.
func checkAnswer(offer, answer Offer) error {
	offer = offer.withDefaults()
	switch {
	case answer.Version < MinVersion || answer.Version > offer.Version:
		return fmt.Errorf("the filter answered version %d to an offer of %d", answer.Version, offer.Version)
	case answer.Actions&^offer.Actions != 0:
		return fmt.Errorf("the filter asks for %v, which was not offered", answer.Actions&^offer.Actions)
	case answer.Steps&^offer.Steps != 0:
		return fmt.Errorf("the filter asks for %v, which was not offered", answer.Steps&^offer.Steps)
	}
	return nil
}

// Agreed returns what the filter answered to the offer.
func (c *Client) Agreed() *Offer { return &c.agreed.Offer }

// Macros sends macros for the stage that comes next; names and values alternate. MTAs send them also for stages that the filter
// does not want.
func (c *Client) Macros(s Stage, namesAndValues ...string) error {
	if c.err != nil {
		return c.err
	}
	var start int
	c.out, start = beginFrame(c.out, byte(CmdMacro))
	c.out = append(c.out, byte(s.Command()))
	for _, v := range namesAndValues {
		c.out = append(append(c.out, v...), 0)
	}
	c.out = endFrame(c.out, start)
	return c.flushIfMuch()
}

// Send tells the filter of an event and returns its reply. Events that the filter did not want are not sent; where the filter does
// not answer, the reply is Continue at once.
func (c *Client) Send(ev Event) (Reply, error) {
	s := ev.Stage()
	switch ev.(type) {
	case *EndOfMessage:
		return Reply{}, errors.New("the end of the message is sent by EndOfMessage")
	case *Abort, *Quit, *QuitNC, *OutOfOrder:
		return Reply{}, fmt.Errorf("%v is no event that a filter answers", s)
	}
	if c.err != nil {
		return Reply{}, c.err
	}
	if s == StageMail {
		c.skipBody = false
	}
	if !c.Wants(s) {
		return Reply{}, nil
	}
	c.append(ev, s.Command())
	if !c.agreed.Owed(s) {
		return Reply{}, c.flushIfMuch()
	}
	code, p, err := c.ask()
	var r Reply
	if err == nil {
		r, err = c.decodeReply(s, code, p)
	}
	if err != nil {
		return r, c.fail("reply to "+s.String()+": %w", err)
	}
	c.skipBody = c.skipBody || r.Verdict == Skip
	return r, nil
}

// Wants reports whether the filter is to be told of events of the stage now.
func (c *Client) Wants(s Stage) bool {
	switch {
	case s == StageBody && c.skipBody,
		s == StageUnknown && c.agreed.Version < 3,
		s == StageData && c.agreed.Version < 4:
		return false
	}
	return c.agreed.Steps&s.NoStep() == 0
}

// decodeReply reads the only packet that may come at a stage before the end of the message.
func (c *Client) decodeReply(s Stage, code Response, p []byte) (Reply, error) {
	switch {
	case neededActions[code] != 0:
		return Reply{}, fmt.Errorf("%v, which is allowed only at eom", code)
	case code == RespProgress:
		return Reply{}, errors.New("PROGRESS, for which Sendmail drops the filter anywhere but at eom")
	}
	r, err := decodeReply(code, p)
	if err != nil {
		return r, err
	}
	switch {
	case r.Verdict == Skip && s != StageBody:
		err = errors.New("skip, which works only at body")
	case r.Verdict == Skip && c.agreed.Steps&CanSkip == 0:
		err = errors.New("skip, which was not negotiated")
	case r.Verdict == Discard && !s.InMessage():
		err = errors.New("discard, which MTAs ignore here")
	default:
		err = c.checkSilence()
	}
	return r, err
}

// checkSilence finds out whether the filter said more than it was asked for.
func (c *Client) checkSilence() error {
	if c.in.partial() {
		return errors.New("the filter sent more than one reply")
	}
	return nil
}

// Body sends a body in chunks as large as MTAs send them, until the filter has a verdict.
func (c *Client) Body(body []byte) (Reply, error) {
	for len(body) > 0 && c.Wants(StageBody) {
		n := min(len(body), MaxChunk)
		r, err := c.Send(&Body{Chunk: body[:n]})
		if err != nil || r.Verdict != Continue {
			return r, err
		}
		body = body[n:]
	}
	return Reply{}, c.err
}

// EndOfMessage tells the filter that the message is complete and returns the changes it asks for and its reply.
// progress counts the keep-alives that came before. Header values are as they came: with LeadingSpace agreed they bring
// their own blank.
func (c *Client) EndOfMessage() (changes []Change, r Reply, progress int, err error) {
	if c.err != nil {
		return nil, r, 0, c.err
	}
	c.skipBody = false
	c.append(&EndOfMessage{}, CmdEOM)
	for {
		code, p, err := c.ask()
		if err != nil {
			return changes, r, progress, c.fail("reply to eom: %w", err)
		}
		switch {
		case code == RespProgress && len(p) == 0:
			progress++
		case neededActions[code] != 0:
			ch, err := c.decodeChange(changes, code, p)
			if err != nil {
				return changes, r, progress, c.fail("change at eom: %w", err)
			}
			changes = append(changes, ch)
		default:
			r, err := c.decodeLast(code, p)
			if err != nil {
				err = c.fail("reply to eom: %w", err)
			}
			return changes, r, progress, err
		}
	}
}

// decodeChange reads a change and holds it to what was negotiated and what came before.
func (c *Client) decodeChange(before []Change, code Response, p []byte) (Change, error) {
	ch, err := decodeChange(code, p)
	if err != nil {
		return ch, err
	}
	if missing := ch.Needs() &^ c.agreed.Actions; missing != 0 {
		return ch, fmt.Errorf("%v was not negotiated", missing)
	}
	if n := len(before); n > 0 && before[n-1].Response == RespReplBody && ch.Response != RespReplBody {
		return ch, fmt.Errorf("%v after %v; Postfix wants the body last", ch.Response, RespReplBody)
	}
	return ch, nil
}

// decodeLast reads the reply that ends the end of a message.
func (c *Client) decodeLast(code Response, p []byte) (Reply, error) {
	r, err := decodeReply(code, p)
	if err == nil && r.Verdict == Skip {
		err = errors.New("skip, which works only at body")
	}
	if err == nil {
		err = c.checkSilence()
	}
	return r, err
}

// Abort tells the filter that the message was given up.
func (c *Client) Abort() error {
	c.skipBody = false
	return c.tell(&Abort{}, CmdAbort)
}

// QuitNC tells the filter that another SMTP connection follows, which begins with Connect.
func (c *Client) QuitNC() error {
	c.skipBody = false
	return c.tell(&QuitNC{}, CmdQuitNC)
}

// Quit says goodbye and closes the connection.
func (c *Client) Quit() error {
	return errors.Join(c.tell(&Quit{}, CmdQuit), c.Close())
}

// Close closes the connection without a word, as an MTA does that lost its client.
func (c *Client) Close() error {
	c.in.release()
	return c.conn.Close()
}

func (c *Client) tell(ev Event, cmd Command) error {
	if c.err != nil {
		return c.err
	}
	c.append(ev, cmd)
	return c.flush()
}

func (c *Client) append(ev Event, cmd Command) {
	var start int
	c.out, start = beginFrame(c.out, byte(cmd))
	c.out = endFrame(ev.appendPayload(c.out), start)
}

// fail notes that the conversation is lost.
func (c *Client) fail(format string, err error) error {
	if c.err == nil {
		c.err = fmt.Errorf(format, err)
	}
	return c.err
}

// flushIfMuch writes when much has gathered that no reply is due to.
func (c *Client) flushIfMuch() error {
	if len(c.out) > maxPending {
		return c.flush()
	}
	return nil
}

func (c *Client) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	if c.timeout > 0 {
		if err := c.conn.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
			return c.fail("write: %w", err)
		}
	}
	_, err := c.conn.Write(c.out)
	c.out = c.out[:0]
	if err != nil {
		return c.fail("write: %w", err)
	}
	return nil
}

// ask writes what is waiting to go out and returns the next packet.
func (c *Client) ask() (Response, []byte, error) {
	if err := c.flush(); err != nil {
		return 0, nil, err
	}
	if c.timeout > 0 {
		if err := c.conn.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
			return 0, nil, err
		}
	}
	for {
		code, p, ok, err := c.in.frame()
		if ok || err != nil {
			return Response(code), p, err
		}
		if err := c.in.fill(); err != nil {
			return 0, nil, err
		}
	}
}
