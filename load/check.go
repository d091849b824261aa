package load

import (
	"bytes"
	"fmt"
	"strings"

	"luamilter/protocol"
)

// check holds what a filter says about one message to what it has to say.
type check struct {
	want  *Expectation // nil: anything
	seen  uint         // which of the expected fields came, a bit each
	wrong string       // the first thing that is not as expected, "" if all is

	refused bool // the verdict is neither continue nor accept
}

// begin forgets the message before.
func (k *check) begin(want *Expectation) { *k = check{want: want} }

func (k *check) fault(format string, args ...any) {
	if k.wrong == "" {
		k.wrong = fmt.Sprintf(format, args...)
	}
}

// change takes a change that the filter asked for at the end of the message.
func (k *check) change(code protocol.Response, payload []byte) {
	if k.want == nil {
		return
	}
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
	for i, f := range k.want.Added {
		switch {
		case string(name) != f.Name:
			continue
		case string(value) != f.Value:
			k.fault("added %s: %s, expected %s", name, value, f.Value)
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
	k.refused = code != protocol.RespContinue && code != protocol.RespAccept
	if k.want == nil {
		return
	}
	text := strings.TrimRight(string(payload), "\x00")
	if k.want.Refuse != "" {
		if code != protocol.RespReplyCode || !strings.HasPrefix(text, k.want.Refuse) {
			k.fault("the reply is %v %s, expected %s", code, text, k.want.Refuse)
		}
		return
	}
	if k.refused {
		k.fault("the reply is %v %s, expected that the message is taken", code, text)
		return
	}
	for i, f := range k.want.Added {
		if k.seen&(1<<i) == 0 {
			k.fault("did not add %s", f.Name)
		}
	}
}
