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
	buf := make([]byte, r.Len())
	n, _ := src.ReadAt(buf, r.Start)
	return asString(buf[:n])
}

// asString makes a string of bytes that nobody changes any more.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
