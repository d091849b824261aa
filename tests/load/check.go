package main

import (
	"bytes"
	"fmt"
	"strings"

	"luamilter/protocol"
)

// check holds what a filter says about one message to what it has to say.
type check struct {
	want  *expectation
	seen  uint   // which of the expected fields came, a bit each
	wrong string // the first thing that is not as expected, "" if all is
}

// begin forgets the message before.
func (k *check) begin(want *expectation) { *k = check{want: want} }

func (k *check) fault(format string, args ...any) {
	if k.wrong == "" {
		k.wrong = fmt.Sprintf(format, args...)
	}
}

// change takes a change that the filter asked for at the end of the message.
func (k *check) change(code protocol.Response, payload []byte) {
	switch code {
	case protocol.RespAddHeader:
	case protocol.RespInsHeader:
		payload = payload[min(4, len(payload)):]
	default:
		k.fault("an unexpected %v", code)
		return
	}
	name, value, ok := bytes.Cut(payload, []byte{0})
	if !ok || len(value) == 0 || value[len(value)-1] != 0 {
		k.fault("%v without a name and a value", code)
		return
	}
	value = bytes.TrimLeft(value[:len(value)-1], " ")
	for i, f := range k.want.added {
		switch {
		case string(name) != f.name:
			continue
		case string(value) != f.value:
			k.fault("added %s: %s, expected %s", name, value, f.value)
		case k.seen&(1<<i) != 0:
			k.fault("added %s twice", name)
		}
		k.seen |= 1 << i
		return
	}
	k.fault("added %s, which was not expected", name)
}

// verdict takes the reply that ends the message.
func (k *check) verdict(code protocol.Response, payload []byte) {
	text := strings.TrimRight(string(payload), "\x00")
	if k.want.refuse != "" {
		if code != protocol.RespReplyCode || !strings.HasPrefix(text, k.want.refuse) {
			k.fault("the reply is %v %s, expected %s", code, text, k.want.refuse)
		}
		return
	}
	if code != protocol.RespContinue && code != protocol.RespAccept {
		k.fault("the reply is %v %s, expected that the message is taken", code, text)
		return
	}
	for i, f := range k.want.added {
		if k.seen&(1<<i) == 0 {
			k.fault("did not add %s", f.name)
		}
	}
}

// packets cuts what a filter sends into packets.
type packets struct {
	buf  []byte
	r, w int // unread bytes are buf[r:w]
}

// largestReply is the largest packet that is accepted from a filter.
const largestReply = 1 << 20

// next returns the next packet if it is there. The payload is valid until the next bytes are read.
func (p *packets) next() (code protocol.Response, payload []byte, ok bool, err error) {
	have := p.buf[p.r:p.w]
	if len(have) < 5 {
		return 0, nil, false, nil
	}
	n := int(have[0])<<24 | int(have[1])<<16 | int(have[2])<<8 | int(have[3])
	if n == 0 || n > largestReply {
		return 0, nil, false, fmt.Errorf("a packet of length %d", n)
	}
	if len(have) < 4+n {
		return 0, nil, false, nil
	}
	p.r += 4 + n
	return protocol.Response(have[4]), have[5 : 4+n], true, nil
}

// room returns where to read more into.
func (p *packets) room() []byte {
	switch {
	case p.r == p.w:
		p.r, p.w = 0, 0
	case p.w == len(p.buf):
		if p.r == 0 {
			p.buf = append(p.buf, make([]byte, len(p.buf))...)
		}
		p.w = copy(p.buf, p.buf[p.r:p.w])
		p.r = 0
	}
	return p.buf[p.w:]
}
