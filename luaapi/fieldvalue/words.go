package fieldvalue

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"luamilter/luaapi/charset"
)

// Flaws say why a text is a guess. None is 0.
type Flaws uint8

// What can be wrong with what stands for a text.
const (
	BadWord    Flaws = 1 << iota // an encoded-word is cut off, of no known encoding, or has in it what means nothing
	BadBytes                     // a charset is not known, or bytes mean nothing in it: they became U+FFFD
	RawBytes                     // bytes stand there as they are, and are not UTF-8
	NoCharset                    // a text in the form of RFC 2231 does not say its charset
	BadPercent                   // in that form, a percent sign is not followed by two digits; it stays
	Gap                          // its sections do not count from 0 in steps of 1
)

// Text returns the value of a header field as people read it: on one line, in UTF-8, with the encoded-words of RFC 2047 decoded. It
// reports false where that is a guess: where Words has flaws, or line breaks or NULs were hidden, which become blanks and U+FFFD.
func Text(value string) (text string, ok bool) {
	text, flaws := Words(Unfold(value))
	text, clean := oneLine(text)
	return text, clean && flaws == 0
}

// Words returns a text in UTF-8, with the encoded-words of RFC 2047 decoded, and otherwise as it is: control characters stay.
//
// It is as lenient as mail readers are. Encoded-words count wherever they are, also inside a word or in quotes, with blanks in them, and
// of any length; without a charset switch between them, a character may begin in one and end in the next. One that cannot be read stays.
func Words(s string) (text string, flaws Flaws) {
	if utf8.ValidString(s) && !strings.Contains(s, "=?") {
		return s, 0
	}
	d := wordDecoder{in: s, end: -1}
	for d.at < len(d.in) {
		start := strings.Index(d.in[d.at:], "=?")
		if start < 0 {
			break
		}
		start += d.at
		w, size := d.wordAt(start)
		if size == 0 {
			d.literal(start + len("=?"))
			continue
		}
		d.word(start, w)
		d.at = start + size
	}
	d.literal(len(d.in))
	d.flush()
	return d.out.String(), d.flaws
}

// Unfold returns a field value on one line (RFC 5322 section 2.2.3).
func Unfold(value string) string {
	if strings.IndexByte(value, '\n') < 0 {
		return value
	}
	return strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", ""), "\n", "")
}

// oneLine takes away what must not be in a line, and reports whether there was nothing.
func oneLine(s string) (string, bool) {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, 0) < 0 {
		return s, true
	}
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\x00", string(utf8.RuneError)).Replace(s), false
}

// rawWord is an encoded-word as it stands in a header.
type rawWord struct {
	charset string // canonical
	base64  bool
	text    string
}

// maxCharset is more than any name of a charset, with a language behind it, has.
const maxCharset = 100

// wordStart takes apart what is before the text of an encoded-word, "=?charset*language?q?". It returns no size if s does not begin so.
func wordStart(s string) (w rawWord, size int) {
	s = s[:min(len(s), maxCharset)]
	name := strings.IndexByte(s[2:], '?') + 2
	if name <= 2 || len(s) < name+3 || s[name+2] != '?' || strings.ContainsAny(s[2:name], " \t\"(),:;<>@[]") {
		return rawWord{}, 0
	}
	switch s[name+1] {
	case 'b', 'B':
		w.base64 = true
	case 'q', 'Q':
	default:
		return rawWord{}, 0
	}
	label, _, _ := strings.Cut(s[2:name], "*") // RFC 2231 section 5
	w.charset = charset.Canonical(label)
	return w, name + 3
}

// wordDecoder is a value being decoded. It reads each byte a bounded number of times.
type wordDecoder struct {
	in    string
	at    int // what is before it is done
	end   int // where the next "?=" is, len(in) if there is none; -1 before anybody looked
	out   strings.Builder
	flaws Flaws
	have  bool   // the last thing was an encoded-word, whose bytes wait in run for those of a next one
	last  string // its charset
	run   []byte
	half  string // base64 of it that is no whole group
}

// nextEnd returns where the next "?=" at or behind from is, len(in) if there is none. From never goes back.
func (d *wordDecoder) nextEnd(from int) int {
	if d.end < from {
		d.end = len(d.in)
		if i := strings.Index(d.in[min(from, len(d.in)):], "?="); i >= 0 {
			d.end = from + i
		}
	}
	return d.end
}

