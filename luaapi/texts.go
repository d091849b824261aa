package luaapi

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// texts remembers the Lua values of short texts seen lately: names of header fields, addresses and values come again and again, and
// each new value costs two allocations. The zero value is ready; it never grows.
type texts struct{ seen [numTexts]lua.LValue }

const (
	textBits = 7
	numTexts = 1 << textBits
	maxText  = 32 // bytes; longer ones rarely come again
)

// value returns bytes, which it does not keep, as a Lua value.
func (t *texts) value(b []byte) lua.LValue {
	if len(b) > maxText {
		return lua.LString(b)
	}
	place := &t.seen[t.place(b)]
	if s, ok := (*place).(lua.LString); ok && string(s) == string(b) {
		return *place
	}
	*place = lua.LString(b)
	return *place
}

// place hashes a text by its ends. Two that share a place cost time, nothing else, so this need not be hard to guess.
func (*texts) place(b []byte) uint64 {
	var h uint64
	switch n := len(b); {
	case n >= 8:
		h = binary.LittleEndian.Uint64(b) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(b[n-8:]), 29)
	case n >= 4:
		h = uint64(binary.LittleEndian.Uint32(b)) ^ uint64(binary.LittleEndian.Uint32(b[n-4:]))<<29
	case n > 0:
		h = uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	}
	const goldenRatio = 0x9e3779b97f4a7c15 // of 2^64: spreads what differs into the upper bits
	return (h + uint64(len(b))) * goldenRatio >> (64 - textBits)
}

// Text returns bytes as a Lua value, the same one for short texts seen lately.
func (e *Env) Text(b []byte) lua.LValue {
	if e.texts == nil {
		e.texts = &texts{}
	}
	return e.texts.value(b)
}

// converted remembers what a function made of short texts lately, such as the small letters of the names of header fields. It is for texts
// that are the same value again, as those of texts are, and finds them by where they lie: another one that looks alike is no error, only made anew.
type converted struct {
	made [numConverted]struct {
		from string
		to   lua.LValue
	}
}

const numConverted = 64 // a power of two

// converts returns where the result for a text is remembered, and whether that is what is there.
func converts(in **converted, text string) (to *lua.LValue, known bool) {
	if *in == nil {
		*in = &converted{}
	}
	c := *in
	at := uintptr(unsafe.Pointer(unsafe.StringData(text)))
	p := &c.made[(at>>4^at>>10)&(numConverted-1)]
	known = p.to != nil && p.from == text
	if !known {
		p.from = strings.Clone(text) // which may be part of something large
	}
	return &p.to, known
}
