package recorded

import (
	"errors"
	"fmt"
	"time"

	"luamilter/protocol"
	"luamilter/record"
)

// Conversation is what the packets of a recording say.
type Conversation struct {
	Offer  protocol.Offer // of the MTA
	Answer protocol.Offer // of the filter
	Turns  []Turn
}

// Turn is a packet of the MTA, with what the filter said to it.
type Turn struct {
	Packet  int // its number in the recording, from 1
	At      time.Duration
	Command protocol.Command
	Event   protocol.Event // nil if the turn is one of macros
	Macros  []string       // for Command: names and values alternate
	Last    []byte         // the last part of the body, if it comes with the end of the message

	Changes  []protocol.Change
	Reply    protocol.Reply
	Answered bool // there was a reply
}

var errNoNegotiation = errors.New("the recording has no negotiation: it was cut off before the MTA and luamilter agreed on anything")

// Read takes the packets of a recording apart.
func Read(rec *record.Recording) (*Conversation, error) {
	c := &Conversation{}
	packets := rec.Packets
	if len(packets) < 2 {
		return nil, errNoNegotiation
	}
	for i, want := range []struct {
		side record.Side
		into *protocol.Offer
	}{{record.FromMTA, &c.Offer}, {record.FromFilter, &c.Answer}} {
		p := &packets[i]
		if p.Side != want.side || protocol.Command(p.Code) != protocol.CmdOptNeg {
			return nil, errNoNegotiation
		}
		var err error
		if *want.into, err = protocol.DecodeOffer(p.Payload); err != nil {
			return nil, fmt.Errorf("packet %d: %w", i+1, err)
		}
	}
	for i := 2; i < len(packets); i++ {
		if err := c.add(i+1, &packets[i]); err != nil {
			return nil, fmt.Errorf("packet %d, %v after the beginning: %w", i+1, packets[i].At, err)
		}
	}
	return c, nil
}

// add takes one packet.
func (c *Conversation) add(number int, p *record.Packet) error {
	if p.Side == record.FromFilter {
		if len(c.Turns) == 0 {
			return fmt.Errorf("%v, to which nothing was asked", protocol.Response(p.Code))
		}
		return c.Turns[len(c.Turns)-1].answer(p)
	}
	t := Turn{Packet: number, At: p.At, Command: protocol.Command(p.Code)}
	var err error
	switch t.Command {
	case protocol.CmdMacro:
		t.Command, t.Macros, err = protocol.DecodeMacros(p.Payload)
	case protocol.CmdEOM:
		t.Last = p.Payload
		fallthrough
	default:
		t.Event, err = protocol.DecodeEvent(t.Command, p.Payload)
	}
	c.Turns = append(c.Turns, t)
	return err
}

// answer takes a packet of the filter.
func (t *Turn) answer(p *record.Packet) error {
	code := protocol.Response(p.Code)
	if code == protocol.RespProgress {
		return nil
	}
	if t.Answered || t.Event == nil {
		return fmt.Errorf("%v, to which nothing was asked", code)
	}
	change, is, err := protocol.DecodeChange(code, p.Payload)
	switch {
	case err != nil:
		return err
	case is:
		t.Changes = append(t.Changes, change)
		return nil
	}
	t.Reply, err = protocol.DecodeReply(code, p.Payload)
	t.Answered = true
	return err
}

// about is what a turn is about, for people: the address, the name.
func (t *Turn) about() string {
	switch ev := t.Event.(type) {
	case *protocol.Connect:
		return string(ev.Host)
	case *protocol.Helo:
		return string(ev.Name)
	case *protocol.Mail:
		return string(ev.Sender)
	case *protocol.Rcpt:
		return string(ev.Recipient)
	case *protocol.Header:
		return string(ev.Name)
	case *protocol.Unknown:
		return string(ev.Line)
	}
	return ""
}
