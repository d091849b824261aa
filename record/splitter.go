package record

import (
	"encoding/binary"
	"errors"
	"fmt"

	"luamilter/protocol"
)

// frameHead is the length before each packet on the wire, in bytes.
const frameHead = 4

var errNotMilter = errors.New("this is not the milter protocol")

// splitter cuts what one side sends into packets.
type splitter struct{ rest []byte }

// add takes bytes as they came, and gives the whole packets that there are now to take, for which they are valid no longer than it runs. What
// is no packet is an error.
func (s *splitter) add(chunk []byte, take func(code byte, payload []byte) error) error {
	s.rest = append(s.rest, chunk...)
	used := 0
	for len(s.rest)-used >= frameHead {
		n := binary.BigEndian.Uint32(s.rest[used:])
		if n == 0 || n > protocol.MaxFrame {
			return fmt.Errorf("%w: a packet of %d bytes", errNotMilter, n)
		}
		end := used + frameHead + int(n)
		if len(s.rest) < end {
			break
		}
		packet := s.rest[used+frameHead : end]
		if err := take(packet[0], packet[1:]); err != nil {
			return err
		}
		used = end
	}
	s.rest = s.rest[:copy(s.rest, s.rest[used:])]
	if len(s.rest) == 0 && cap(s.rest) > keptBuffer {
		s.rest = nil
	}
	return nil
}

// keptBuffer is how large a buffer may be that waits for the next packet, in bytes.
const keptBuffer = 8 << 10
