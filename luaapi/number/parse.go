package number

import "strconv"

// Parse returns the number that s is: decimal ("12", " -.5 ", "5.", "1e3") or hexadecimal ("0x1F", "-0x.8p1"), with white space
// around it. One too large is infinite, one too small is zero. It reports false if s is anything else.
func Parse(s string) (float64, bool) {
	s = trimLeft(trimRight(s))
	if f, ok := parseShort(s); ok {
		return f, true
	}
	kind := shapeOf(s)
	switch {
	case kind == nothing:
		return 0, false
	case len(s) > long:
		s = shorten(s, kind)
	case kind == hexadecimal:
		if f, ok := parseShortHex(s); ok {
			return f, true
		}
		s += "p0" // strconv wants an exponent
	}
	f, _ := strconv.ParseFloat(s, 64) // the one error left is the range, and f is infinite then
	return f, true
}

// parseShort reads what most numbers are: a sign and up to 15 digits, exact in a float64.
func parseShort(s string) (float64, bool) {
	negative, s := sign(s)
	if len(s) == 0 || len(s) > 15 {
		return 0, false
	}
	var n int64
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	if negative {
		return -float64(n), true // -0 too
	}
	return float64(n), true
}

// parseShortHex reads a sign, 0x and up to 16 hexadecimal digits.
func parseShortHex(s string) (float64, bool) {
	negative, s := sign(s)
	s = s[len("0x"):]
	if len(s) > 16 {
		return 0, false
	}
	var n uint64
	for i := 0; i < len(s); i++ {
		d := digit(s[i])
		if d >= 16 {
			return 0, false // a point
		}
		n = n<<4 | uint64(d)
	}
	if negative {
		return -float64(n), true
	}
	return float64(n), true
}

type shape int

const (
	nothing     shape = iota
	decimal           // 12.5e3
	hexadecimal       // 0x1F.8
	hexExponent       // 0x1F.8p3
)

// shapeOf tells what strtod would take s for, if it would take all of it.
func shapeOf(s string) shape {
	_, s = sign(s)
	kind, base, exponent := decimal, byte(10), byte('e')
	if len(s) > 1 && s[0] == '0' && lower(s[1]) == 'x' {
		kind, base, exponent = hexadecimal, 16, 'p'
		s = s[2:]
	}
	whole := run(s, base)
	s = s[whole:]
	fraction := 0
	if s != "" && s[0] == '.' {
		fraction = run(s[1:], base)
		s = s[1+fraction:]
	}
	if whole+fraction == 0 {
		return nothing
	}
	if s == "" {
		return kind
	}
	if lower(s[0]) != exponent {
		return nothing
	}
	_, s = sign(s[1:])
	if s == "" || run(s, 10) < len(s) {
		return nothing
	}
	if kind == hexadecimal {
		return hexExponent
	}
	return kind
}

// sign takes one sign off s.
func sign(s string) (negative bool, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[0] == '-', s[1:]
	}
	return false, s
}

// run returns how many digits of a base s begins with.
func run(s string, base byte) int {
	i := 0
	for i < len(s) && digit(s[i]) < base {
		i++
	}
	return i
}

// digit returns what c is worth as a digit, 10 to 35 for a letter, 255 for none.
func digit(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= lower(c) && lower(c) <= 'z':
		return lower(c) - 'a' + 10
	}
	return 255
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// lower returns an ASCII letter in lower case. Of what is no letter it makes none.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// isSpace is isspace in the C locale.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func trimLeft(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func trimRight(s string) string {
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
