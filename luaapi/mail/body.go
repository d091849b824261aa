package mail

import (
	"strings"
	"unsafe"
)

// Body is a body as it comes, chunk by chunk. It is joined when somebody asks for the whole.
type Body struct {
	pieces []string
	tail   []byte // behind them, still growing
}

// Keep appends a chunk that nobody changes any more.
func (b *Body) Keep(chunk string) {
	b.settle()
	b.pieces = append(b.pieces, chunk)
}

// Copy appends a copy of a chunk.
func (b *Body) Copy(chunk []byte) { b.tail = append(b.tail, chunk...) }

// settle makes the tail a piece.
func (b *Body) settle() {
	if len(b.tail) > 0 {
		b.pieces = append(b.pieces, unsafe.String(unsafe.SliceData(b.tail), len(b.tail)))
		b.tail = nil
	}
}

// String returns the whole. A nil Body is empty.
func (b *Body) String() string {
	if b == nil {
		return ""
	}
	b.settle()
	if len(b.pieces) > 1 {
		b.pieces = []string{strings.Join(b.pieces, "")}
	}
	if len(b.pieces) == 0 {
		return ""
	}
	return b.pieces[0]
}
