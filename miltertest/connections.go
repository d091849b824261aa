package miltertest

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// retryFactor is the environment variable that has pauses between attempts to connect last longer on slow machines.
const retryFactor = "MILTERTEST_RETRY_SPEED_FACTOR"

func (lib *library) connect(a arguments) int {
	a.count(1, 3)
	spec, attempts, pause := a.text(1), 1, 0.0
	if a.l.GetTop() > 1 {
		a.count(3, 3)
		attempts, pause = int(a.number(2)), a.number(3)
		if factor, err := strconv.Atoi(os.Getenv(retryFactor)); err == nil {
			pause *= float64(factor)
		}
	}
	network, address := a.socket(spec)
	for attempts = max(attempts, 1); ; {
		nc, err := net.DialTimeout(network, address, max(lib.timeout, defaultTimeout))
		if err == nil {
			c := lib.newConn(nc)
			lib.tell(1, "connected to '%s', fd %d", spec, c.fd)
			return a.answer(&lua.LUserData{Value: c})
		}
		attempts--
		tries := "tries"
		if attempts == 1 {
			tries = "try"
		}
		lib.tell(1, "connect(): %s; %d %s left", reason(err), attempts, tries)
		if attempts <= 0 {
			a.raise(fmt.Sprintf("%s: connect(): %s", spec, reason(err)))
		}
		time.Sleep(seconds(pause))
	}
}

// socket reads the name of a socket as miltertest does: inet:port@host, unix:path, local:path or a path; and inet6.
func (a arguments) socket(spec string) (network, address string) {
	kind, rest, found := strings.Cut(spec, ":")
	if !found {
		return "unix", spec
	}
	switch strings.ToLower(kind) {
	case "unix", "local":
		return "unix", rest
	case "inet", "inet6":
		port, host, named := strings.Cut(rest, "@")
		if !named {
			host = "localhost"
		}
		if _, err := net.LookupPort("tcp", port); err != nil {
			a.invalid()
		}
		network := "tcp4"
		if kind == "inet6" {
			network = "tcp6"
		}
		return network, net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	a.invalid()
	return "", ""
}

// disconnect ends a connection, with QUIT unless the script says otherwise.
func (lib *library) disconnect(a arguments) int {
	a.count(1, 2)
	c, polite := a.conn(1), true
	if a.l.GetTop() == 2 {
		v, ok := a.l.Get(2).(lua.LBool)
		if !ok {
			a.invalid()
		}
		polite = bool(v)
	}
	if polite {
		_ = c.write(protocol.CmdQuit, "") // a filter may have closed the connection before
	}
	c.close()
	lib.tell(1, "disconnected fd %d", c.fd)
	return a.answer(lua.LNil)
}

// negotiate takes the steps before the actions, as miltertest does against its manual page.
func (lib *library) negotiate(a arguments) int {
	a.count(4, 4)
	c, offer := a.conn(1), protocol.FullOffer
	offer.Version = a.numberOr(2, offer.Version)
	offer.Steps = protocol.Steps(a.numberOr(3, uint32(offer.Steps)))
	offer.Actions = protocol.Actions(a.numberOr(4, uint32(offer.Actions)))
	code, err := c.negotiate(offer)
	switch {
	case err == nil:
		c.response = code
		lib.tell(1, "option negotiation sent on fd %d, reply '%c'", c.fd, code)
	case code != 0 && protocol.Command(code) != protocol.CmdOptNeg:
		err = nil // the script finds out at the next event
	}
	return a.done(err)
}

// negotiated has options agreed on if they are not, and raises an error if that does not work.
func (a arguments) negotiated(c *conn) {
	if err := c.bring(negotiated); err != nil {
		a.raise(err.Error())
	}
}

func (lib *library) testAction(a arguments) int {
	a.count(2, 2)
	c, action := a.conn(1), protocol.Actions(a.number(2))
	a.negotiated(c)
	return a.answer(lua.LBool(c.agreed.Actions&action != 0))
}

func (lib *library) testOption(a arguments) int {
	a.count(2, 2)
	c, option := a.conn(1), protocol.Steps(a.number(2))
	a.negotiated(c)
	return a.answer(lua.LBool(c.agreed.Steps&option != 0))
}

func (lib *library) macro(a arguments) int {
	if a.l.GetTop() < 4 {
		a.invalid()
	}
	c, stage := a.conn(1), byte(a.number(2))
	pairs := a.texts(3)
	pairs = pairs[:len(pairs)&^1] // a name without a value is left out
	a.negotiated(c)
	payload := string([]byte{stage})
	for _, text := range pairs {
		payload += text + "\x00"
	}
	err := c.write(protocol.CmdMacro, payload)
	if err == nil {
		lib.tell(1, "%d '%c' macro(s) sent on fd %d", len(pairs)/2, stage, c.fd)
	}
	return a.done(err)
}

func (lib *library) getReply(a arguments) int {
	a.count(1, 1)
	return a.answer(lua.LNumber(a.conn(1).response))
}