// wordAt returns the encoded-word that begins there, and its size: 0 if there is none, or if another begins before it ends.
func (d *wordDecoder) wordAt(start int) (w rawWord, size int) {
	w, head := wordStart(d.in[start:])
	if head == 0 {
		if looksEncoded(d.in[start:]) {
			d.flaws |= BadWord
		}
		return w, 0
	}
	from := start + head
	end := d.nextEnd(from)
	if end == len(d.in) {
		d.flaws |= BadWord
		return w, 0
	}
	w.text = d.in[from:end]
	for i := 0; ; i += len("=?") {
		next := strings.Index(w.text[i:], "=?")
		if next < 0 {
			return w, end + len("?=") - start
		}
		i += next
		if _, another := wordStart(d.in[from+i:]); another > 0 {
			d.flaws |= BadWord
			return w, 0
		}
	}
}

// looksEncoded tells an encoded-word of an unknown encoding from other text.
func looksEncoded(s string) bool {
	s, _, _ = strings.Cut(s[2:min(len(s), maxCharset)], "?=")
	parts := strings.SplitN(s, "?", 3)
	return len(parts) == 3 && charset.Known(parts[0]) && parts[0] != "" && !strings.ContainsAny(parts[0]+parts[1], " \t")
}

// literal writes what is before to, unless it is nothing but blanks after an encoded-word, which count only if no other follows.
func (d *wordDecoder) literal(to int) {
	text := d.in[d.at:to]
	if text == "" {
		return
	}
	d.flush()
	if !utf8.ValidString(text) {
		text, _ = charset.Decode("unknown-8bit", []byte(text))
		d.flaws |= RawBytes
	}
	d.out.WriteString(text)
	d.at = to
}

// word takes up an encoded-word.
func (d *wordDecoder) word(start int, w rawWord) {
	joined := d.have && strings.Trim(d.in[d.at:start], " \t") == ""
	if !joined {
		d.literal(start)
	}
	if d.have && d.last != w.charset {
		d.flush()
	}
	d.have, d.last = true, w.charset
	if !w.base64 {
		d.endBase64()
		d.q(w.text)
		return
	}
	if d.half != "" && (len(d.half)+len(strings.TrimRight(w.text, " ")))%4 != 0 {
		d.endBase64()
	}
	d.base64(w.text)
}

// flush writes the bytes of encoded-words that belong together.
func (d *wordDecoder) flush() {
	if !d.have {
		return
	}
	d.endBase64()
	text, ok := charset.Decode(d.last, d.run)
	d.out.WriteString(text)
	if !ok {
		d.flaws |= BadBytes
	}
	d.have, d.run = false, d.run[:0]
}

// q decodes the Q encoding (RFC 2047 section 4.2).
func (d *wordDecoder) q(text string) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '_':
			d.run = append(d.run, ' ')
		case '=':
			b, ok := hexByte(text[i+1:])
			if !ok {
				d.run = append(d.run, c)
				d.flaws |= BadWord
				continue
			}
			d.run = append(d.run, b)
			i += 2
		default:
			d.run = append(d.run, c)
		}
	}
}

// hexByte returns the byte that two digits at the beginning of s stand for.
func hexByte(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, lo := hexDigit(s[0]), hexDigit(s[1])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// base64 decodes whole groups of four and keeps the rest: some senders cut base64 anywhere and go on in the next word. Padding ends a
// group and not the text, as in the content of parts.
func (d *wordDecoder) base64(text string) {
	digits := []byte(d.half)
	padded := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '=':
			padded = true
		case c == ' ' || c == '\t':
		case !isBase64(c):
			d.flaws |= BadWord
		default:
			if padded {
				d.groups(digits)
				d.endBase64()
				d.flaws |= BadWord
				digits, padded = digits[:0], false
			}
			digits = append(digits, c)
		}
	}
	d.groups(digits)
	if padded {
		d.endBase64()
	}
}

// groups decodes groups of four digits. Up to three digits are left over.
func (d *wordDecoder) groups(digits []byte) {
	whole := len(digits) / 4 * 4
	d.run, _ = base64.StdEncoding.AppendDecode(d.run, digits[:whole]) // they are all digits
	d.half = string(digits[whole:])
}

// endBase64 decodes the last digits, with or without padding. A single one means nothing.
func (d *wordDecoder) endBase64() {
	if len(d.half) == 1 {
		d.flaws |= BadWord
	} else {
		d.run, _ = base64.RawStdEncoding.AppendDecode(d.run, []byte(d.half))
	}
	d.half = ""
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
