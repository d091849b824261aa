package live

import (
	"encoding/binary"
	"fmt"
	"io"
)

// maxMessage is how long a message of PostgreSQL may be in bytes. The driver makes room for as many as the message's head says, and what is not
// PostgreSQL, or sends nonsense, may say up to 4 GiB: more than the daemon has.
const maxMessage = 16 << 20

// bounded reads messages of PostgreSQL: a byte for the kind, four for the length with themselves, and the rest. (PostgreSQL documentation,
// section 53.7, message formats.)
type bounded struct {
	io.Reader
	head [5]byte
	have int    // bytes of the head
	left uint32 // bytes of the rest
}

// Read implements io.Reader. A message that is too long is an error before the driver sees it.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		if b.left > 0 {
			skipped := min(len(rest), int(b.left))
			b.left -= uint32(skipped)
			rest = rest[skipped:]
			continue
		}
		taken := copy(b.head[b.have:], rest)
		b.have += taken
		rest = rest[taken:]
		if b.have < len(b.head) {
			continue
		}
		b.have = 0
		length := binary.BigEndian.Uint32(b.head[1:])
		if length < 4 || length > maxMessage {
			return 0, fmt.Errorf("the answer is none of PostgreSQL, or longer than %d bytes", maxMessage)
		}
		b.left = length - 4
	}
	return n, err
}
