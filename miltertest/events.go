package miltertest

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// ready brings a conversation to where an event of a stage can be sent, and raises an error in the script if that does not work.
func (a arguments) ready(c *conn, before state, stage protocol.Stage) {
	if err := c.bring(before); err != nil {
		a.raise(strings.TrimPrefix(err.Error(), "mt."))
	}
	if !c.wants(stage) {
		a.raise("negotiated SMFIP_" + strings.TrimPrefix(stage.NoStep().String(), "SMFIP_"))
	}
}

// event sends an event, notes the reply, and tells of it.
func (a arguments) event(c *conn, before state, stage protocol.Stage, payload string) int {
	a.ready(c, before, stage)
	return a.done(c.send(stage, payload))
}

func (c *conn) send(stage protocol.Stage, payload string) error {
	code, err := c.say(stage, payload)
	if err != nil {
		return err
	}
	s := stepOf(stage)
	c.response = code
	if s.state != connected {
		c.state = s.state
	}
	if stage == protocol.StageBody {
		c.tell(1, "%d byte(s) of body sent on fd %d, reply '%c'", len(payload), c.fd, code)
	} else {
		c.tell(1, "%s sent on fd %d, reply '%c'", s.name, c.fd, code)
	}
	return nil
}

func (lib *library) connInfo(a arguments) int {
	a.count(3, 3)
	c, host, ip := a.conn(1), clientHost, ""
	if a.l.Get(2) != lua.LNil {
		host = a.text(2)
	}
	if a.l.Get(3) != lua.LNil {
		ip = a.text(3)
	}
	a.ready(c, negotiated, protocol.StageConnect)
	if ip == "" && a.l.Get(3) == lua.LNil {
		found, err := net.LookupHost(host)
		if err != nil {
			a.raise("host '" + host + "' unknown")
		}
		ip = found[0]
	}
	return a.event(c, negotiated, protocol.StageConnect, host+"\x00"+a.address(ip))
}

// address returns the part of connection information that tells where the client is.
func (a arguments) address(ip string) string {
	if strings.EqualFold(ip, "unspec") {
		return "U"
	}
	parsed, err := netip.ParseAddr(ip)
	if err != nil {
		a.raise("invalid IP address '" + ip + "'")
	}
	family := "6"
	if parsed.Is4() {
		family = "4"
	}
	return family + clientPort + ip + "\x00"
}

func (lib *library) unknown(a arguments) int {
	a.count(2, 2)
	return a.event(a.conn(1), greeted, protocol.StageUnknown, a.text(2)+"\x00")
}

func (lib *library) helo(a arguments) int {
	a.count(2, 2)
	return a.event(a.conn(1), greeted, protocol.StageHelo, a.text(2)+"\x00")
}

// mailFrom begins a message, so that what the filter wanted of the last one is forgotten.
func (lib *library) mailFrom(a arguments) int {
	if a.l.GetTop() < 2 {
		a.invalid()
	}
	c := a.conn(1)
	payload := strings.Join(a.texts(2), "\x00") + "\x00"
	a.ready(c, helloed, protocol.StageMail)
	err := c.send(protocol.StageMail, payload)
	if err == nil {
		c.requests = nil
	}
	return a.done(err)
}

func (lib *library) rcptTo(a arguments) int {
	if a.l.GetTop() < 2 {
		a.invalid()
	}
	return a.event(a.conn(1), hasSender, protocol.StageRcpt, strings.Join(a.texts(2), "\x00")+"\x00")
}

func (lib *library) data(a arguments) int {
	a.count(1, 1)
	return a.event(a.conn(1), hasRecipient, protocol.StageData, "")
}

func (lib *library) header(a arguments) int {
	a.count(3, 3)
	c, name, value := a.conn(1), a.text(2), a.text(3)
	a.ready(c, inData, protocol.StageHeader)
	if c.agreed.Steps&protocol.LeadingSpace != 0 {
		value = " " + value
	}
	return a.done(c.send(protocol.StageHeader, name+"\x00"+value+"\x00"))
}

func (lib *library) eoh(a arguments) int {
	a.count(1, 1)
	return a.event(a.conn(1), inHeader, protocol.StageEOH, "")
}

func (lib *library) bodyString(a arguments) int {
	a.count(2, 2)
	return a.event(a.conn(1), afterHeader, protocol.StageBody, a.text(2))
}

// bodyRandom sends lines of random length, a chunk each, until there are as many characters in them as was asked for.
func (lib *library) bodyRandom(a arguments) int {
	a.count(2, 2)
	c, left := a.conn(1), int(a.number(2))
	a.ready(c, afterHeader, protocol.StageBody)
	for left > 0 {
		line := make([]byte, min(left, 1+rand.IntN(1000)))
		for i := range line {
			line[i] = byte(' ' + rand.IntN('~'-' '+1))
		}
		if err := c.send(protocol.StageBody, string(line)+"\r\n"); err != nil {
			return a.done(err)
		}
		if c.response != protocol.RespContinue {
			break
		}
		left -= len(line)
	}
	return a.done(nil)
}

func (lib *library) bodyFile(a arguments) int {
	a.count(2, 2)
	c, name := a.conn(1), a.text(2)
	a.ready(c, afterHeader, protocol.StageBody)
	f, err := os.Open(name)
	if err != nil {
		a.raise(name + ": fopen(): " + reason(err))
	}
	defer f.Close() // it was only read
	c.state, c.response = inBody, protocol.RespContinue
	chunk := make([]byte, protocol.MaxChunk)
	for c.response == protocol.RespContinue {
		n, err := io.ReadFull(f, chunk)
		if n > 0 {
			if err := c.send(protocol.StageBody, string(chunk[:n])); err != nil {
				return a.done(err)
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return a.done(nil)
		case err != nil:
			a.raise(name + ": read(): " + reason(err))
		}
	}
	return a.done(nil)
}

func (lib *library) eom(a arguments) int {
	a.count(1, 1)
	c := a.conn(1)
	a.ready(c, inBody, protocol.StageEOM)
	err := c.endOfMessage()
	if err == nil {
		c.tell(1, "EOM sent on fd %d, reply '%c'", c.fd, c.response)
	}
	return a.done(err)
}

func (lib *library) abort(a arguments) int {
	a.count(1, 1)
	c := a.conn(1)
	err := c.write(protocol.CmdAbort, "")
	if err == nil {
		c.state = helloed
		c.tell(1, "ABORT sent on fd %d", c.fd)
	}
	return a.done(err)
}
