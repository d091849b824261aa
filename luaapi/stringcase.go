package luaapi

import (
	"encoding/binary"
	"math/bits"
)

// Letters are those of ASCII, as in the C locale: a byte of another charset must stay what it is, and places in s:lower() are those in s.
// An alphabet is given by its first letter, A or a. Eight bytes are looked at together.

const (
	highBits = 0x8080808080808080
	lowBits  = 0x0101010101010101
)

// letters returns the high bits of those of eight bytes that are letters of an alphabet.
func letters(eight uint64, first byte) uint64 {
	seven := eight &^ highBits
	fromFirst := seven + uint64(0x80-first)*lowBits
	afterLast := seven + uint64(0x80-first-26)*lowBits
	return fromFirst &^ afterLast &^ eight & highBits
}

// firstLetter returns where the first letter of an alphabet stands, len(s) if there is none.
func firstLetter(s string, first byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if found := letters(eightBytes(s[i:]), first); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(s); i++ {
		if s[i]-first < 26 {
			return i
		}
	}
	return i
}

// otherCase returns s with all letters of an alphabet in the other case, the first of which is at.
func otherCase(s string, at int, first byte) string {
	b := make([]byte, len(s))
	i := copy(b, s[:at])
	for ; i+8 <= len(s); i += 8 {
		eight := eightBytes(s[i:])
		binary.LittleEndian.PutUint64(b[i:], eight^letters(eight, first)>>2) // 0x80 to 0x20, which is what a case is
	}
	for ; i < len(s); i++ {
		b[i] = s[i]
		if s[i]-first < 26 {
			b[i] ^= 0x20
		}
	}
	return givenUp(b)
}

func eightBytes(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
