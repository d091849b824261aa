package mail

import (
	"strings"
	"testing"
	"unicode/utf8"

	"luamilter/luaapi/fieldvalue"
)

func TestEncodePhrase(t *testing.T) {
	for _, text := range []string{"", "Jörg", "plain", "a b  c ", "=?utf-8?q?x?=", strings.Repeat("Grüße an alle ", 50), strings.Repeat("日本", 100), strings.Repeat("x", 500), "\"\\(),<>@"} {
		words := EncodePhrase(text)
		if got, ok := fieldvalue.Text(words); got != text || !ok {
			t.Errorf("%q became %q, which is %q", text, words, got)
		}
		for word := range strings.FieldsSeq(words) {
			if !isEncodedWord(word) || len(word) > maxEncodedWord {
				t.Errorf("%q: %q", text, word)
			}
			if part, _ := fieldvalue.Text(word); !utf8.ValidString(part) || strings.ContainsRune(part, utf8.RuneError) {
				t.Errorf("%q: %q has half a character", text, word)
			}
		}
	}
	if got := EncodePhrase("J\xf6rg"); got != "=?unknown-8bit?q?J=F6rg?=" {
		t.Error(got)
	}
}

// FuzzReadBack checks that what is encoded is read back by those who decode, and that nothing about it is a guess.
func FuzzReadBack(f *testing.F) {
	for _, s := range []string{"", "Grüße an alle", "a  b", "日本語 の 件名", "=?utf-8?q?x", "ö =?", "\u2028", strings.Repeat("ö ", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x00") {
			return
		}
		if got, ok := fieldvalue.Text(EncodePhrase(text)); got != strings.TrimPrefix(text, "\ufeff") || !ok {
			t.Fatalf("%q is written %q, which reads %q", text, EncodePhrase(text), got)
		}
		if strings.Contains(text, "=?") { // it may be an encoded-word already
			return
		}
		value, err := HeaderValue("Subject", text, false)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := fieldvalue.Text(value); strings.Trim(got, " \t") != strings.Trim(text, " \t") || !ok {
			t.Fatalf("%q is written %q, which reads %q", text, value, got)
		}
	})
}
