package format

import (
	"errors"
	"strings"
)

const (
	numbers = "cdiouxXeEfgG"
	strs    = "sq"
	flags   = "-+ #0"
)

// Directive is one conversion of a format, "%-5.2f" say. The zero Directive is none.
type Directive struct {
	Verb      byte // the letter at its end, one of cdiouxXeEfgGsq
	Left      bool // "-": spaces go behind
	Plus      bool // "+": a sign even if not negative
	Space     bool // " ": a space in place of the plus
	Alternate bool // "#": 0x, a leading 0, or a point whatever comes
	Zero      bool // "0": zeros in place of spaces
	Width     int  // at least so many bytes, 0 to 99
	Precision int  // 0 to 99, or -1 if there is none
}

// Next splits layout after its first directive, or after the first "%%", which ends in a literal "%" and no directive. The
// literal is to be copied, then the directive carried out, then rest is what is left. The error is one that Lua reports as it
// stands; lua5.1 complains about a missing argument, "no value", before it looks at the directive, even at one in error.
func Next(layout string) (literal string, d Directive, rest string, err error) {
	at := strings.IndexByte(layout, '%')
	if at < 0 {
		return layout, Directive{}, "", nil
	}
	literal, rest = layout[:at], layout[at+1:]
	if strings.HasPrefix(rest, "%") {
		return layout[:at+1], Directive{}, rest[1:], nil
	}
	d, rest, err = parse(rest)
	return literal, d, rest, err
}

// TakesNumber reports whether the argument is a number, for AppendNumber. That of others is a string, for AppendString.
func (d Directive) TakesNumber() bool { return d.Verb != 0 && strings.IndexByte(numbers, d.Verb) >= 0 }

// parse reads a directive after its "%".
func parse(s string) (d Directive, rest string, err error) {
	n := 0
	for ; n < len(s) && strings.IndexByte(flags, s[n]) >= 0; n++ {
		if n == len(flags) {
			return Directive{}, "", errors.New("invalid format (repeated flags)")
		}
		d.set(s[n])
	}
	d.Width, s = twoDigits(s[n:])
	d.Precision = -1
	if strings.HasPrefix(s, ".") {
		d.Precision, s = twoDigits(s[1:])
	}
	switch {
	case s != "" && isDigit(s[0]):
		return Directive{}, "", errors.New("invalid format (width or precision too long)")
	case s == "" || s[0] == 0:
		return Directive{}, "", errors.New("invalid option '%' to 'format'")
	case strings.IndexByte(numbers+strs, s[0]) < 0:
		return Directive{}, "", errors.New("invalid option '%" + s[:1] + "' to 'format'")
	}
	d.Verb = s[0]
	return d, s[1:], nil
}

func (d *Directive) set(flag byte) {
	switch flag {
	case '-':
		d.Left = true
	case '+':
		d.Plus = true
	case ' ':
		d.Space = true
	case '#':
		d.Alternate = true
	case '0':
		d.Zero = true
	}
}

// twoDigits takes a number of at most two digits off s.
func twoDigits(s string) (n int, rest string) {
	for i := 0; i < 2 && s != "" && isDigit(s[0]); i++ {
		n = n*10 + int(s[0]-'0')
		s = s[1:]
	}
	return n, s
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// pad brings what dst has from start on to the width: spaces before or behind it, or zeros before digits, its first digit.
func (d Directive) pad(dst []byte, start, digits int) []byte {
	n := start + d.Width - len(dst)
	switch {
	case d.Left:
		return insert(dst, len(dst), n, ' ')
	case d.Zero:
		return insert(dst, digits, n, '0')
	}
	return insert(dst, start, n, ' ')
}

// insert puts n bytes c into dst, none if n is negative.
func insert(dst []byte, at, n int, c byte) []byte {
	if n <= 0 {
		return dst
	}
	end := len(dst)
	for range n {
		dst = append(dst, c)
	}
	copy(dst[at+n:], dst[at:end])
	for i := range n {
		dst[at+i] = c
	}
	return dst
}
