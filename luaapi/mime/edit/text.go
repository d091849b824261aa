package edit

import (
	"strings"
	"unicode/utf8"

	"luamilter/luaapi/charset"
	"luamilter/luaapi/mime"
)

// text is the content of a part without its transfer encoding: bytes in a charset.
type text struct {
	bytes string
	name  string // of the charset, as the part has it
	kind  string // that, as package charset calls it
	// seen is bytes as they can be searched for ASCII: what only looks like it, because shifts are before it, is masked. Of UTF-16 and UTF-32
	// it is the text in UTF-8.
	seen string
	wide string // UTF-16 or UTF-32 with its byte order, "" for others
	bom  int    // bytes before what is seen
}

// newText takes the transfer encoding away.
func newText(p *mime.Part) (text, Reason) {
	t := text{bytes: p.Decoded(), name: p.Charset, kind: charset.Canonical(p.Charset)}
	t.seen = t.bytes
	switch {
	case t.kind == "utf-7":
		return t, UTF7
	case strings.HasPrefix(t.kind, "utf-16"), strings.HasPrefix(t.kind, "utf-32"):
		return t, t.widen()
	case isShifted(t.kind):
		t.seen, _ = shifts(t.kind, t.bytes)
	}
	return t, ""
}

var byteOrderMarks = []struct{ kind, bytes, order string }{
	{"utf-16", "\xfe\xff", "be"}, {"utf-16", "\xff\xfe", "le"},
	{"utf-32", "\x00\x00\xfe\xff", "be"}, {"utf-32", "\xff\xfe\x00\x00", "le"},
}

// widen reads UTF-16 and UTF-32.
func (t *text) widen() Reason {
	t.wide = t.kind
	order := "be" // RFC 2781 section 4.3, if nothing says otherwise
	for _, mark := range byteOrderMarks {
		if strings.HasPrefix(t.kind, mark.kind) && strings.HasPrefix(t.bytes, mark.bytes) {
			order, t.bom = mark.order, len(mark.bytes)
		}
	}
	if len(t.kind) == len("utf-16") {
		t.wide += order
	} else {
		t.bom = 0
	}
	var ok bool
	t.seen, ok = charset.Decode(t.wide, []byte(t.bytes[t.bom:]))
	if !ok || t.at(len(t.seen)) != len(t.bytes) {
		return BadCharset
	}
	return ""
}

// at returns where in bytes a place in seen is.
func (t *text) at(i int) int {
	if t.wide == "" {
		return i
	}
	before, _ := charset.Encode(t.wide, t.seen[:i])
	return t.bom + len(before)
}

// start returns where in seen the text begins: behind a byte order mark.
func (t *text) start() int {
	if t.wide != "" || t.kind == "utf-8" {
		return len(t.seen) - len(strings.TrimPrefix(t.seen, "\ufeff"))
	}
	return 0
}

// encode returns UTF-8 in the charset, for a place where no shift is. It reports false if there is no way to write it.
func (t *text) encode(s string) (string, bool) {
	switch {
	case t.wide != "":
		b, ok := charset.Encode(t.wide, s)
		return string(b), ok
	case t.kind == "iso-2022-kr" || t.kind == "hz-gb-2312": // what goes before non-ASCII depends on what was before
		return strings.ReplaceAll(s, "~", t.tilde()), isASCII(s)
	case !charset.Known(t.name):
		return s, isASCII(s)
	}
	b, ok := charset.Encode(t.name, s)
	return string(b), ok && t.isPortable(string(b))
}

// tilde returns how that character is written (RFC 1843).
func (t *text) tilde() string {
	if t.kind == "hz-gb-2312" {
		return "~~"
	}
	return "~"
}

// encodeAt returns UTF-8 in the charset, for a place in seen, with what shifts need before and behind it.
func (t *text) encodeAt(i int, s string) string {
	b, _ := t.encode(s)
	if !isShifted(t.kind) {
		return b
	}
	_, shift := shifts(t.kind, t.bytes[:i])
	return shift.out + b + shift.in
}

// recoded returns the text in UTF-8. It reports false if it cannot be read for certain.
func (t *text) recoded() (text, bool) {
	s, ok := charset.Decode(t.name, []byte(t.bytes))
	if t.kind == "us-ascii" && utf8.ValidString(t.bytes) {
		s, ok = t.bytes, true
	}
	return text{bytes: s, name: "utf-8", kind: "utf-8", seen: s}, ok && charset.Known(t.name)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
