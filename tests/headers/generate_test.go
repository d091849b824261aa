package headers

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/charset"
)

// maker makes values that the RFCs allow.
type maker struct{ *rand.Rand }

func one[T any](m maker, list ...T) T { return list[m.IntN(len(list))] }

// alphabets are what is written in which charsets.
var alphabets = []struct{ charsets, letters string }{
	{"us-ascii utf-8 iso-8859-1 windows-1252", "abcXYZ019 _=?,.-"},
	{"utf-8 iso-8859-1 iso-8859-15 windows-1252 UTF-8", "äöüßÄéèñ aeiou?=_"},
	{"utf-8 iso-8859-2 windows-1250", "ąćęłńóśźż abc"},
	{"utf-8 koi8-r windows-1251 iso-8859-5", "Приветмр абв"},
	{"utf-8 iso-8859-7", "αβγδεζ abc"},
	{"utf-8 iso-2022-jp euc-jp shift_jis", "日本語件名テストひらがな abc"},
	{"utf-8 gb2312 gbk gb18030", "中国邮件测试 abc"},
	{"utf-8 big5", "中文測試郵件 abc"},
	{"utf-8 euc-kr", "한글메일제목 abc"},
}

// written makes a text and returns it with a charset that has it, and its bytes there.
func (m maker) written(t *testing.T, most int) (text, label string, b []byte) {
	t.Helper()
	a := one(m, alphabets...)
	label = one(m, strings.Fields(a.charsets)...)
	letters := []rune(a.letters)
	for range 1 + m.IntN(most) {
		text += string(one(m, letters...))
	}
	b, ok := charset.Encode(label, text)
	if !ok {
		t.Fatalf("%q cannot be written in %s", text, label)
	}
	return text, label, b
}

// encodedWord makes an encoded-word (RFC 2047 section 2).
func (m maker) encodedWord(t *testing.T) string {
	t.Helper()
	_, label, b := m.written(t, 8)
	if m.IntN(2) == 0 {
		return "=?" + label + "?" + one(m, "b", "B") + "?" + base64.StdEncoding.EncodeToString(b) + "?="
	}
	word := "=?" + label + "?" + one(m, "q", "Q") + "?"
	for _, c := range b {
		switch {
		case c == ' ' && m.IntN(2) == 0:
			word += "_"
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			word += string(rune(c))
		default:
			word += fmt.Sprintf(one(m, "=%02X", "=%02x"), c)
		}
	}
	return word + "?="
}

// text makes unstructured text with encoded-words in it, on several lines.
func (m maker) text(t *testing.T) string {
	t.Helper()
	var words []string
	for range 1 + m.IntN(6) {
		if m.IntN(3) > 0 {
			words = append(words, m.encodedWord(t))
		} else {
			words = append(words, one(m, "hello", "a", "1+1=2", "what?", `"quoted"`, "(x)", "=", "[list]", "Re:"))
		}
	}
	text := words[0]
	for _, w := range words[1:] {
		text += one(m, " ", "\n ", "\n\t") + w
	}
	return text
}

// params makes a value with parameters: plain, quoted, and in all forms of RFC 2231.
func (m maker) params(t *testing.T) string {
	t.Helper()
	value := one(m, "attachment", "inline", "Attachment")
	for _, i := range m.Perm(5)[:1+m.IntN(4)] {
		name := []string{"filename", "size", "Name", "x_a", "b"}[i] // Python finds RFC 2231 only in names of letters
		value += ";" + one(m, " ", "", "\n ") + m.param(t, name)
	}
	return value
}

func (m maker) param(t *testing.T, name string) string {
	t.Helper()
	switch m.IntN(5) {
	case 0:
		return name + "=" + one(m, "token", "a.txt", "123", "x-y_z")
	case 1:
		return name + `="` + one(m, "", "with blank", `q\"uote`, `back\\slash`, "semi; colon", "(no comment)", "it's") + `"`
	case 2:
		_, label, b := m.written(t, 8)
		return name + "*=" + label + "'" + one(m, "", "en", "de") + "'" + percent(b)
	case 3:
		var out []string
		for i := range 1 + m.IntN(12) {
			out = append(out, fmt.Sprintf(`%s*%d="%s"`, name, i, one(m, "abc", "d e", "x")))
		}
		return strings.Join(out, ";"+one(m, "", " ", "\n\t"))
	}
	_, label, b := m.written(t, 12)
	var out []string
	for i := 0; i == 0 || len(b) > 0; i++ {
		n := min(len(b), 1+m.IntN(4))
		section := percent(b[:n])
		if i == 0 {
			section = label + "''" + section
		}
		out = append(out, fmt.Sprintf("%s*%d*=%s", name, i, section))
		b = b[n:]
	}
	m.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return strings.Join(out, "; ")
}

func percent(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		if c >= 'a' && c <= 'z' {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// date makes a date of RFC 5322, also of its obsolete forms.
func (m maker) date() string {
	when := time.Unix(int64(m.IntN(4e9)), 0).UTC()
	layout := one(m, "Mon, ", "", "Mon,") + one(m, "2", "02") + " Jan " + one(m, "2006", "2006", "06") + " 15:04" + one(m, ":05", "")
	if when.Year() >= 2050 { // where the two disagree about years of two digits
		layout = strings.Replace(layout, " 06 ", " 2006 ", 1)
	}
	return when.Format(layout) + " " + one(m, "+0000", "-0000", "+0100", "-0530", "+1345", "GMT", "UT", "EST", "EDT", "PST", "PDT", "MST", "CDT") + one(m, "", "", " (comment)")
}
