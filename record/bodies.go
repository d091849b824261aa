package record

import (
	"fmt"

	"luamilter/protocol"
)

// Bodies says what a recording has of the bodies of messages, those from the MTA and those that scripts put in their place.
type Bodies string

// The ways.
const (
	KeepBodies Bodies = "keep" // as they are
	MaskBodies Bodies = "mask" // every byte is an x, but line ends
	NoBodies   Bodies = "none" // packets without content
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bodies) UnmarshalText(text []byte) error {
	switch way := Bodies(text); way {
	case KeepBodies, MaskBodies, NoBodies:
		*b = way
		return nil
	}
	return fmt.Errorf("bodies are %.40q; there are keep, mask and none", text)
}

// Of returns a body, or a part of one, as a recording has it. It may change it.
func (b Bodies) Of(text []byte) []byte {
	switch b {
	case NoBodies:
		return nil
	case MaskBodies:
		for i, c := range text {
			if c != '\r' && c != '\n' {
				text[i] = 'x'
			}
		}
	}
	return text
}

// mask hides the body in a packet. At the end of a message the MTA may send the last part of one.
func (b Bodies) mask(p *Packet) {
	fromMTA := p.Side == FromMTA && (protocol.Command(p.Code) == protocol.CmdBody || protocol.Command(p.Code) == protocol.CmdEOM)
	if fromMTA || p.Side == FromFilter && protocol.Response(p.Code) == protocol.RespReplBody {
		p.Payload = b.Of(p.Payload)
	}
}
