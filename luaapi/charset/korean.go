package charset

import (
	"bytes"

	"golang.org/x/text/encoding/korean"
)

// korean7 is what the bytes of ISO-2022-KR are once their eighth bit says what the shifts say.
var korean7 = korean.EUCKR

// The shifts of ISO-2022-KR, and the announcement it begins with (RFC 1557).
const (
	shiftOut = 0x0e
	shiftIn  = 0x0f
	announce = "\x1b$)C"
)

// shiftedKorean turns ISO-2022-KR into EUC-KR. A line ends what was shifted.
func shiftedKorean(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte(announce), nil)
	out := make([]byte, 0, len(b))
	shifted := false
	for _, c := range b {
		switch {
		case c == shiftOut || c == shiftIn:
			shifted = c == shiftOut
		case c == '\n':
			shifted = false
			out = append(out, c)
		case shifted && c > ' ' && c < 0x7f:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return out
}

// unshiftedKorean turns EUC-KR into ISO-2022-KR.
func unshiftedKorean(b []byte) []byte {
	out := []byte(announce)
	shifted := false
	for _, c := range b {
		if c >= 0x80 && !shifted {
			out, shifted = append(out, shiftOut), true
		} else if c < 0x80 && shifted {
			out, shifted = append(out, shiftIn), false
		}
		out = append(out, c&0x7f)
	}
	if shifted {
		out = append(out, shiftIn)
	}
	return out
}
