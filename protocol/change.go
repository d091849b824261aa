package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// Change is one packet that changes the message (mfapi.h: smfi_addheader and its kin). Which fields count depends on the
// packet; the functions below make them.
type Change struct {
	Response Response
	Index    uint32 // RespInsHeader: position; RespChgHeader: which field of that name, from 1
	Name     string // header field name
	Value    string // header field value, address in angle brackets, or reason
	Params   string // ESMTP parameters, separated by blanks
	Body     []byte // RespReplBody: at most MaxChunk bytes

	// From is a whole body, for RespReplBody instead of Body: it is read as it is sent, in as many packets as it takes.
	From *io.SectionReader
}

// size returns about how many bytes the packet has.
func (c *Change) size() int {
	size := frameHead + 8 + len(c.Name) + len(c.Value) + len(c.Params) + len(c.Body)
	if c.From != nil {
		size += int(c.From.Size())
	}
	return size
}

// ChangeSender replaces the envelope sender (smfi_chgfrom).
func ChangeSender(address, params string) Change {
	return Change{Response: RespChgFrom, Value: "<" + address + ">", Params: params}
}

// AddRecipient adds an envelope recipient (smfi_addrcpt, with parameters smfi_addrcpt_par).
func AddRecipient(address, params string) Change {
	if params != "" {
		return Change{Response: RespAddRcptPar, Value: "<" + address + ">", Params: params}
	}
	return Change{Response: RespAddRcpt, Value: "<" + address + ">"}
}

// DeleteRecipient removes an envelope recipient, given exactly as the MTA sent it (smfi_delrcpt).
func DeleteRecipient(asSent string) Change { return Change{Response: RespDelRcpt, Value: asSent} }

// Quarantine has the MTA hold the message (smfi_quarantine).
func Quarantine(reason string) Change { return Change{Response: RespQuarantine, Value: reason} }

// ReplaceBody replaces the whole body by what a reader has (smfi_replacebody). It becomes packets when it is sent; an empty body takes one.
func ReplaceBody(body *io.SectionReader) Change { return Change{Response: RespReplBody, From: body} }

// neededActions has the action that each change needs.
var neededActions = map[Response]Actions{
	RespAddHeader: ActAddHeader, RespInsHeader: ActAddHeader, RespChgHeader: ActChgHeader, RespReplBody: ActChgBody,
	RespAddRcpt: ActAddRcpt, RespAddRcptPar: ActAddRcptPar, RespDelRcpt: ActDelRcpt, RespChgFrom: ActChgFrom,
	RespQuarantine: ActQuarantine,
}

// Needs returns the action without which the MTA does not take the change.
func (c *Change) Needs() Actions { return neededActions[c.Response] }

// appendPacket appends the change as a packet.
func (c *Change) appendPacket(dst []byte) []byte {
	dst, start := beginFrame(dst, byte(c.Response))
	switch c.Response {
	case RespInsHeader, RespChgHeader:
		dst = binary.BigEndian.AppendUint32(dst, c.Index)
		fallthrough
	case RespAddHeader:
		dst = append(append(dst, c.Name...), 0)
		dst = append(append(dst, c.Value...), 0)
	case RespReplBody:
		dst = append(dst, c.Body...)
	default:
		dst = append(append(dst, c.Value...), 0)
		if c.Params != "" { // one string; an empty one confuses Sendmail
			dst = append(append(dst, c.Params...), 0)
		}
	}
	return endFrame(dst, start)
}

// check refuses what would be mistaken on the wire.
func (c *Change) check() error {
	switch c.Response {
	case RespAddHeader, RespInsHeader, RespChgHeader:
		name := CheckHeaderName
		if c.Response == RespChgHeader {
			name = checkNameBytes // the message chose the name, however long
		}
		if err := name(c.Name); err != nil {
			return err
		}
		return CheckHeaderValue(c.Value)
	case RespReplBody:
		if len(c.Body) > MaxChunk {
			return fmt.Errorf("%v of %d bytes, at most %d work", c.Response, len(c.Body), MaxChunk)
		}
		return nil
	}
	if c.Needs() == 0 {
		return fmt.Errorf("%v is no change", c.Response)
	}
	switch {
	case c.Value == "":
		return fmt.Errorf("%v with an empty value", c.Response)
	case strings.ContainsAny(c.Value, "\x00\r\n") || strings.ContainsAny(c.Params, "\x00\r\n"):
		return fmt.Errorf("%v with a line break or NUL", c.Response)
	case c.Params != "" && !c.takesParams():
		return fmt.Errorf("%v takes no parameters", c.Response)
	}
	return nil
}

// takesParams reports whether the packet may have ESMTP parameters.
func (c *Change) takesParams() bool { return c.Response == RespChgFrom || c.Response == RespAddRcptPar }

// decodeChange reads a change packet, as an MTA does.
func decodeChange(code Response, p []byte) (Change, error) {
	c := Change{Response: code}
	switch code {
	case RespInsHeader, RespChgHeader:
		if len(p) < 4 {
			return c, fmt.Errorf("%v without an index", code)
		}
		c.Index = binary.BigEndian.Uint32(p)
		p = p[4:]
		fallthrough
	case RespAddHeader:
		name, value, found := cutNUL(p)
		if !found || len(value) == 0 || bytes.IndexByte(value, 0) != len(value)-1 {
			return c, fmt.Errorf("%v is not a name and a value, each ended by NUL", code)
		}
		c.Name, c.Value = string(name), string(value[:len(value)-1])
	case RespReplBody:
		c.Body = bytes.Clone(p)
	default:
		first, rest, found := cutNUL(p)
		if !found {
			return c, fmt.Errorf("%v does not end in NUL", code)
		}
		c.Value = string(first)
		if len(rest) > 0 {
			if !c.takesParams() || bytes.IndexByte(rest, 0) != len(rest)-1 {
				return c, fmt.Errorf("%v has data after its end", code)
			}
			c.Params = string(rest[:len(rest)-1])
		}
	}
	return c, c.check()
}

// MaxHeaderName is the longest name of a new header field in bytes: sendmail takes a longer one for the end of the header.
const MaxHeaderName = 100

// CheckHeaderName holds the name of a new field to RFC 5322 section 2.2: printable ASCII without a colon.
func CheckHeaderName(name string) error {
	if len(name) > MaxHeaderName {
		return fmt.Errorf("header name of %d bytes, at most %d work", len(name), MaxHeaderName)
	}
	return checkNameBytes(name)
}

func checkNameBytes(name string) error {
	if name == "" {
		return fmt.Errorf("header name is empty")
	}
	for i := 0; i < len(name); i++ {
		if b := name[i]; b <= ' ' || b >= 0x7f || b == ':' {
			return fmt.Errorf("header name %q contains %q; printable ASCII without blank and colon is allowed", name, b)
		}
	}
	return nil
}

// CheckHeaderValue refuses what would break out of the field: NUL, CR, and LF that no blank follows.
func CheckHeaderValue(value string) error {
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case 0:
			return fmt.Errorf("header value contains a NUL")
		case '\r':
			return fmt.Errorf("header value contains a bare carriage return")
		case '\n':
			if i+1 == len(value) || value[i+1] != ' ' && value[i+1] != '\t' {
				return fmt.Errorf("header value has a line break that no blank follows; a continuation line begins with a blank or tab")
			}
		}
	}
	return nil
}
