package number

import "strconv"

const (
	long    = 700 // from this length on, shorten
	kept    = 780 // digits that can decide how a float64 is rounded: 767 at most
	extreme = 50000
)

// shorten returns a number of the same value for a long one of a known shape. strconv keeps 800 digits, and miscounts those
// before the point that it dropped; it also keeps only five digits of an exponent.
func shorten(s string, kind shape) string {
	negative, s := sign(s)
	out := make([]byte, 0, kept+16)
	if negative {
		out = append(out, '-')
	}
	base, unit, letter := byte(10), int64(1), byte('e')
	if kind != decimal {
		base, unit, letter = 16, 4, 'p'
		out = append(out, "0x"...)
		s = s[len("0x"):]
	}
	start := len(out)
	out = append(out, '0')
	point, more := false, false
	exponent := int64(0)
	i := 0
	for ; i < len(s) && (s[i] == '.' || digit(s[i]) < base); i++ {
		switch {
		case s[i] == '.':
			point = true
			continue
		case len(out)-start > kept:
			more = more || s[i] != '0'
			exponent += unit
		case s[i] != '0' || len(out)-start > 1:
			out = append(out, s[i])
		}
		if point {
			exponent -= unit
		}
	}
	if more {
		out = append(out, '1') // just above the digits kept, so that halfway is not taken for halfway
		exponent -= unit
	}
	exponent += exponentOf(s[i:])
	out = append(out, letter)
	return string(strconv.AppendInt(out, min(max(exponent, -extreme), extreme), 10))
}

// exponentOf reads what is left after the digits: nothing, or a letter, a sign and digits. It stops counting where no text
// could be long enough to make up for it.
func exponentOf(s string) int64 {
	if s == "" {
		return 0
	}
	negative, s := sign(s[1:])
	n := int64(0)
	for i := 0; i < len(s) && n < 1<<40; i++ {
		n = n*10 + int64(s[i]-'0')
	}
	if negative {
		return -n
	}
	return n
}
