package maps

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math"
	"math/bits"
	"slices"
)

// index finds values by texts. It is written first and then only read.
type index struct {
	text  []byte // entries: the lengths of key and value as varints, and both
	slots []slot // where entries lie, each at the hash of its key or behind
	count int
	seed  maphash.Seed
}

// slot is 32 bits of a key's hash, so that hardly ever another key is compared, and behind them where the entry lies, counted from 1; 0 is
// none.
type slot uint64

// How full the slots may be, in tenths.
const maxFull = 8

// errFull is why a list is too large.
var errFull = errors.New("a list may have 4 GiB of text at most")

// newIndex makes an index with room for so many entries, and so many bytes of text, before it grows.
func newIndex(entries, text int) *index {
	return &index{seed: maphash.MakeSeed(), slots: make([]slot, slotsFor(entries)), text: make([]byte, 0, text)}
}

// slotsFor returns how many slots so many entries need.
func slotsFor(entries int) int { return max(8, entries*10/maxFull+1) }

// add adds an entry unless its key is there already.
func (x *index) add(key, value string) error {
	if len(x.text)+len(key)+len(value)+2*binary.MaxVarintLen32 > math.MaxUint32 {
		return errFull
	}
	if 10*(x.count+1) > maxFull*len(x.slots) {
		x.resize(slotsFor(x.count + x.count/2 + 8))
	}
	hash := maphash.String(x.seed, key)
	at, _, found := x.slot(hash, key)
	if found {
		return nil
	}
	x.slots[at] = slot(hash<<32) | slot(len(x.text)+1)
	x.text = binary.AppendUvarint(x.text, uint64(len(key)))
	x.text = binary.AppendUvarint(x.text, uint64(len(value)))
	x.text = append(append(x.text, key...), value...)
	x.count++
	return nil
}

// home returns the slot at which a hash belongs.
func (x *index) home(hash uint64) int {
	at, _ := bits.Mul64(hash, uint64(len(x.slots)))
	return int(at)
}

// slot returns where a key is or belongs, and its value.
func (x *index) slot(hash uint64, key string) (at int, value []byte, found bool) {
	tag := uint32(hash)
	for at = x.home(hash); x.slots[at] != 0; at = x.next(at) {
		if uint32(x.slots[at]>>32) != tag {
			continue
		}
		if k, v, _ := x.entry(int(uint32(x.slots[at])) - 1); string(k) == key {
			return at, v, true
		}
	}
	return at, nil, false
}

func (x *index) next(at int) int {
	if at++; at == len(x.slots) {
		return 0
	}
	return at
}

// entry returns the entry that lies somewhere, and where the next one does.
func (x *index) entry(at int) (key, value []byte, next int) {
	k, n := binary.Uvarint(x.text[at:])
	at += n
	v, n := binary.Uvarint(x.text[at:])
	at += n
	end := at + int(k)
	next = end + int(v)
	return x.text[at:end], x.text[end:next], next
}

// resize gives the entries other slots.
func (x *index) resize(slots int) {
	x.slots = make([]slot, slots)
	for begin := 0; begin < len(x.text); {
		key, _, next := x.entry(begin)
		hash := maphash.Bytes(x.seed, key)
		at := x.home(hash)
		for x.slots[at] != 0 {
			at = x.next(at)
		}
		x.slots[at] = slot(hash<<32) | slot(begin+1)
		begin = next
	}
}

// trim gives back memory that nothing will be added to.
func (x *index) trim() {
	if n := slotsFor(x.count); len(x.slots) > n+n/8 {
		x.resize(n)
	}
	if cap(x.text) > len(x.text)+len(x.text)/8 {
		x.text = slices.Clip(slices.Clone(x.text))
	}
}

// find returns the value of a key.
func (x *index) find(key string) (value string, found bool) {
	_, v, found := x.slot(maphash.String(x.seed, key), key)
	return string(v), found
}

// bytes returns how much memory the index takes.
func (x *index) bytes() int64 { return int64(cap(x.text)) + 8*int64(cap(x.slots)) }
