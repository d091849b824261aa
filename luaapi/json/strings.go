package json

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string. It shares the memory of the text unless there are escapes in it.
func (d *decoder) string() (string, error) {
	d.at++
	start := d.at
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			return d.text[start : d.at-1], nil
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", d.wrong("control characters in a string are written as \\n or \\u000a")
		}
		d.at++
	}
	return "", d.wrong("a double quote was expected")
}

// escaped reads the rest of a string that began at start, from its first backslash on.
func (d *decoder) escaped(start int) (string, error) {
	var out strings.Builder
	for {
		out.WriteString(d.text[start:d.at])
		switch d.peek() {
		case '"':
			d.at++
			return out.String(), nil
		case '\\':
			d.at++
			if err := d.escape(&out); err != nil {
				return "", err
			}
		default:
			return "", d.wrong("a double quote was expected")
		}
		for start = d.at; d.at < len(d.text) && d.text[d.at] >= ' ' && d.text[d.at] != '"' && d.text[d.at] != '\\'; {
			d.at++
		}
	}
}

// What stands for what behind a backslash.
const (
	escapeNames  = `"\/bfnrt`
	escapeValues = "\"\\/\b\f\n\r\t"
)

// escape reads what follows a backslash.
func (d *decoder) escape(out *strings.Builder) error {
	c := d.peek()
	if i := strings.IndexByte(escapeNames, c); i >= 0 && c != 0 {
		out.WriteByte(escapeValues[i])
		d.at++
		return nil
	}
	if c != 'u' {
		return d.wrong("one of \" \\ / b f n r t u was expected behind a backslash")
	}
	d.at++
	r, ok := d.hex()
	if !ok {
		return d.wrong("four hexadecimal digits were expected")
	}
	if utf16.IsSurrogate(r) {
		r = d.pair(r)
	}
	out.WriteRune(r)
	return nil
}

// pair completes a surrogate pair. What is half a pair becomes U+FFFD.
func (d *decoder) pair(first rune) rune {
	if !strings.HasPrefix(d.text[d.at:], `\u`) {
		return utf8.RuneError
	}
	before := d.at
	d.at += len(`\u`)
	second, ok := d.hex()
	r := utf16.DecodeRune(first, second)
	if !ok || r == utf8.RuneError {
		d.at = before
		return utf8.RuneError
	}
	return r
}

// hex reads four digits.
func (d *decoder) hex() (rune, bool) {
	if len(d.text)-d.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(d.text[d.at:d.at+4], 16, 16)
	if err != nil {
		return 0, false
	}
	d.at += 4
	return rune(n), true
}
