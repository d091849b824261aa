package archive_test

import (
	"encoding/binary"
)

// quine returns a zip whose only entry, q.zip, is the zip itself.
//
// Its deflated data is a program in units of five bytes that prints, behind a prefix that it is given, itself and a suffix. L(n) prints
// the n bytes that follow in the program, R(n) prints the last n bytes again. Read it with what it prints below:
//
//	L(p+5) P L(p+5)   R(p+5)     L5 R(p+5)  L5 L5  L20 R(p+5) L5 L5 L20  R20              L20 R20 L20 R20 L20  R20
//	P L(p+5)          P L(p+5)   R(p+5)     L5     R(p+5) L5 L5 L20      R(p+5) L5 L5 L20 R20 L20 R20 L20      R20 L20 R20 L20
//
//	L20 R20 L0 L0 L(s+5)  R20                L0 L0 L(s+5) R(s+5) S  R(s+5)
//	R20 L0 L0 L(s+5)      R20 L0 L0 L(s+5)         R(s+5) S         R(s+5) S
func quine() []byte {
	const name, padding = "q.zip", 120 // R works for 116 to 128 bytes
	le := binary.LittleEndian
	prefix := make([]byte, padding-5)
	suffix := make([]byte, padding-5)
	l := func(n int) []byte {
		return le.AppendUint16(le.AppendUint16([]byte{0}, uint16(n)), ^uint16(n))
	}
	program := func() []byte {
		lp, rp, ls, rs := l(padding), repeat(padding, 'P', 0), l(padding), repeat(padding, 19, 1)
		l0, l5, l20, r20 := l(0), l(5), l(20), repeat20()
		return join(lp, prefix, lp, rp, l5, rp, l5, l5, l20, rp, l5, l5, l20, r20, l20, r20, l20, r20, l20, r20,
			l20, r20, l0, l0, ls, r20, l0, l0, ls, rs, suffix, rs)
	}
	packed := len(program())
	size := len(prefix) + packed + len(suffix)

	common := join(le.AppendUint16(nil, 20), []byte{0, 0, 8, 0}, make([]byte, 8), // version, flags, method, time, date and checksum
		le.AppendUint32(nil, uint32(packed)), le.AppendUint32(nil, uint32(size)), le.AppendUint16(nil, uint16(len(name))))
	extra := len(prefix) - 30 - len(name)
	copy(prefix, join([]byte("PK\x03\x04"), common, le.AppendUint16(nil, uint16(extra)), []byte(name), le.AppendUint16([]byte{0xff, 0xff}, uint16(extra-4))))

	extra = len(suffix) - 22 - 46 - len(name)
	copy(suffix, join([]byte("PK\x01\x02\x14\x00"), common, le.AppendUint16(nil, uint16(extra)), make([]byte, 14), []byte(name), le.AppendUint16([]byte{0xff, 0xff}, uint16(extra-4))))
	copy(suffix[len(suffix)-22:], join([]byte("PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00"),
		le.AppendUint32(nil, uint32(len(suffix)-22)), le.AppendUint32(nil, uint32(len(prefix)+packed)), []byte{0, 0}))
	return join(prefix, program(), suffix)
}

// bits collects bits as deflate has them.
type bits struct {
	value uint64
	n     int
}

// number adds a number of n bits, the lowest first.
func (b *bits) number(v, n int) {
	b.value |= uint64(v) << b.n
	b.n += n
}

// code adds a Huffman code of n bits, the highest first.
func (b *bits) code(v, n int) {
	for i := n - 1; i >= 0; i-- {
		b.number(v>>i&1, 1)
	}
}

// unit returns the five bytes that the bits must be.
func (b *bits) unit() []byte {
	if b.n != 40 {
		panic("not five bytes")
	}
	return binary.LittleEndian.AppendUint64(nil, b.value)[:5]
}

// repeat is R(n) for n from 116 to 128, RFC 1951 section 3.2.5: a block with a literal, which is the first byte, and a match of n-1 bytes.
func repeat(n int, first byte, final int) []byte {
	b := &bits{}
	b.number(final, 1)
	b.number(1, 2)
	b.code(0x30+int(first), 8)
	b.code(0xc0, 8) // length code 280: 115 to 130
	b.number(n-1-115, 4)
	b.code(13, 5) // distance code 13: 97 to 128
	b.number(n-97, 5)
	b.code(0, 7)
	return b.unit()
}

// repeat20 is R20: a block with two matches of 10 bytes.
func repeat20() []byte {
	b := &bits{}
	b.number(0, 1)
	b.number(1, 2)
	for range 2 {
		b.code(264-256, 7) // length 10
		b.code(8, 5)       // distance code 8: 17 to 24
		b.number(20-17, 3)
	}
	b.code(0, 7)
	return b.unit()
}
