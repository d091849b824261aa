package fieldvalue

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"luamilter/luaapi/charset"
)

// Form is how a parameter is written. A parameter may be there in several forms at once; readers prefer the first.
type Form uint8

// The forms, of a parameter called name.
const (
	Whole    Form = iota // name*=charset'language'text (RFC 2231 section 4)
	Sections             // name*0, name*1 and so on, each with or without an asterisk (RFC 2231 section 3)
	Plain                // name
)

// Reading is what a parameter says in one of its forms.
type Reading struct {
	Form  Form
	Text  string // decoded, in UTF-8; it may have control characters in it
	Rest  string // of sections: what stands behind a gap in their numbers, or has a number a second time
	Flaws Flaws
}

// Readings returns what a parameter says, in the order in which readers prefer it: by form, and of one form as they stand there. The
// name is in small letters and without asterisks.
func Readings(params []Param, name string) []Reading {
	var pieces []piece
	for _, p := range params {
		if !strings.HasPrefix(p.Name, name) {
			continue
		}
		if c, _ := pieceOf(p); c.name == name {
			pieces = append(pieces, c)
		}
	}
	return readings(pieces)
}

// piece is a parameter as it stands there: all of one, or a section of it.
type piece struct {
	name    string
	form    Form
	section int  // of Sections
	escaped bool // with percent signs; the first section then begins with charset and language
	value   string
}

// pieceOf reads the asterisks and the number behind a name. It reports false if there is something else between them.
func pieceOf(p Param) (piece, bool) {
	plain := piece{p.Name, Plain, 0, false, p.Value}
	base, star := strings.CutSuffix(p.Name, "*")
	if at := strings.LastIndexByte(base, '*'); at > 0 {
		n, ok := sectionNumber(base[at+1:])
		if !ok {
			return plain, false
		}
		return piece{strings.TrimRight(base[:at], blanks), Sections, n, star, p.Value}, true
	}
	if star && base != "" {
		return piece{strings.TrimRight(base, blanks), Whole, 0, true, p.Value}, true
	}
	return plain, true
}

// maxSections bounds the numbers of RFC 2231.
const maxSections = 99999

func sectionNumber(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if n = n*10 + int(s[i]-'0'); n > maxSections {
			return 0, false
		}
	}
	return n, s != ""
}

// readings returns what the pieces of one name say.
func readings(pieces []piece) []Reading {
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Or(cmp.Compare(a.form, b.form), cmp.Compare(a.section, b.section)) })
	out := make([]Reading, 0, len(pieces))
	for len(pieces) > 0 {
		n := 1
		switch pieces[0].form {
		case Plain:
			text, flaws := Words(pieces[0].value)
			out = append(out, Reading{Plain, text, "", flaws})
		case Sections:
			for n < len(pieces) && pieces[n].form == Sections {
				n++
			}
			fallthrough
		case Whole:
			out = append(out, joined(pieces[:n]))
		}
		pieces = pieces[n:]
	}
	return out
}

// joined puts sections together, which are sorted, and decodes them. A charset that the first one names is that of all.
func joined(sections []piece) Reading {
	out := Reading{Form: sections[0].form}
	var label string
	var text, rest []byte
	next := 0
	for i, c := range sections {
		if i == 0 && c.escaped {
			label, c.value, out.Flaws = charsetOf(c.value)
		}
		to := &text
		if c.section != next {
			to, out.Flaws = &rest, out.Flaws|Gap
		} else {
			next++
		}
		if !c.escaped {
			*to = append(*to, c.value...)
			continue
		}
		var flaws Flaws
		*to, flaws = appendPercent(*to, c.value)
		out.Flaws |= flaws
	}
	read := func(b []byte) string {
		text, flaws := Words(string(b)) // some senders cut encoded-words into sections
		if sections[0].escaped {
			text, flaws = decode(label, b)
		}
		out.Flaws |= flaws
		return text
	}
	out.Text, out.Rest = read(text), read(rest)
	return out
}

// charsetOf takes charset'language' off a value.
func charsetOf(value string) (label, rest string, flaws Flaws) {
	parts := strings.SplitN(value, "'", 3)
	if len(parts) < 3 {
		return "", value, NoCharset
	}
	return parts[0], parts[2], 0
}

// decode turns bytes into text. Without a charset that is a guess only if there is anything to guess.
func decode(label string, b []byte) (text string, flaws Flaws) {
	text, ok := charset.Decode(label, b)
	switch {
	case ok:
		return text, 0
	case label == "" && utf8.Valid(b):
		return text, NoCharset
	case label == "":
		return text, NoCharset | BadBytes
	}
	return text, BadBytes
}

// appendPercent decodes percent signs with two digits; others stay.
func appendPercent(dst []byte, value string) (_ []byte, flaws Flaws) {
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			dst = append(dst, value[i])
			continue
		}
		b, ok := hexByte(value[i+1:])
		if !ok {
			dst, flaws = append(dst, '%'), BadPercent
			continue
		}
		dst = append(dst, b)
		i += 2
	}
	return dst, flaws
}
