package format

import (
	"math"
	"strconv"
)

// AppendNumber appends f as a directive says for which TakesNumber is true: at most 411 bytes. An integer is f without its
// fraction.
func (d Directive) AppendNumber(dst []byte, f float64) []byte {
	switch d.Verb {
	case 'c':
		d.Zero = false
		return d.pad(append(dst, byte(signed(f))), len(dst), len(dst))
	case 'd', 'i':
		return d.appendSigned(dst, signed(f))
	case 'o', 'u', 'x', 'X':
		return d.appendUnsigned(dst, unsigned(f))
	}
	return d.appendFloat(dst, f)
}

func (d Directive) appendSigned(dst []byte, n int64) []byte {
	start := len(dst)
	dst = d.appendSign(dst, n < 0)
	size := uint64(n)
	if n < 0 {
		size = -size
	}
	return d.appendDigits(dst, start, size, 10)
}

func (d Directive) appendUnsigned(dst []byte, n uint64) []byte {
	start := len(dst)
	switch d.Verb {
	case 'o':
		return d.appendDigits(dst, start, n, 8)
	case 'u':
		return d.appendDigits(dst, start, n, 10)
	}
	if d.Alternate && n != 0 {
		dst = append(dst, '0', d.Verb)
	}
	return d.appendDigits(dst, start, n, 16)
}

// appendDigits appends n after what begins at start, a sign or 0x, and pads all of it.
func (d Directive) appendDigits(dst []byte, start int, n uint64, base int) []byte {
	digits := len(dst)
	if n != 0 || d.Precision != 0 {
		dst = strconv.AppendUint(dst, n, base)
	}
	if d.Verb == 'X' {
		upper(dst[digits:])
	}
	dst = insert(dst, digits, d.Precision-(len(dst)-digits), '0')
	if d.Verb == 'o' && d.Alternate && (len(dst) == digits || dst[digits] != '0') {
		dst = insert(dst, digits, 1, '0')
	}
	d.Zero = d.Zero && d.Precision < 0
	return d.pad(dst, start, digits)
}

// appendSign appends the sign of a number, or what stands in its place.
func (d Directive) appendSign(dst []byte, negative bool) []byte {
	switch {
	case negative:
		return append(dst, '-')
	case d.Plus:
		return append(dst, '+')
	case d.Space:
		return append(dst, ' ')
	}
	return dst
}

// signed returns the integer of 64 bits that is nearest to f, towards zero.
func signed(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= -math.MinInt64:
		return math.MaxInt64
	case f < math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// unsigned does the same without a sign; of a negative one it returns the 64 bits.
func unsigned(f float64) uint64 {
	switch {
	case f >= -2*math.MinInt64:
		return math.MaxUint64
	case f >= -math.MinInt64:
		return uint64(f)
	}
	return uint64(signed(f))
}

func upper(b []byte) {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
}
