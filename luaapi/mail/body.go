package mail

import (
	"strings"
	"unsafe"

	"luamilter/luaapi/mime"
	"luamilter/luaapi/spool"
)

// Body is a body as it comes, chunk by chunk: in memory while it is small, then in a file. In memory it is joined when somebody asks for it.
type Body struct {
	InMemory int64      // how many bytes may be in memory
	Spool    *spool.Dir // where the rest goes; nil for memory

	size   int64
	pieces []string
	tail   []byte // behind them, still growing
	file   *spool.File
}

// Keep appends a chunk that nobody changes any more. Errors are those of spool.File.
func (b *Body) Keep(chunk string) error {
	if ok, err := b.toFile(unsafe.Slice(unsafe.StringData(chunk), len(chunk))); ok || err != nil {
		return err
	}
	b.settle()
	b.pieces = append(b.pieces, chunk)
	return nil
}

// Copy appends a copy of a chunk. Errors are those of spool.File.
func (b *Body) Copy(chunk []byte) error {
	if ok, err := b.toFile(chunk); ok || err != nil {
		return err
	}
	b.tail = append(b.tail, chunk...)
	return nil
}

// Fits reports whether some more bytes would be in memory.
func (b *Body) Fits(n int) bool {
	return b.file == nil && (b.Spool == nil || b.size+int64(n) <= b.InMemory)
}

// toFile writes a chunk to the file, if that is where it goes; all that was in memory before it.
func (b *Body) toFile(chunk []byte) (done bool, err error) {
	if b.Fits(len(chunk)) {
		b.size += int64(len(chunk))
		return false, nil
	}
	if b.file == nil {
		if err := b.spill(); err != nil {
			return false, err
		}
	}
	n, err := b.file.Write(chunk)
	b.size += int64(n)
	return true, err
}

// spill moves what is in memory to a file.
func (b *Body) spill() error {
	f, err := b.Spool.New()
	if err != nil {
		return err
	}
	b.file = f
	b.settle()
	for _, piece := range b.pieces {
		if _, err := f.Write(unsafe.Slice(unsafe.StringData(piece), len(piece))); err != nil {
			return err
		}
	}
	b.pieces = nil
	return nil
}

// settle makes the tail a piece.
func (b *Body) settle() {
	if len(b.tail) > 0 {
		b.pieces = append(b.pieces, unsafe.String(unsafe.SliceData(b.tail), len(b.tail)))
		b.tail = nil
	}
}

// Source returns the whole. A nil Body is empty.
func (b *Body) Source() mime.Source {
	switch {
	case b == nil:
		return mime.Text("")
	case b.file != nil:
		return b.file
	}
	b.settle()
	if len(b.pieces) > 1 {
		b.pieces = []string{strings.Join(b.pieces, "")}
	}
	if len(b.pieces) == 0 {
		return mime.Text("")
	}
	return mime.Text(b.pieces[0])
}

// Close gives up the file, if there is one. A nil Body has none.
func (b *Body) Close() error {
	if b == nil || b.file == nil {
		return nil
	}
	f := b.file
	b.file = nil
	return f.Close()
}
