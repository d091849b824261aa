package edit

import "strings"

// isPortable reports whether all readers know the characters of what was written in a charset. Those of East Asia have grown over the years under
// one name, and package charset writes all that browsers read; programs that go by the standards don't.
func (t *text) isPortable(s string) bool {
	in := t.standard()
	if in == nil || isASCII(s) && t.kind != "iso-2022-jp" {
		return true
	}
	double := false // in ISO-2022-JP
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\x1b' && i+2 < len(s):
			double = s[i+1] == '$'
			i += 2
			continue
		case s[i] < 0x80 && !double:
			continue
		case s[i] >= 0xa1 && s[i] <= 0xdf && t.kind == "shift_jis": // JIS X 0201
			continue
		}
		if i+1 >= len(s) || !in(s[i], s[i+1]) {
			return false
		}
		i++
	}
	return true
}

// standard returns which characters of two bytes are in the standard that a charset is named after, nil if there is nothing to say about them.
func (t *text) standard() func(a, b byte) bool {
	switch {
	case t.kind == "big5":
		return func(a, b byte) bool {
			return a >= 0xa1 && a <= 0xc5 && (a != 0xa3 || b <= 0xbf) || a >= 0xc9 && a <= 0xf8
		}
	case t.kind == "gbk" && strings.Contains(t.name, "2312"):
		return func(a, b byte) bool { return a >= 0xa1 && a <= 0xf7 && a != 0xa2 && b >= 0xa1 }
	case t.kind == "gbk":
		return func(a, _ byte) bool { return a >= 0x81 && a != 0xa2 }
	case t.kind == "euc-kr":
		return func(a, b byte) bool { return a >= 0xa1 && a <= 0xfd && a != 0xa2 && b >= 0xa1 }
	case t.kind == "shift_jis":
		return func(a, _ byte) bool { return a >= 0x81 && a <= 0x84 || a >= 0x88 && a <= 0xea }
	case t.kind == "euc-jp":
		return func(a, b byte) bool { return a >= 0xa1 && a <= 0xf4 && (a < 0xa9 || a > 0xaf) && b >= 0xa1 }
	case t.kind == "iso-2022-jp":
		return func(a, _ byte) bool { return a >= 0x21 && a <= 0x74 && (a < 0x29 || a > 0x2f) }
	}
	return nil
}
