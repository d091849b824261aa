package load

import (
	"errors"
	"fmt"
	"net"
	"time"

	"luamilter/protocol"
)

// Player is the MTA's end of one connection. It sends what a plan holds and checks every reply.
type Player struct {
	conn     net.Conn
	plan     *plan
	actions  protocol.Actions // that were negotiated
	messages []*Message
	in       *protocol.PacketReader
	out      []byte
	queueID  [len(queueID)]byte
	check    check
	begun    bool // connect and helo were sent
	abort    bool // the last message ended before its end, so that the filter has to be told
	trips    int  // replies that were waited for
}

// Largest step that is copied before it is sent; others go out in pieces.
const copyLimit = 16 << 10

const dialTime = 10 * time.Second

// Dial connects to a filter. All that follows has to be done by the deadline.
func Dial(network, address string, deadline time.Time) (net.Conn, error) {
	conn, err := net.DialTimeout(network, address, dialTime)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// NewPlayer negotiates on a new connection.
func NewPlayer(conn net.Conn, bag *Mailbag, number int) (*Player, error) {
	agreed, err := protocol.NewClient(conn, 0).Negotiate(protocol.FullOffer)
	if err != nil {
		return nil, err
	}
	p := &Player{conn: conn, plan: bag.plan(agreed), actions: agreed.Actions, messages: bag.messages, in: protocol.NewPacketReader(conn)}
	copy(p.queueID[:], fmt.Sprintf("4Z%04XA000", number&0xffff))
	return p, nil
}

// Play sends the i-th message and reads every reply. What the filter did wrong is in Wrong; an error means that the connection
// is lost.
func (p *Player) Play(i int) error {
	i %= len(p.messages)
	d := p.plan.next[i]
	if !p.begun {
		d = p.plan.first[i]
		p.begun = true
	}
	p.check.begin(p.messages[i].Want)
	p.nextID()
	if p.abort {
		p.abort = false
		if err := p.say(protocol.CmdAbort); err != nil {
			return err
		}
	}
	for n := 0; n < len(d); n++ {
		stage := d[n].stage
		if err := p.send(&d[n]); err != nil {
			return fmt.Errorf("send up to %v: %w", stage, err)
		}
		code, done, err := p.reply(stage)
		if err != nil {
			return fmt.Errorf("reply to %v: %w", stage, err)
		}
		if done {
			return nil
		}
		for code == protocol.RespSkip && d[n+1].stage == protocol.StageBody {
			n++
		}
	}
	return nil
}

// nextID counts the last three characters of the queue id up.
func (p *Player) nextID() {
	for i := len(p.queueID) - 1; i >= len(p.queueID)-3; i-- {
		if p.queueID[i] < '9' {
			p.queueID[i]++
			return
		}
		p.queueID[i] = '0'
	}
}

// send writes a step with the message's queue id in it.
func (p *Player) send(s *step) error {
	if len(s.data) <= copyLimit {
		p.out = append(p.out[:0], s.data...)
		for _, at := range s.ids {
			copy(p.out[at:], p.queueID[:])
		}
		_, err := p.conn.Write(p.out)
		return err
	}
	var pieces net.Buffers
	from := 0
	for _, at := range s.ids {
		pieces = append(pieces, s.data[from:at], p.queueID[:])
		from = at + len(p.queueID)
	}
	pieces = append(pieces, s.data[from:])
	_, err := pieces.WriteTo(p.conn)
	return err
}

// reply reads what the filter says at a stage. It reports whether that ends the message.
func (p *Player) reply(stage protocol.Stage) (code protocol.Response, done bool, err error) {
	p.trips++
	for {
		letter, payload, err := p.in.Next()
		code := protocol.Response(letter)
		if err != nil {
			return code, false, err
		}
		switch {
		case stage != protocol.StageEOM && code == protocol.RespContinue,
			stage == protocol.StageBody && code == protocol.RespSkip:
			return code, false, p.silent()
		case isVerdict(code):
			p.check.verdict(code, payload)
			p.abort = stage != protocol.StageEOM
			return code, true, p.silent()
		case stage != protocol.StageEOM:
			return code, false, fmt.Errorf("an unexpected %v", code)
		case code == protocol.RespProgress:
		default:
			if err := p.mayChange(code); err != nil {
				return code, false, err
			}
			p.check.change(code, payload)
		}
	}
}

// mayChange holds a change to what was negotiated.
func (p *Player) mayChange(code protocol.Response) error {
	change := protocol.Change{Response: code}
	switch needs := change.Needs(); {
	case needs == 0:
		return fmt.Errorf("an unexpected %v", code)
	case needs&^p.actions != 0:
		return fmt.Errorf("%v, which was not negotiated", code)
	}
	return nil
}

// isVerdict reports whether a response ends a message.
func isVerdict(code protocol.Response) bool {
	switch code {
	case protocol.RespContinue, protocol.RespAccept, protocol.RespReject, protocol.RespTempfail, protocol.RespDiscard, protocol.RespReplyCode:
		return true
	}
	return false
}

// silent makes sure that the filter said no more than it was asked for.
func (p *Player) silent() error {
	if p.in.Partial() {
		return errors.New("the filter said more than it was asked for")
	}
	return nil
}

// Wrong tells what the filter did wrong with the last message, "" if nothing.
func (p *Player) Wrong() string { return p.check.wrong }

// say sends a command that has no payload and no reply.
func (p *Player) say(c protocol.Command) error {
	_, err := p.conn.Write([]byte{0, 0, 0, 1, byte(c)})
	return err
}

// Quit ends the connection as an MTA does.
func (p *Player) Quit() error { return errors.Join(p.say(protocol.CmdQuit), p.conn.Close()) }
