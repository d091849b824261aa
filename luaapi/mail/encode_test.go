package mail

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEncodePhrase(t *testing.T) {
	for _, text := range []string{"", "Jörg", "plain", "a b  c ", "=?utf-8?q?x?=", strings.Repeat("Grüße an alle ", 50), strings.Repeat("日本", 100), strings.Repeat("x", 500), "\"\\(),<>@"} {
		words := EncodePhrase(text)
		if got, ok := DecodeText(words); got != text || !ok {
			t.Errorf("%q became %q, which is %q", text, words, got)
		}
		for word := range strings.FieldsSeq(words) {
			if !isEncodedWord(word) || len(word) > maxEncodedWord {
				t.Errorf("%q: %q", text, word)
			}
			if part, _ := DecodeText(word); !utf8.ValidString(part) || strings.ContainsRune(part, utf8.RuneError) {
				t.Errorf("%q: %q has half a character", text, word)
			}
		}
	}
	if got := EncodePhrase("J\xf6rg"); got != "=?unknown-8bit?q?J=F6rg?=" {
		t.Error(got)
	}
}
