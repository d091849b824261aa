package mime

import "strings"

// base64Decoder decodes RFC 2045 section 6.8. What is not in its alphabet is left out. Padding ends a group, not the content: what follows is
// decoded too, since some readers show it.
type base64Decoder struct {
	bits uint32
	n    int // characters in bits
	pads int
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

const noValue = 0xff

var base64Values = func() (values [256]byte) {
	for i := range values {
		values[i] = noValue
		if v := strings.IndexByte(base64Alphabet, byte(i)); v >= 0 {
			values[i] = byte(v)
		}
	}
	return values
}()

func (d *base64Decoder) decode(dst []byte, s string, final bool) ([]byte, int) {
	for i := 0; i < len(s); i++ {
		v := base64Values[s[i]]
		switch {
		case v != noValue:
			d.bits, d.n, d.pads = d.bits<<6|uint32(v), d.n+1, 0
			if d.n == 4 {
				dst = append(dst, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
				d.bits, d.n = 0, 0
			}
		case s[i] == '=' && d.n >= 2:
			if d.pads++; d.n+d.pads >= 4 {
				dst = d.flush(dst)
			}
		}
	}
	if final {
		dst = d.flush(dst)
	}
	return dst, len(s)
}

// flush appends what a group has that is not full.
func (d *base64Decoder) flush(dst []byte) []byte {
	switch d.n {
	case 2:
		dst = append(dst, byte(d.bits>>4))
	case 3:
		dst = append(dst, byte(d.bits>>10), byte(d.bits>>2))
	}
	*d = base64Decoder{}
	return dst
}
