package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unsafe"
)

// Sizes in bytes.
const (
	MaxChunk = 65535   // mfdef.h: MILTER_CHUNK_SIZE, the largest body chunk either side sends
	MaxFrame = 4 << 20 // the largest packet accepted; Postfix sends a header field as one packet, however long

	tinyBuffer  = 512
	smallBuffer = 4 << 10
	largeBuffer = 136 << 10 // two full chunks and a little more
	frameHead   = 4         // the length before each packet
)

var errEmptyFrame = errors.New("packet of length 0")

// A TooLargeError says that the peer announced a packet over the limit.
type TooLargeError struct{ Length, Limit uint32 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("packet of %d bytes announced, %d is the limit (is the peer speaking the milter protocol?)", e.Length, e.Limit)
}

// frameReader cuts a stream into packets. It reads as much as there is at once and parses in place; a tiny buffer is
// all that an idle connection costs.
type frameReader struct {
	src   io.Reader
	tiny  []byte             // made when first needed
	small *[smallBuffer]byte // from its pool, nil while idle
	large *[largeBuffer]byte // from its pool, nil while not needed
	buf   []byte             // tiny, small, large, or a larger one still
	r, w  int                // unread bytes are buf[r:w]
	kept  bool               // a payload in buf is kept for good: what was read stays as it is, and buf is nobody's to give back
}

var (
	smallBuffers = sync.Pool{New: func() any { return new([smallBuffer]byte) }}
	largeBuffers = sync.Pool{New: func() any { return newLargeBuffer() }}
)

// newLargeBuffer returns memory that is not cleared, because a kept buffer lasts for two chunks only and clearing takes as long as
// copying them would.
func newLargeBuffer() *[largeBuffer]byte {
	var b strings.Builder
	b.Grow(largeBuffer)
	b.WriteByte(0) // or else there is nothing whose address could be asked for
	return (*[largeBuffer]byte)(unsafe.Pointer(unsafe.StringData(b.String())))
}

func newFrameReader(src io.Reader) *frameReader {
	f := &frameReader{src: src, small: smallBuffers.Get().(*[smallBuffer]byte)}
	f.buf = f.small[:]
	return f
}

// frame returns the next packet if it is in the buffer. The payload is valid until fill or shrink is called.
func (f *frameReader) frame() (cmd byte, payload []byte, ok bool, err error) {
	if f.w-f.r < frameHead {
		return 0, nil, false, nil
	}
	n := binary.BigEndian.Uint32(f.buf[f.r:])
	if n == 0 {
		return 0, nil, false, errEmptyFrame
	}
	if n > MaxFrame {
		return 0, nil, false, &TooLargeError{n, MaxFrame}
	}
	end := f.r + frameHead + int(n)
	if f.w < end {
		return 0, nil, false, nil
	}
	p := f.buf[f.r+frameHead : end : end]
	f.r = end
	return p[0], p[1:], true, nil
}

// partial reports whether the beginning of a packet is in the buffer.
func (f *frameReader) partial() bool { return f.w > f.r }

// fill reads once, making room first.
func (f *frameReader) fill() error {
	f.makeRoom()
	n, err := f.src.Read(f.buf[f.w:])
	f.w += n
	switch {
	case n > 0:
		return nil
	case err == io.EOF && f.partial():
		return io.ErrUnexpectedEOF
	case err == nil:
		return io.ErrNoProgress
	}
	return err
}

// makeRoom sees to it that there is room to read into, if it can for the whole of the packet that has begun. The buffer
// grows with what arrives, not with what a length field promises.
func (f *frameReader) makeRoom() {
	need := frameHead + 1
	if f.w-f.r >= frameHead {
		need = frameHead + int(binary.BigEndian.Uint32(f.buf[f.r:]))
	}
	switch {
	case f.kept:
		if f.r+need > len(f.buf) || len(f.buf)-f.w < smallBuffer {
			f.renew()
		}
	case len(f.buf) < smallBuffer && f.w == len(f.buf): // there is likely more
		f.grow()
	case f.r == f.w:
		f.r, f.w = 0, 0
	case f.r+need <= len(f.buf):
	case need <= len(f.buf):
		f.w = copy(f.buf, f.buf[f.r:f.w])
		f.r = 0
	case f.w == len(f.buf) || len(f.buf) < smallBuffer:
		f.grow()
	}
}

// keep has the payload of the last packet stay as it is for good. It reports false, and does not, where that would be a waste of
// memory: the payload keeps the whole buffer.
func (f *frameReader) keep(payload []byte) bool {
	if len(f.buf) < largeBuffer || len(payload) < len(f.buf)/8 {
		return false
	}
	f.kept = true
	return true
}

// renew goes on with a new buffer in the place of one that is kept.
func (f *frameReader) renew() {
	rest := f.buf[f.r:f.w]
	if len(rest) <= largeBuffer/2 {
		f.large = largeBuffers.Get().(*[largeBuffer]byte)
		f.buf = f.large[:]
	} else {
		f.large, f.buf = nil, make([]byte, 2*len(rest))
	}
	f.r, f.w, f.kept = 0, copy(f.buf, rest), false
}

// grow goes on with a larger buffer.
func (f *frameReader) grow() {
	old, rest := f.large, f.buf[f.r:f.w]
	f.large = nil
	switch {
	case len(f.buf) < smallBuffer:
		f.small = smallBuffers.Get().(*[smallBuffer]byte)
		f.buf = f.small[:]
	case len(f.buf) < largeBuffer:
		f.large = largeBuffers.Get().(*[largeBuffer]byte)
		f.buf = f.large[:]
	default:
		f.buf = make([]byte, 2*len(f.buf))
	}
	f.r, f.w = 0, copy(f.buf, rest)
	if old != nil {
		largeBuffers.Put(old)
	}
}

// shrink goes back to the small buffer if nothing is waiting in a larger one.
func (f *frameReader) shrink() {
	if len(f.buf) > smallBuffer && f.r == f.w {
		f.releaseLarge()
	}
}

// rest goes back to the tiny buffer if nothing is waiting in a larger one.
func (f *frameReader) rest() {
	if len(f.buf) == tinyBuffer || f.r < f.w {
		return
	}
	f.release()
	if f.tiny == nil {
		f.tiny = make([]byte, tinyBuffer)
	}
	f.buf = f.tiny
}

// releaseLarge gives a large buffer back. What is in it is gone, and so is what a payload pointed to.
func (f *frameReader) releaseLarge() {
	if f.large != nil && !f.kept {
		largeBuffers.Put(f.large)
	}
	f.large, f.kept = nil, false
	f.buf, f.r, f.w = f.tiny, 0, 0
	if f.small != nil {
		f.buf = f.small[:]
	}
}

// release gives all buffers back. Nothing can be read after that but into the tiny one, which rest sees to.
func (f *frameReader) release() {
	f.releaseLarge()
	if f.small != nil {
		smallBuffers.Put(f.small)
		f.small = nil
	}
	f.buf = nil
}

// beginFrame appends the head of a packet whose length endFrame fills in.
func beginFrame(dst []byte, code byte) (out []byte, start int) {
	return append(dst, 0, 0, 0, 0, code), len(dst)
}

func endFrame(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-frameHead))
	return dst
}
