package maps

import (
	"errors"
	"hash/maphash"
	"math"
	"slices"
)

// span is where an entry lies in the text of an index: its key, and behind it its value.
type span struct{ key, value, end uint32 }

// index finds values by texts. It is written first and then only read.
type index struct {
	text  []byte
	spans []span
	slots []uint32 // numbers of spans counted from 1, at the hash of their key or behind; 0 for none
	seed  maphash.Seed
}

// errFull is why a list is too large.
var errFull = errors.New("a list may have 4 GiB of text at most")

func newIndex() *index { return &index{seed: maphash.MakeSeed(), slots: make([]uint32, 16)} }

// add adds an entry unless its key is there already.
func (x *index) add(key, value string) error {
	if len(x.text)+len(key)+len(value) > math.MaxUint32 {
		return errFull
	}
	if 4*(len(x.spans)+1) > 3*len(x.slots) {
		x.grow()
	}
	at, found := x.slot(key)
	if found {
		return nil
	}
	s := span{key: uint32(len(x.text)), value: uint32(len(x.text) + len(key)), end: uint32(len(x.text) + len(key) + len(value))}
	x.text = append(append(x.text, key...), value...)
	x.spans = append(x.spans, s)
	x.slots[at] = uint32(len(x.spans))
	return nil
}

// slot returns where the number of a key is or belongs.
func (x *index) slot(key string) (at int, found bool) {
	mask := len(x.slots) - 1
	for at = int(maphash.String(x.seed, key)) & mask; x.slots[at] != 0; at = (at + 1) & mask {
		s := x.spans[x.slots[at]-1]
		if int(s.value-s.key) == len(key) && string(x.text[s.key:s.value]) == key {
			return at, true
		}
	}
	return at, false
}

// grow makes the hash table twice as large.
func (x *index) grow() {
	x.slots = make([]uint32, 2*len(x.slots))
	mask := len(x.slots) - 1
	for i, s := range x.spans {
		at := int(maphash.Bytes(x.seed, x.text[s.key:s.value])) & mask
		for x.slots[at] != 0 {
			at = (at + 1) & mask
		}
		x.slots[at] = uint32(i + 1)
	}
}

// trim gives back memory that nothing will be added to.
func (x *index) trim() {
	x.text, x.spans = slices.Clip(slices.Clone(x.text)), slices.Clip(slices.Clone(x.spans))
}

// find returns the value of a key.
func (x *index) find(key string) (value string, found bool) {
	at, found := x.slot(key)
	if !found {
		return "", false
	}
	s := x.spans[x.slots[at]-1]
	return string(x.text[s.value:s.end]), true
}

// bytes returns how much memory the index takes.
func (x *index) bytes() int64 {
	return int64(cap(x.text)) + 12*int64(cap(x.spans)) + 4*int64(cap(x.slots))
}
