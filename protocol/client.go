package protocol

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Client is the MTA's end of a milter connection: what drives a filter in tests and tools. It sends what was negotiated and
// waits where a reply is due, as Postfix and Sendmail do. It is not safe for use by several goroutines.
type Client struct {
	conn     net.Conn
	in       *frameReader
	out      []byte
	timeout  time.Duration // per reply; 0: none
	offer    Offer
	agreed   Agreement
	skipBody bool
}

// NewClient returns the MTA's end of a connection to a filter. Each reply must come within timeout; 0 means no limit.
func NewClient(conn net.Conn, timeout time.Duration) *Client {
	return &Client{conn: conn, in: newFrameReader(conn), timeout: timeout}
}

// FullOffer is what Postfix and Sendmail offer today.
var FullOffer = Offer{Version: MaxVersion, Actions: AllActions, Steps: AllSteps}

// Negotiate offers and returns what the filter answered, checked to be within the offer.
func (c *Client) Negotiate(offer Offer) (Offer, error) {
	var start int
	c.offer = offer
	c.out, start = beginFrame(c.out[:0], byte(CmdOptNeg))
	c.out = endFrame(offer.appendPayload(c.out), start)
	if err := c.flush(); err != nil {
		return Offer{}, err
	}
	code, p, err := c.read()
	if err != nil {
		return Offer{}, fmt.Errorf("negotiate: %w", err)
	}
	var answer Offer
	if Command(code) != CmdOptNeg {
		return answer, fmt.Errorf("negotiate: the filter answered %v", Response(code))
	}
	if err := answer.decode(p); err != nil {
		return answer, fmt.Errorf("negotiate: %w", err)
	}
	c.agreed = Agreement{Offer: answer, Want: 1<<NumStages - 1}
	switch {
	case answer.Version < MinVersion || answer.Version > offer.Version:
		return answer, fmt.Errorf("negotiate: the filter answered version %d to an offer of %d", answer.Version, offer.Version)
	case answer.Actions&^offer.Actions != 0:
		return answer, fmt.Errorf("negotiate: the filter asks for %v, which was not offered", answer.Actions&^offer.Actions)
	case answer.Steps&^offer.Steps != 0:
		return answer, fmt.Errorf("negotiate: the filter asks for %v, which was not offered", answer.Steps&^offer.Steps)
	}
	return answer, nil
}

// Macros sends macros for the stage that comes next; names and values alternate.
func (c *Client) Macros(s Stage, namesAndValues ...string) error {
	var start int
	c.out, start = beginFrame(c.out, byte(CmdMacro))
	c.out = append(c.out, byte(s.Command()))
	for _, v := range namesAndValues {
		c.out = append(append(c.out, v...), 0)
	}
	c.out = endFrame(c.out, start)
	return nil
}

// Send tells the filter of an event and returns its reply. Events that the filter did not want are not sent; where the filter does
// not answer, the reply is Continue at once.
func (c *Client) Send(ev Event) (Reply, error) {
	s := ev.Stage()
	if s == StageEOM {
		return Reply{}, errors.New("the end of the message is sent by EndOfMessage")
	}
	if !c.sends(s) {
		return Reply{}, nil
	}
	c.append(ev, s.Command())
	if !c.agreed.Owed(s) {
		if len(c.out) > largeBuffer {
			return Reply{}, c.flush()
		}
		return Reply{}, nil
	}
	if err := c.flush(); err != nil {
		return Reply{}, err
	}
	code, p, err := c.read()
	if err != nil {
		return Reply{}, fmt.Errorf("reply to %v: %w", s, err)
	}
	r, err := decodeReply(Response(code), p)
	if err != nil {
		return r, fmt.Errorf("reply to %v: %w", s, err)
	}
	if r.Verdict == Skip {
		if s != StageBody || c.agreed.Steps&CanSkip == 0 {
			return r, fmt.Errorf("reply to %v: skip, which was not negotiated or is not allowed here", s)
		}
		c.skipBody = true
	}
	return r, nil
}

// sends reports whether the filter gets events of the stage.
func (c *Client) sends(s Stage) bool {
	switch s {
	case StageMail:
		c.skipBody = false
	case StageBody:
		if c.skipBody {
			return false
		}
	case StageUnknown:
		if c.agreed.Version < 3 {
			return false
		}
	case StageData:
		if c.agreed.Version < 4 {
			return false
		}
	}
	return c.agreed.Steps&s.NoStep() == 0
}

// Body sends a body in chunks as large as MTAs send them, until the filter has a verdict.
func (c *Client) Body(body []byte) (Reply, error) {
	for len(body) > 0 {
		n := min(len(body), MaxChunk)
		r, err := c.Send(&Body{Chunk: body[:n]})
		if err != nil || r.Verdict != Continue {
			return r, err
		}
		body = body[n:]
	}
	return Reply{}, nil
}

// EndOfMessage tells the filter that the message is complete and returns the changes it asks for and its reply.
// progress counts the keep-alives that came before.
func (c *Client) EndOfMessage() (changes []Change, r Reply, progress int, err error) {
	c.append(&EndOfMessage{}, CmdEOM)
	if err = c.flush(); err != nil {
		return
	}
	for {
		code, p, err := c.read()
		if err != nil {
			return changes, r, progress, fmt.Errorf("reply to eom: %w", err)
		}
		if Response(code) == RespProgress {
			progress++
			continue
		}
		if neededActions[Response(code)] == 0 {
			if r, err = decodeReply(Response(code), p); err != nil {
				err = fmt.Errorf("reply to eom: %w", err)
			}
			return changes, r, progress, err
		}
		ch, err := decodeChange(Response(code), p)
		if err != nil {
			return changes, r, progress, fmt.Errorf("change at eom: %w", err)
		}
		if missing := ch.Needs() &^ c.agreed.Actions; missing != 0 {
			return changes, r, progress, fmt.Errorf("change at eom: %v was not negotiated", missing)
		}
		if n := len(changes); n > 0 && changes[n-1].Response == RespReplBody && ch.Response != RespReplBody {
			return changes, r, progress, fmt.Errorf("change at eom: %v after %v", ch.Response, RespReplBody)
		}
		changes = append(changes, ch)
	}
}

// Abort tells the filter that the message was given up.
func (c *Client) Abort() error { return c.tell(&Abort{}, CmdAbort) }

// QuitNC tells the filter that another SMTP connection follows.
func (c *Client) QuitNC() error { return c.tell(&QuitNC{}, CmdQuitNC) }

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
	c.append(ev, cmd)
	return c.flush()
}

func (c *Client) append(ev Event, cmd Command) {
	var start int
	c.out, start = beginFrame(c.out, byte(cmd))
	c.out = endFrame(ev.appendPayload(c.out), start)
}

func (c *Client) flush() error {
	if c.timeout > 0 {
		if err := c.conn.SetDeadline(time.Now().Add(c.timeout)); err != nil {
			return err
		}
	}
	_, err := c.conn.Write(c.out)
	c.out = c.out[:0]
	return err
}

// read returns the next packet.
func (c *Client) read() (byte, []byte, error) {
	for {
		code, p, ok, err := c.in.frame()
		if ok || err != nil {
			return code, p, err
		}
		if c.timeout > 0 {
			if err := c.conn.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
				return 0, nil, err
			}
		}
		if err := c.in.fill(); err != nil {
			return 0, nil, err
		}
	}
}
