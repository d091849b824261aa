package dns

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	wire "github.com/miekg/dns"
)

// udpSize is the longest answer over UDP in bytes: one that no network cuts into pieces (dnsflagday.net/2020).
const udpSize = 1232

// maxStrangers is how many packets that are not the answer are read before a server is given up for this question.
const maxStrangers = 64

var errStrangers = errors.New("too many packets that answer something else")

// ask sends a question to a server and returns its answer, whatever that says. It takes until the deadline of ctx at most.
func (s *server) ask(ctx context.Context, q Question, randomCase bool) (*wire.Msg, error) {
	ask := newMessage(q, randomCase)
	answer, err := exchange(ctx, "udp", s.address, ask)
	if err == nil && (answer.Rcode == wire.RcodeFormatError || answer.Rcode == wire.RcodeBadVers) {
		ask.Extra = nil // RFC 6891 section 7: it may not know EDNS
		answer, err = exchange(ctx, "udp", s.address, ask)
	}
	if err == nil && answer.Truncated {
		answer, err = exchange(ctx, "tcp", s.address, ask)
	}
	return answer, err
}

// newMessage makes a question with a random number.
func newMessage(q Question, randomCase bool) *wire.Msg {
	name := q.Name + "."
	if randomCase {
		name = withRandomCase(name)
	}
	m := new(wire.Msg)
	m.Id = wire.Id() // of crypto/rand
	m.RecursionDesired = true
	m.Question = []wire.Question{{Name: name, Qtype: uint16(q.Type), Qclass: wire.ClassINET}}
	m.SetEdns0(udpSize, false)
	return m
}

// withRandomCase makes each letter of a name small or large, which whoever forges an answer has to guess.
func withRandomCase(name string) string {
	out := []byte(name)
	for i, c := range out {
		if (c|0x20) >= 'a' && (c|0x20) <= 'z' && rand.Uint32()&1 == 1 {
			out[i] = c ^ 0x20
		}
	}
	return string(out)
}

// exchange sends a message and waits for its answer.
func exchange(ctx context.Context, network, address string, ask *wire.Msg) (*wire.Msg, error) {
	packet, err := ask.Pack()
	if err != nil {
		return nil, fmt.Errorf("write the question: %w", err)
	}
	nc, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, brief(err)
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })()
	c := &wire.Conn{Conn: nc, UDPSize: udpSize}
	if _, err := c.Write(packet); err != nil {
		return nil, brief(err)
	}
	buffer := make([]byte, 4096) // some servers send more than they were told
	if network == "tcp" {
		buffer = make([]byte, wire.MaxMsgSize)
	}
	for range maxStrangers {
		n, err := c.Read(buffer)
		if err != nil {
			return nil, brief(err)
		}
		if m, ok := read(buffer[:n], ask); ok {
			return m, nil
		}
		if network == "tcp" {
			return nil, errors.New("the answer over TCP is to another question, or cannot be read")
		}
	}
	return nil, errStrangers
}

// read reads a packet; ok is false if it is not the answer to that question.
func read(packet []byte, ask *wire.Msg) (m *wire.Msg, ok bool) {
	m = new(wire.Msg)
	err := m.Unpack(packet)
	switch {
	case m.Id != ask.Id || !m.Response || m.Opcode != wire.OpcodeQuery:
		return nil, false
	case m.Truncated && len(m.Question) == 1 && m.Question[0] == ask.Question[0]:
		return m, true // what there is of the rest does not matter
	case err != nil:
		return nil, false
	case len(m.Question) == 0 && (m.Rcode == wire.RcodeFormatError || m.Rcode == wire.RcodeBadVers):
		return m, true // it could not read the question
	}
	return m, len(m.Question) == 1 && m.Question[0] == ask.Question[0]
}

// brief leaves the addresses out of an error of the network, since the server's is named already.
func brief(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("no answer in time")
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return errors.New(strings.TrimPrefix(op.Err.Error(), op.Op+": "))
	}
	return err
}
