package number

import "math"

// ParseBase returns the integer that s is in a base, as tonumber(s, base) does: digits and letters of either case, white space
// around them, a sign, and 0x before those of base 16. It is an integer of 64 bits without a sign: one too large is 2^64-1, and
// minus one counts down from 2^64, so that "-1" is 2^64-1. Base 10 is Parse. It reports false if s is anything else, or if the
// base is not 2 to 36, for which Lua has an error of its own: "base out of range".
func ParseBase(s string, base int) (float64, bool) {
	if base == 10 {
		return Parse(s)
	}
	if base < 2 || base > 36 {
		return 0, false
	}
	negative, s := sign(trimLeft(trimRight(s)))
	if base == 16 && len(s) > 1 && s[0] == '0' && lower(s[1]) == 'x' {
		s = s[2:]
	}
	if s == "" {
		return 0, false
	}
	var n uint64
	over := false
	for i := 0; i < len(s); i++ {
		d := uint64(digit(s[i]))
		if d >= uint64(base) {
			return 0, false
		}
		over = over || n > (math.MaxUint64-d)/uint64(base)
		n = n*uint64(base) + d
	}
	switch {
	case over:
		n = math.MaxUint64 // strtoul: ERANGE, whatever the sign
	case negative:
		n = -n
	}
	return float64(n), true
}
