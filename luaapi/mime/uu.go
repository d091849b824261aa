package mime

import "strings"

// uuDecoder decodes uuencode: the lines between one that begins with "begin" and one that is "end".
type uuDecoder struct {
	inside bool
	done   bool
}

func (d *uuDecoder) decode(dst []byte, s string, final bool) ([]byte, int) {
	used := 0
	for used < len(s) {
		text, n, ok := cutLine(s[used:], final)
		if !ok {
			break
		}
		used += n
		switch {
		case d.done:
		case !d.inside:
			_, d.inside = uuBegin(text)
		case strings.TrimRight(text, " \t") == "end":
			d.done = true
		default:
			dst = appendUU(dst, text)
		}
	}
	return dst, used
}

// cutLine returns the first line of s without its line end, and its length with it. It is not ok if the line may go on.
func cutLine(s string, final bool) (text string, n int, ok bool) {
	end := strings.IndexByte(s, '\n')
	if end < 0 {
		return strings.TrimSuffix(s, "\r"), len(s), final
	}
	return strings.TrimSuffix(s[:end], "\r"), end + 1, true
}

// uuBegin returns the file name in a line such as: begin 644 file.txt
func uuBegin(line string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(line, "begin ")
	if !ok {
		return "", false
	}
	mode, name, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if !ok || len(mode) < 3 || len(mode) > 5 || strings.Trim(mode, "01234567") != "" {
		return "", false
	}
	return strings.TrimSpace(name), true
}

// isUU reports whether a line can be one of uuencode: its first character says how many bytes are in it.
func isUU(line string) bool {
	line = strings.TrimRight(line, " \t")
	if line == "" || line[0] < ' ' || line[0] > '`' {
		return line == ""
	}
	groups := (int(line[0]-' ')&63 + 2) / 3
	// Senders leave out blanks at the end, or add a character.
	return len(line) <= 1+4*groups+2 && strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '`' }) < 0
}

// appendUU appends the bytes that a line has. Missing characters are blanks.
func appendUU(dst []byte, line string) []byte {
	if line == "" || line[0] < ' ' || line[0] > '`' {
		return dst
	}
	n := int(line[0]-' ') & 63
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 63
		}
		return 0
	}
	for i := 1; n > 0; i, n = i+4, n-3 {
		a, b, c, d := at(i), at(i+1), at(i+2), at(i+3)
		group := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
		dst = append(dst, group[:min(n, 3)]...)
	}
	return dst
}
