package mime

import (
	"io"
	"unsafe"
)

// Source is a body. Text is one in memory; a file is another. What cannot be read counts as not there: reading mail raises no errors.
type Source interface {
	io.ReaderAt
	Len() int64 // in bytes
}

// Scratch is a Source that has room for others of its kind: what is made of it and is large goes there instead of into memory.
type Scratch interface {
	Source
	// Keep returns what it reads as a Source, for as long as this one can be read.
	Keep(r io.Reader) (Source, error)
}

// Text is a body in memory. Nothing of it is copied.
type Text string

// Len returns the size in bytes.
func (t Text) Len() int64 { return int64(len(t)) }

// ReadAt is that of io.ReaderAt.
func (t Text) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at >= int64(len(t)) {
		return 0, io.EOF
	}
	n := copy(p, t[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Range is the bytes from Start to before End of a Source.
type Range struct{ Start, End int64 }

// Len returns the size in bytes.
func (r Range) Len() int64 { return r.End - r.Start }

// Of returns the bytes of a source, without a copy if it is a Text.
func (r Range) Of(src Source) string {
	if t, ok := src.(Text); ok {
		return string(t[r.Start:r.End])
	}
	if r.Len() <= 0 {
		return ""
	}
	return asString(r.read(src, make([]byte, 0, r.Len())))
}

// read is Of into a buffer, as far as that has room.
func (r Range) read(src Source, buf []byte) []byte {
	buf = buf[:min(r.Len(), int64(cap(buf)))]
	n, _ := src.ReadAt(buf, r.Start)
	return buf[:n]
}

// within returns the bytes of a range as a Source of their own.
func (r Range) within(src Source) Source {
	switch s := src.(type) {
	case Text:
		return s[r.Start:r.End]
	case Scratch:
		return scratchExcerpt{excerpt{src, r}, s}
	}
	return excerpt{src, r}
}

// excerpt is a range of a source.
type excerpt struct {
	src Source
	at  Range
}

func (s excerpt) Len() int64 { return s.at.Len() }

func (s excerpt) ReadAt(p []byte, at int64) (int, error) {
	return io.NewSectionReader(s.src, s.at.Start, s.at.Len()).ReadAt(p, at)
}

// scratchExcerpt is a range of a Scratch.
type scratchExcerpt struct {
	excerpt
	scratch Scratch
}

func (s scratchExcerpt) Keep(r io.Reader) (Source, error) { return s.scratch.Keep(r) }

// asString makes a string of bytes that nobody changes any more.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
