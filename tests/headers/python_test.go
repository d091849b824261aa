package headers

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi/charset"
	"luamilter/luaapi/fieldvalue"
	"luamilter/luaapi/mail"
	"luamilter/tests/mta"
)

//go:embed read.py
var reader string

// values are how many of each kind are compared.
const values = 4000

// question is one for Python.
type question struct {
	Ask   string `json:"ask"`
	Value any    `json:"value"`
}

// compare makes values, asks Python about them, and compares its answers with ours. At a few of them Python has an error of its own.
func compare[T any](t *testing.T, ask string, value func() string, ours func(string) T, same func(a, b T) bool) {
	t.Helper()
	var questions []question
	for range values {
		questions = append(questions, question{ask, value()})
	}
	compared, failed := 0, 0
	for i, answer := range mta.Python(t, reader, questions) {
		if string(answer) == "null" {
			continue
		}
		var theirs T
		if err := json.Unmarshal(answer, &theirs); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
		compared++
		value := questions[i].Value.(string)
		if got := ours(value); !same(got, theirs) {
			t.Errorf("%q\n  python %q\n  ours   %q", value, fmt.Sprint(theirs), fmt.Sprint(got))
			if failed++; failed > 10 {
				t.Fatal("and perhaps more")
			}
		}
	}
	if compared < values/2 {
		t.Errorf("Python answered only %d of %d questions", compared, values)
	}
}

func equal[T comparable](a, b T) bool { return a == b }

func TestText(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(2047, 1))}
	compare(t, "text", func() string { return fieldvalue.Unfold(m.text(t)) }, func(value string) string {
		text, ok := fieldvalue.Text(value)
		if !ok {
			t.Errorf("%q is flagged", value)
		}
		return text
	}, equal[string])
}

func TestParams(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(2231, 1))}
	compare(t, "params", func() string { return m.params(t) }, func(value string) [][2]string {
		main, params, problems := fieldvalue.Params(value)
		if len(problems) > 0 {
			t.Errorf("%q has problems: %s", value, strings.Join(problems, "; "))
		}
		out := [][2]string{{strings.ToLower(main), ""}}
		for _, p := range params {
			out = append(out, [2]string{p.Name, p.Value})
		}
		return out
	}, func(a, b [][2]string) bool { return slices.Equal(sorted(a), sorted(b)) }) // Python puts those of RFC 2231 last
}

func sorted(list [][2]string) []string {
	var out []string
	for _, p := range list {
		out = append(out, p[0]+"="+p[1])
	}
	slices.Sort(out)
	return out
}

func TestDates(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(5322, 1))}
	compare(t, "date", m.date, func(value string) int64 {
		date, err := mail.ParseDate(value)
		if err != nil {
			t.Errorf("%q: %v", value, err)
		}
		return date.Unix()
	}, equal[int64])
}

// TestBytes decodes every byte of charsets that have one for each character. In KOI8-U, Python lacks the Belarusian letter that the Web has.
func TestBytes(t *testing.T) {
	var questions []question
	for label := range strings.FieldsSeq("iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 " +
		"windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 cp874 koi8-r " +
		"macintosh cp437 cp850 cp852 cp855 cp858 cp862 cp866") {
		for c := range 256 {
			questions = append(questions, question{"decode", []string{label, base64.StdEncoding.EncodeToString([]byte{byte(c)})}})
		}
	}
	compared := 0
	for i, answer := range mta.Python(t, reader, questions) {
		value := questions[i].Value.([]string)
		b, err := base64.StdEncoding.DecodeString(value[1])
		if err != nil {
			t.Fatal(err)
		}
		got, ok := charset.Decode(value[0], b)
		if string(answer) == "null" || !ok {
			continue // where one of them has no character
		}
		compared++
		var want string
		if err := json.Unmarshal(answer, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s %#x: python %q, ours %q", value[0], b, want, got)
		}
	}
	if compared < len(questions)*9/10 {
		t.Errorf("only %d of %d bytes were compared", compared, len(questions))
	}
}

// TestCharacters encodes and decodes characters of East Asia. The kana of Big5 are an extension that Python has elsewhere.
func TestCharacters(t *testing.T) {
	var questions []question
	random := rand.New(rand.NewPCG(2022, 1))
	for label := range strings.FieldsSeq("iso-2022-jp euc-jp shift_jis gbk gb18030 big5 cp949 iso-2022-kr hz utf-7 utf-16 utf-16le utf-16be") {
		for range 3000 {
			r := []rune{rune(0x4e00 + random.IntN(0x5200)), rune(0xac00 + random.IntN(11172)), rune(0x3041 + random.IntN(80))}[random.IntN(3)]
			if label == "big5" && r < 0x4e00 {
				continue
			}
			questions = append(questions, question{"encode", []string{label, "a" + string(r) + "b"}})
		}
	}
	compared := map[string]int{}
	for i, answer := range mta.Python(t, reader, questions) {
		value := questions[i].Value.([]string)
		if string(answer) == "null" {
			continue
		}
		var b []byte
		if err := json.Unmarshal(answer, &b); err != nil {
			t.Fatal(err)
		}
		compared[value[0]]++
		if got, ok := charset.Decode(value[0], b); got != value[1] || !ok {
			t.Errorf("%s %q: python encodes %q, which we decode %q, %v", value[0], b, value[1], got, ok)
		}
		ours, ok := charset.Encode(value[0], value[1])
		if back, _ := charset.Decode(value[0], ours); back != value[1] || !ok {
			t.Errorf("%s: we encode %q as %q, which is %q", value[0], value[1], ours, back)
		}
	}
	if len(compared) != 13 {
		t.Errorf("compared %v", compared)
	}
	t.Log(compared)
}
