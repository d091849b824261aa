package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
)

// Event is something the MTA tells the filter. The byte slices of an event that ServerConn.Next returned, and the event
// itself, are valid until the next call of Next.
type Event interface {
	// Stage returns the stage the event belongs to.
	Stage() Stage
	// appendPayload appends the event as it goes over the wire, without length and command.
	appendPayload(dst []byte) []byte
	// decode reads the payload of a packet; the event keeps slices of it.
	decode(p []byte) error
}

// Family is the address family of a client (mfdef.h: SMFIA_*).
type Family byte

// The families.
const (
	FamilyUnknown Family = 'U' // SMFIA_UNKNOWN: no address at all
	FamilyUnix    Family = 'L' // SMFIA_UNIX
	FamilyInet    Family = '4' // SMFIA_INET
	FamilyInet6   Family = '6' // SMFIA_INET6
)

// String returns unknown, unix, inet or inet6.
func (f Family) String() string {
	switch f {
	case FamilyUnix:
		return "unix"
	case FamilyInet:
		return "inet"
	case FamilyInet6:
		return "inet6"
	}
	return "unknown"
}

// Connect tells which SMTP client connected.
type Connect struct {
	Host    []byte // name of the client, "[192.0.2.1]" where it has none
	Family  Family
	Port    uint16 // 0 where unknown
	Address []byte // IP address without "IPv6:", or path of a unix socket; empty where unknown
}

// Helo is the argument of HELO or EHLO.
type Helo struct{ Name []byte }

// Mail is MAIL FROM.
type Mail struct {
	Sender []byte // as the MTA sent it, usually in angle brackets
	Params Params
}

// Rcpt is RCPT TO.
type Rcpt struct {
	Recipient []byte // as the MTA sent it, usually in angle brackets
	Params    Params
}

// Data is the DATA command.
type Data struct{}

// Header is one header field.
type Header struct {
	Name  []byte
	Value []byte // folded lines are separated by LF; without LeadingSpace the one blank after the colon is missing
}

// EndOfHeader tells that all header fields were sent.
type EndOfHeader struct{}

// Body is a part of the body, cut anywhere; line ends are CRLF.
type Body struct{ Chunk []byte }

// EndOfMessage tells that the message is complete. A last body chunk, which the protocol allows in the same packet, comes as
// a Body event of its own.
type EndOfMessage struct{}

// Unknown is an SMTP command that the MTA does not know.
type Unknown struct{ Line []byte }

// Abort tells that the message was given up.
type Abort struct{}

// Quit tells that the connection ends.
type Quit struct{}

// QuitNC tells that the SMTP connection ends and another one follows on the same socket.
type QuitNC struct{}

// OutOfOrder tells that a command came where it makes no sense and was answered with tempfail.
type OutOfOrder struct{ Command Command }

// Params are ESMTP parameters as they go over the wire: each ended by NUL.
type Params []byte

// All yields the parameters in order, as sent ("SIZE=123").
func (p Params) All() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for rest := []byte(p); len(rest) > 0; {
			var one []byte
			one, rest, _ = cutNUL(rest)
			if len(one) > 0 && !yield(one) {
				return
			}
		}
	}
}

// MakeParams returns the parameters in wire form.
func MakeParams(params ...string) Params {
	var p Params
	for _, s := range params {
		p = append(append(p, s...), 0)
	}
	return p
}

func (*Connect) Stage() Stage      { return StageConnect }
func (*Helo) Stage() Stage         { return StageHelo }
func (*Mail) Stage() Stage         { return StageMail }
func (*Rcpt) Stage() Stage         { return StageRcpt }
func (*Data) Stage() Stage         { return StageData }
func (*Header) Stage() Stage       { return StageHeader }
func (*EndOfHeader) Stage() Stage  { return StageEOH }
func (*Body) Stage() Stage         { return StageBody }
func (*EndOfMessage) Stage() Stage { return StageEOM }
func (*Unknown) Stage() Stage      { return StageUnknown }
func (*Abort) Stage() Stage        { return StageAbort }
func (*Quit) Stage() Stage         { return StageClose }
func (*QuitNC) Stage() Stage       { return StageClose }
func (*OutOfOrder) Stage() Stage   { return StageUnknown }

func (e *Connect) appendPayload(dst []byte) []byte {
	dst = append(dst, e.Host...)
	switch e.Family {
	case FamilyInet, FamilyInet6, FamilyUnix:
		dst = append(dst, 0, byte(e.Family))
	default:
		return append(dst, 0, byte(FamilyUnknown))
	}
	dst = binary.BigEndian.AppendUint16(dst, e.Port)
	return append(append(dst, e.Address...), 0)
}

