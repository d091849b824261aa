package mime

import "strings"

// newUUDecoder decodes uuencode: the lines between one that begins with "begin" and one that is "end".
func newUUDecoder() decoder { return &lineDecoder{begins: uuBegin, ends: isUUEnd, add: appendUU} }

func isUUEnd(line string) bool { return strings.TrimRight(line, " \t") == "end" }

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
