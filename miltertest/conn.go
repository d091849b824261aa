package miltertest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"luamilter/protocol"
)

// conn is a connection to a filter.
type conn struct {
	*library
	net      net.Conn
	in       *protocol.PacketReader
	fd       int // what -v calls it
	state    state
	agreed   protocol.Offer
	response protocol.Response // the last one
	requests []request         // what the filter wanted at the end of the message, the last first
	closed   bool
}

// request is a packet that came at the end of a message.
type request struct {
	code    protocol.Response
	payload []byte
}

// What a function of mt returns where the connection does not work.
var (
	errWrite = errors.New("mt.milter_write() failed")
	errRead  = errors.New("mt.milter_read() failed")
)

func (lib *library) newConn(nc net.Conn) *conn {
	c := &conn{library: lib, net: nc, in: protocol.NewPacketReader(nc), fd: len(lib.conns)}
	if sys, ok := nc.(syscall.Conn); ok {
		if raw, err := sys.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { c.fd = int(fd) }) // if not, the number of the connection will do
		}
	}
	lib.conns = append(lib.conns, c)
	return c
}

// close ends the connection; a second time it does nothing.
func (c *conn) close() {
	if c.closed {
		return
	}
	c.closed = true
	c.in.Close()
	_ = c.net.Close() // nothing is lost with it
}

// wants reports whether the filter is to be told of events of a stage.
func (c *conn) wants(s protocol.Stage) bool { return c.agreed.Steps&s.NoStep() == 0 }

// owed reports whether the filter answers events of a stage.
func (c *conn) owed(s protocol.Stage) bool {
	return s.NRStep() == 0 || c.agreed.Steps&s.NRStep() == 0
}

// write sends a packet.
func (c *conn) write(command protocol.Command, payload string) error {
	c.tell(2, "mt_milter_write(%d): cmd %c, len %d", c.fd, command, len(payload))
	if _, err := c.net.Write(protocol.AppendPacket(nil, byte(command), payload)); err != nil {
		c.complain("write(%d): %v", c.fd, err)
		return errWrite
	}
	return nil
}

// read returns the next packet of the filter.
func (c *conn) read() (protocol.Response, []byte, error) {
	err := c.net.SetReadDeadline(time.Now().Add(max(c.timeout, time.Millisecond)))
	var code byte
	var payload []byte
	if err == nil {
		code, payload, err = c.in.Next()
	}
	switch {
	case err == nil:
		c.tell(2, "mt_milter_read(%d): cmd %c, len %d", c.fd, code, len(payload))
		return protocol.Response(code), payload, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.complain("read(%d): the filter sent nothing for %v", c.fd, c.timeout)
	case errors.Is(err, io.EOF):
		c.complain("read(%d): the filter closed the connection where a reply is due", c.fd)
	default:
		c.complain("read(%d): %v", c.fd, err)
	}
	return 0, nil, errRead
}

// negotiate makes an offer. It returns the letter of the answer; only OPTNEG agrees on something.
func (c *conn) negotiate(offer protocol.Offer) (protocol.Response, error) {
	packet := protocol.AppendOffer(nil, offer)
	if err := c.write(protocol.CmdOptNeg, string(packet[5:])); err != nil {
		return 0, err
	}
	code, payload, err := c.read()
	if err != nil {
		return 0, err
	}
	if protocol.Command(code) != protocol.CmdOptNeg {
		c.tell(1, "filter returned status %d to option negotiation on fd %d", code, c.fd)
		return code, fmt.Errorf("the filter answered %v to the negotiation", code)
	}
	if c.agreed, err = protocol.DecodeOffer(payload); err != nil {
		c.complain("read(%d): %v", c.fd, err)
		return code, errRead
	}
	c.state = negotiated
	return code, nil
}

// say sends an event and returns the reply; Continue where the filter does not give one.
func (c *conn) say(stage protocol.Stage, payload string) (protocol.Response, error) {
	if err := c.write(stage.Command(), payload); err != nil {
		return 0, err
	}
	if !c.owed(stage) {
		return protocol.RespContinue, nil
	}
	code, _, err := c.read()
	return code, err
}

// endOfMessage sends the end of the message and notes what the filter wants, up to its verdict.
func (c *conn) endOfMessage() error {
	if err := c.write(protocol.CmdEOM, ""); err != nil {
		return err
	}
	for {
		code, payload, err := c.read()
		if err != nil {
			return err
		}
		ends := true
		switch code {
		case protocol.RespContinue, protocol.RespAccept, protocol.RespReject, protocol.RespTempfail, protocol.RespDiscard:
		default:
			c.requests = append([]request{{code, append([]byte(nil), payload...)}}, c.requests...)
			ends = code == protocol.RespReplyCode
		}
		if ends {
			c.response, c.state = code, finished
			return nil
		}
	}
}
