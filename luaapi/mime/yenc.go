package mime

import "strings"

// newYencDecoder decodes yEnc: the lines between =ybegin and =yend.
func newYencDecoder() decoder {
	return &lineDecoder{begins: yencBegin, ends: isYencEnd, add: appendYenc}
}

func isYencEnd(line string) bool { return strings.HasPrefix(line, "=yend") }

// yencBegin returns the file name in a line such as: =ybegin line=128 size=5 name=file.txt
func yencBegin(line string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(line, "=ybegin ")
	if !ok || !strings.Contains(rest, "size=") {
		return "", false
	}
	_, name, ok = strings.Cut(rest, "name=")
	return strings.TrimSpace(name), ok
}

// appendYenc appends the bytes that a line has; one that says which part of the file follows has none.
func appendYenc(dst []byte, line string) []byte {
	if strings.HasPrefix(line, "=ypart ") {
		return dst
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == '=' && i+1 < len(line) {
			i++
			c = line[i] - 64
		}
		dst = append(dst, c-42)
	}
	return dst
}
