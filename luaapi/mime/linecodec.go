package mime

import "strings"

// lineDecoder decodes an encoding of lines between one that begins a file and one that ends it.
type lineDecoder struct {
	begins func(line string) (name string, ok bool)
	ends   func(line string) bool
	add    func(dst []byte, line string) []byte // the bytes of a line

	inside bool
	done   bool
}

func (d *lineDecoder) decode(dst []byte, s string, final bool) ([]byte, int) {
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
			_, d.inside = d.begins(text)
		case d.ends(text):
			d.done = true
		default:
			dst = d.add(dst, text)
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
