package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Sizes in bytes.
const (
	MaxChunk = 65535   // mfdef.h: MILTER_CHUNK_SIZE, the largest body chunk either side sends
	MaxFrame = 4 << 20 // the largest packet accepted; Postfix sends a header field as one packet, however long

	smallBuffer = 4 << 10
	largeBuffer = 128 << 10
)

var errEmptyFrame = errors.New("packet of length 0")

// A TooLargeError says that the peer announced a packet over the limit.
type TooLargeError struct{ Length, Limit uint32 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("packet of %d bytes announced, %d is the limit (is the peer speaking the milter protocol?)", e.Length, e.Limit)
}

// frameReader cuts a stream into packets. It reads as much as there is at once and parses in place; a small buffer is
// all that an idle connection costs.
type frameReader struct {
	src   io.Reader
	small []byte // always kept
	buf   []byte // small, a pooled large one, or larger
	r, w  int    // unread bytes are buf[r:w]
}

var largeBuffers = sync.Pool{New: func() any { b := make([]byte, largeBuffer); return &b }}

func newFrameReader(src io.Reader) *frameReader {
	small := make([]byte, smallBuffer)
	return &frameReader{src: src, small: small, buf: small}
}

// frame returns the next packet if it is in the buffer. The payload is valid until fill is called.
func (f *frameReader) frame() (cmd byte, payload []byte, ok bool, err error) {
	if f.w-f.r < 4 {
		return 0, nil, false, nil
	}
	n := binary.BigEndian.Uint32(f.buf[f.r:])
	if n == 0 {
		return 0, nil, false, errEmptyFrame
	}
	if n > MaxFrame {
		return 0, nil, false, &TooLargeError{n, MaxFrame}
	}
	if f.w-f.r < 4+int(n) {
		return 0, nil, false, nil
	}
	p := f.buf[f.r+4 : f.r+4+int(n)]
	f.r += 4 + int(n)
	return p[0], p[1:], true, nil
}

// partial reports whether the beginning of a packet is in the buffer.
func (f *frameReader) partial() bool { return f.w > f.r }

// fill reads once, making room first. The buffer grows with what arrives, not with what a length field promises.
func (f *frameReader) fill() error {
	if f.r == f.w {
		f.r, f.w = 0, 0
	}
	if f.w == len(f.buf) {
		if f.r > len(f.buf)/2 {
			f.w = copy(f.buf, f.buf[f.r:f.w])
			f.r = 0
		} else {
			f.grow()
		}
	}
	n, err := f.src.Read(f.buf[f.w:])
	f.w += n
	if n > 0 {
		return nil
	}
	if err == io.EOF && f.partial() {
		return io.ErrUnexpectedEOF
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

func (f *frameReader) grow() {
	var next []byte
	if len(f.buf) < largeBuffer {
		next = *largeBuffers.Get().(*[]byte)
	} else {
		next = make([]byte, 2*len(f.buf))
	}
	n := copy(next, f.buf[f.r:f.w])
	f.release()
	f.buf, f.r, f.w = next, 0, n
}

// shrink goes back to a small buffer if nothing is waiting in a larger one.
func (f *frameReader) shrink() {
	if len(f.buf) > smallBuffer && f.r == f.w {
		f.release()
		f.r, f.w = 0, 0
	}
}

// release gives a pooled buffer back and goes on with the small one. What a payload pointed to is gone.
func (f *frameReader) release() {
	if len(f.buf) == largeBuffer {
		b := f.buf
		largeBuffers.Put(&b)
	}
	f.buf = f.small
}

// beginFrame appends the head of a packet whose length endFrame fills in.
func beginFrame(dst []byte, code byte) (out []byte, start int) {
	return append(dst, 0, 0, 0, 0, code), len(dst)
}

func endFrame(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-4))
	return dst
}
