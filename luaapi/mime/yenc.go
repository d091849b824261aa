package mime

import "strings"

// yencDecoder decodes yEnc: the lines between =ybegin and =yend.
type yencDecoder struct {
	inside bool
	done   bool
}

func (d *yencDecoder) decode(dst []byte, s string, final bool) ([]byte, int) {
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
			_, d.inside = yencBegin(text)
		case strings.HasPrefix(text, "=ypart "):
		case strings.HasPrefix(text, "=yend"):
			d.done = true
		default:
			dst = appendYenc(dst, text)
		}
	}
	return dst, used
}

// yencBegin returns the file name in a line such as: =ybegin line=128 size=5 name=file.txt
func yencBegin(line string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(line, "=ybegin ")
	if !ok || !strings.Contains(rest, "size=") {
		return "", false
	}
	_, name, ok = strings.Cut(rest, "name=")
	return strings.TrimSpace(name), ok
}

func appendYenc(dst []byte, line string) []byte {
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
