package archive

import "encoding/binary"

// cursor reads little-endian numbers from bytes. After the end everything is 0, and short is set.
type cursor struct {
	b     []byte
	short bool
}

// take returns the next n bytes, or nil if there are not as many.
func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.b, c.short = nil, true
		return nil
	}
	taken := c.b[:n:n]
	c.b = c.b[n:]
	return taken
}

// word returns the next n bytes, n up to 8, as a number.
func (c *cursor) word(n uint64) uint64 {
	var w [8]byte
	copy(w[:], c.take(n))
	return binary.LittleEndian.Uint64(w[:])
}

func (c *cursor) byte() byte     { return byte(c.word(1)) }
func (c *cursor) uint16() uint16 { return uint16(c.word(2)) }
func (c *cursor) uint32() uint32 { return uint32(c.word(4)) }
func (c *cursor) uint64() uint64 { return c.word(8) }

// varint returns a number of 7 bits a byte, as RAR 5 and xz have it.
func (c *cursor) varint() uint64 {
	n, length := binary.Uvarint(c.b)
	if length <= 0 {
		c.b, c.short = nil, true
		return 0
	}
	c.b = c.b[length:]
	return n
}

// sizeOf returns a size as an entry has it: -1 for one that no file can have.
func sizeOf(n uint64) int64 {
	if n > 1<<63-1 {
		return -1
	}
	return int64(n)
}
