package record

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"luamilter/protocol"
)

// Magic begins every recording, a line end behind it.
const Magic = "luamilter recording 1"

// maxHead is how long the line with the Head may be, in bytes.
const maxHead = 64 << 10

// maxLine is how long every other line may be, in bytes.
const maxLine = 512

// Head is what a recording says of its connection.
type Head struct {
	Conn     string    `json:"conn"`     // its id in the log
	Listener string    `json:"listener"` // where it came in
	Began    time.Time `json:"began"`
	Bodies   Bodies    `json:"bodies"`
	Scripts  []string  `json:"scripts"` // names of the files, in their order
	Version  string    `json:"version"` // of luamilter
}

// Side is who sent a packet.
type Side byte

// The sides.
const (
	FromMTA    Side = 'M'
	FromFilter Side = 'F'
)

// Packet is a packet as it went over the wire.
type Packet struct {
	Side    Side
	At      time.Duration // since the beginning of the connection
	Code    byte          // a protocol.Command or protocol.Response
	Payload []byte
}

// appendHead appends the first two lines.
func appendHead(dst []byte, h *Head) ([]byte, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return dst, fmt.Errorf("head of a recording: %w", err)
	}
	dst = append(append(dst, Magic...), '\n')
	return append(append(dst, text...), '\n'), nil
}

// appendTo appends the packet as it is in a file.
func (p *Packet) appendTo(dst []byte) []byte {
	dst = appendTime(append(dst, byte(p.Side), ' '), p.At)
	dst = strconv.AppendInt(append(dst, ' '), int64(1+len(p.Payload)), 10)
	dst = append(dst, '\n', p.Code)
	return append(append(dst, p.Payload...), '\n')
}

// appendEnd appends the last line.
func appendEnd(dst []byte, at time.Duration, why string) []byte {
	dst = appendTime(append(dst, 'E', ' '), at)
	return fmt.Appendf(dst, " %s\n", oneLine(why))
}

func appendTime(dst []byte, at time.Duration) []byte {
	return strconv.AppendInt(dst, at.Microseconds(), 10)
}

// oneLine makes a text fit for a line of a recording.
func oneLine(text string) string {
	out := []byte(text[:min(len(text), maxLine/2)])
	for i, b := range out {
		if b < ' ' {
			out[i] = ' '
		}
	}
	return string(out)
}

// What a packet is called in errors.
func (p *Packet) String() string {
	if p.Side == FromMTA {
		return protocol.Command(p.Code).String()
	}
	return protocol.Response(p.Code).String()
}