func (e *Connect) decode(p []byte) error {
	host, rest, found := cutNUL(p)
	if !found || len(rest) == 0 {
		return fmt.Errorf("CONNECT without a host name and an address family")
	}
	*e = Connect{Host: host, Family: Family(rest[0])}
	switch e.Family {
	case FamilyUnknown:
		return nil
	case FamilyInet, FamilyInet6, FamilyUnix:
	default:
		return fmt.Errorf("CONNECT with the unknown address family %q", rest[0])
	}
	if len(rest) < 4 || rest[len(rest)-1] != 0 {
		return fmt.Errorf("CONNECT without a port and an address")
	}
	e.Port = binary.BigEndian.Uint16(rest[1:])
	e.Address, _, _ = cutNUL(rest[3:])
	if e.Family == FamilyInet6 {
		e.Address = bareIPv6(e.Address)
	}
	return nil
}

var ipv6Prefix = []byte("IPv6:")

// bareIPv6 removes the prefix that Sendmail puts before an address, and brackets around or behind it.
func bareIPv6(addr []byte) []byte {
	for {
		n := len(addr)
		switch {
		case n >= 2 && addr[0] == '[' && addr[n-1] == ']':
			addr = addr[1 : n-1]
		case n >= len(ipv6Prefix) && bytes.EqualFold(addr[:len(ipv6Prefix)], ipv6Prefix):
			addr = addr[len(ipv6Prefix):]
		default:
			return addr
		}
	}
}

func (e *Helo) appendPayload(dst []byte) []byte { return append(append(dst, e.Name...), 0) }

func (e *Helo) decode(p []byte) error {
	e.Name, _, _ = cutNUL(p)
	return nil
}

func (e *Mail) appendPayload(dst []byte) []byte {
	return append(append(append(dst, e.Sender...), 0), e.Params...)
}

func (e *Mail) decode(p []byte) (err error) {
	e.Sender, e.Params, err = decodeAddress(p)
	return err
}

func (e *Rcpt) appendPayload(dst []byte) []byte {
	return append(append(append(dst, e.Recipient...), 0), e.Params...)
}

func (e *Rcpt) decode(p []byte) (err error) {
	e.Recipient, e.Params, err = decodeAddress(p)
	return err
}

func decodeAddress(p []byte) (addr []byte, params Params, err error) {
	addr, rest, found := cutNUL(p)
	if !found {
		return nil, nil, fmt.Errorf("address does not end in NUL")
	}
	return addr, Params(rest), nil
}

func (e *Header) appendPayload(dst []byte) []byte {
	dst = append(append(dst, e.Name...), 0)
	return append(append(dst, e.Value...), 0)
}

func (e *Header) decode(p []byte) error {
	name, value, found := cutNUL(p)
	if !found || len(value) == 0 || value[len(value)-1] != 0 {
		return fmt.Errorf("HEADER is not a name and a value, each ended by NUL")
	}
	e.Name, e.Value = name, value[:len(value)-1]
	return nil
}

func (e *Body) appendPayload(dst []byte) []byte { return append(dst, e.Chunk...) }

func (e *Body) decode(p []byte) error {
	e.Chunk = p
	return nil
}

func (e *Unknown) appendPayload(dst []byte) []byte { return append(append(dst, e.Line...), 0) }

func (e *Unknown) decode(p []byte) error {
	e.Line, _, _ = cutNUL(p)
	return nil
}

func (*Data) appendPayload(dst []byte) []byte         { return dst }
func (*Data) decode([]byte) error                     { return nil }
func (*EndOfHeader) appendPayload(dst []byte) []byte  { return dst }
func (*EndOfHeader) decode([]byte) error              { return nil }
func (*EndOfMessage) appendPayload(dst []byte) []byte { return dst }
func (*EndOfMessage) decode([]byte) error             { return nil }
func (*Abort) appendPayload(dst []byte) []byte        { return dst }
func (*Abort) decode([]byte) error                    { return nil }
func (*Quit) appendPayload(dst []byte) []byte         { return dst }
func (*Quit) decode([]byte) error                     { return nil }
func (*QuitNC) appendPayload(dst []byte) []byte       { return dst }
func (*QuitNC) decode([]byte) error                   { return nil }
func (*OutOfOrder) appendPayload(dst []byte) []byte   { return dst }
func (*OutOfOrder) decode([]byte) error               { return nil }
