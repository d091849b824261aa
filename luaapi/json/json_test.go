package json

import (
	stdjson "encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

// teller writes down what it is told.
type teller struct{ strings.Builder }

func (t *teller) say(format string, args ...any) error {
	if t.Len() > 0 {
		t.WriteByte(' ')
	}
	fmt.Fprintf(t, format, args...)
	return nil
}

func (t *teller) Null() error            { return t.say("null") }
func (t *teller) Bool(v bool) error      { return t.say("%v", v) }
func (t *teller) Number(v float64) error { return t.say("%v", v) }
func (t *teller) String(v string) error  { return t.say("%q", v) }
func (t *teller) BeginArray() error      { return t.say("[") }
func (t *teller) BeginObject() error     { return t.say("{") }
func (t *teller) Key(name string) error  { return t.say("%s:", name) }
func (t *teller) End() error             { return t.say("end") }

func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                                `null`,
		` true `:                              `true`,
		"\t[1, -2.5e1 ,0]\r\n":                `[ 1 -25 0 end`,
		`{"a": [], "b": {}, "a": false}`:      `{ a: [ end b: { end a: false end`,
		`"a\"b\\\/\b\f\n\r\t\u00e4"`:          `"a\"b\\/\b\f\n\r\tä"`,
		`"\ud83d\ude00 \ud83d \ude00x"`:       `"😀 ` + "\uFFFD \uFFFD" + `x"`,
		`"\ud83d\u0041"`:                      "\"\uFFFDA\"",
		"\"\xff\"":                            `"\xff"`,
		`9007199254740992`:                    `9.007199254740992e+15`,
		`9007199254740993`:                    `9.007199254740992e+15`, // the nearest, as the limit itself
		`12345678901234567890`:                `"12345678901234567890"`,
		`-12345678901234567890`:               `"-12345678901234567890"`,
		strings.Repeat("9", 400):              `"` + strings.Repeat("9", 400) + `"`,
		`1e400`:                               "no JSON in line 1, column 1: a number that is not too large was expected, but \"1\" is there",
		``:                                    "no JSON in line 1, column 1: a value was expected, but the text ends",
		"[1,\n 2\n 3]":                        "no JSON in line 3, column 2: a comma or ] was expected, but \"3\" is there",
		`[1,]`:                                "no JSON in line 1, column 4: a value was expected, but \"]\" is there",
		`{"a" 1}`:                             "no JSON in line 1, column 6: a colon was expected, but \"1\" is there",
		`{a: 1}`:                              "no JSON in line 1, column 2: a name in double quotes was expected, but \"a\" is there",
		`[1] x`:                               "no JSON in line 1, column 5: the end was expected, but \"x\" is there",
		`01`:                                  "no JSON in line 1, column 2: the end was expected, but \"1\" is there",
		`1.`:                                  "no JSON in line 1, column 3: a digit was expected, but the text ends",
		`-`:                                   "no JSON in line 1, column 2: a digit was expected, but the text ends",
		`1e+`:                                 "no JSON in line 1, column 4: a digit was expected, but the text ends",
		`+1`:                                  "no JSON in line 1, column 1: a value was expected, but \"+\" is there",
		`nul`:                                 "no JSON in line 1, column 1: a value was expected, but \"n\" is there",
		"\"a\nb\"":                            "no JSON in line 1, column 3: control characters in a string are written as \\n or \\u000a, but \"\\n\" is there",
		`"a`:                                  "no JSON in line 1, column 3: a double quote was expected, but the text ends",
		`"\x"`:                                "no JSON in line 1, column 3: one of \" \\ / b f n r t u was expected behind a backslash, but \"x\" is there",
		`"\u12"`:                              "no JSON in line 1, column 4: four hexadecimal digits were expected, but \"1\" is there",
		strings.Repeat("[", MaxDepth+1):       "no JSON in line 1, column 101: more than 100 arrays and objects are inside each other, but \"[\" is there",
		strings.Repeat("[", 1000000):          "no JSON in line 1, column 101: more than 100 arrays and objects are inside each other, but \"[\" is there",
		`[` + strings.Repeat(`[],`, 3) + `0]`: `[ [ end [ end [ end 0 end`,
	} {
		var got teller
		s := ""
		if err := Decode(text, &got); err != nil {
			s = err.Error()
		} else {
			s = got.Builder.String()
		}
		if s != want {
			t.Errorf("%.60s\n got %s\nwant %s", text, s, want)
		}
	}
}

// full is a builder that has no room.
type full struct{ teller }

func (*full) End() error { return fmt.Errorf("no room") }

func TestBuilderError(t *testing.T) {
	if err := Decode(`{"a": []}`, &full{}); err == nil || err.Error() != "no room" {
		t.Errorf("got %v", err)
	}
}

func TestAppendString(t *testing.T) {
	for s, want := range map[string]string{
		"":                      `""`,
		"a\"b\\c\n\r\t\x00\x7f": `"a\"b\\c\n\r\t\u0000\u007f"`,
		"Grüße </script>":       `"Grüße </script>"`,
		"a\xffb\xc3":            "\"a\uFFFDb\uFFFD\"",
	} {
		if got := string(AppendString(nil, s)); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestAppendNumber(t *testing.T) {
	for f, want := range map[float64]string{0: "0", -1: "-1", 1 << 53: "9007199254740992", 0.1: "0.1", 1e300: "1e+300", -2.5: "-2.5"} {
		if got, err := AppendNumber(nil, f); err != nil || string(got) != want {
			t.Errorf("%v: %s, %v, want %s", f, got, err, want)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got, err := AppendNumber(nil, f); err == nil {
			t.Errorf("%v: %s", f, got)
		}
	}
}

// FuzzDecode compares what is JSON with the standard library, which differs in depth and in numbers that are too large only.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a": [1, "\u00e4", null]}`, `[1e5, -0.1]`, "\"\\ud83d\\ude00\"", ` [ ] `, `{"a":{}}`, `1.`, "\xef\xbb\xbf1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got teller
		err := Decode(text, &got)
		valid := stdjson.Valid([]byte(text))
		if err == nil && !valid {
			t.Fatalf("%q was taken", text)
		}
		if err != nil && valid && !strings.Contains(err.Error(), "too large") && !strings.Contains(err.Error(), "inside each other") {
			t.Fatalf("%q: %v", text, err)
		}
		var back string
		if err := stdjson.Unmarshal(AppendString(nil, text), &back); err != nil || back != strings.ToValidUTF8(text, "\uFFFD") && !strings.Contains(back, "\uFFFD") {
			t.Fatalf("%q was written as something else: %q, %v", text, back, err)
		}
	})
}
