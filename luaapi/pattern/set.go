package pattern

import "math/bits"

// set is a set of bytes: a bit each.
type set [4]uint64

var (
	noByte   set
	anyByte  = set{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	justZero = single(0)
)

func single(c byte) set {
	var s set
	s.add(c)
	return s
}

func (s *set) add(c byte) {
	s[c>>6] |= 1 << (c & 63)
}

func (s *set) addRange(from, to byte) {
	for c := int(from); c <= int(to); c++ {
		s.add(byte(c))
	}
}

func (s set) union(t set) set {
	return set{s[0] | t[0], s[1] | t[1], s[2] | t[2], s[3] | t[3]}
}

func (s set) common(t set) set {
	return set{s[0] & t[0], s[1] & t[1], s[2] & t[2], s[3] & t[3]}
}

func (s set) complement() set {
	return set{^s[0], ^s[1], ^s[2], ^s[3]}
}

func (s set) size() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

// first returns the lowest byte of a set that is not empty.
func (s set) first() byte {
	for i, word := range s {
		if word != 0 {
			return byte(i*64 + bits.TrailingZeros64(word))
		}
	}
	return 0
}

// classes are those of C's <ctype.h> in the C locale.
var classes = map[byte]set{
	'a': ranges("AZaz"),
	'c': ranges("\x00\x1f\x7f\x7f"),
	'd': ranges("09"),
	'l': ranges("az"),
	'p': ranges("!/:@[`{~"),
	's': ranges("\t\r  "),
	'u': ranges("AZ"),
	'w': ranges("09AZaz"),
	'x': ranges("09AFaf"),
	'z': justZero,
}

// ranges makes a set of pairs: the first and the last byte of each range.
func ranges(pairs string) set {
	var s set
	for i := 0; i < len(pairs); i += 2 {
		s.addRange(pairs[i], pairs[i+1])
	}
	return s
}

// class is what % and c stand for: a class, its complement, or c itself.
func class(c byte) set {
	if s, ok := classes[c|0x20]; ok {
		switch {
		case 'a' <= c && c <= 'z':
			return s
		case 'A' <= c && c <= 'Z':
			return s.complement()
		}
	}
	return single(c)
}

// setEnd returns where the set that begins at p[i] ends, behind its bracket. A bracket at the first place is a member.
func setEnd(p string, i int) (end int, ok bool) {
	i++
	if i < len(p) && p[i] == '^' {
		i++
	}
	for first := true; i < len(p); first = false {
		if p[i] == ']' && !first {
			return i + 1, true
		}
		if p[i] == '%' {
			i++
		}
		i++
	}
	return 0, false
}

// parseSet reads a set with its brackets. As in PUC, a range ends with whatever byte there is, so that in [a-%%] the second % escapes
// the closing bracket.
func parseSet(p string) set {
	var s set
	last := len(p) - 1
	i := 1
	complement := i < last && p[i] == '^'
	if complement {
		i++
	}
	for ; i < last; i++ {
		switch {
		case p[i] == '%':
			i++
			s = s.union(class(p[i]))
		case p[i+1] == '-' && i+2 < last:
			s.addRange(p[i], p[i+2])
			i += 2
		default:
			s.add(p[i])
		}
	}
	if complement {
		return s.complement()
	}
	return s
}
