package base64

import (
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	for s, want := range map[string]string{"": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "\xfb\xff": "+/8="} { // RFC 4648 section 10
		if got := Encode(s); got != want || len(got) > EncodedLen(len(s)) {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	if got := EncodeURL("\xfb\xff"); got != "-_8" {
		t.Errorf("for URLs: %q", got)
	}
}

func TestDecode(t *testing.T) {
	for s, want := range map[string]string{
		"":         "",
		"Zm9v":     "foo",
		"Zg==":     "f",
		"Zg":       "f",
		"-_8":      "\xfb\xff",
		"+/8=":     "\xfb\xff",
		"Zg=":      "no base64: 3 characters with their padding are no multiple of four",
		"Zm9v====": "no base64: 8 characters with their padding are no multiple of four",
		"Zm9v\n":   "no base64: '\\n' at byte 5",
		"Zm 9v":    "no base64: ' ' at byte 3",
		"Z":        "no base64: it is cut off, or mixed, at byte 1 of 1",
		"Zh":       "no base64: it is cut off, or mixed, at byte 1 of 2",
		"-/8":      "no base64: it is cut off, or mixed, at byte 2 of 3",
		"Zg==Zg==": "no base64: '=' at byte 3",
	} {
		got, err := Decode(s)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestDecodeLenient(t *testing.T) {
	for s, want := range map[string]string{
		"Zm9v\r\nYmFy": "foobar",
		"Zg==Zm9v":     "ffoo",
		" Z!m-_9":      "f\x6f\xbf",
		"Z":            "",
		"====":         "",
	} {
		if got := DecodeLenient(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("Zm9v")
	f.Add("-_8=")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := Decode(s); err == nil && (strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=") != strings.TrimRight(Encode(got), "=") || DecodeLenient(s) != got) {
			t.Fatalf("%q is %q", s, got)
		}
		if got, err := Decode(EncodeURL(s)); err != nil || got != s {
			t.Fatalf("%q for URLs: %q, %v", s, got, err)
		}
		if got := DecodeLenient(Encode(s)); got != s {
			t.Fatalf("%q is %q", s, got)
		}
	})
}
