package metric

import (
	"unicode"
	"unicode/utf8"
)

// MaxValue is how long the value of a label can be, in bytes; longer ones are cut at the end of a character.
const MaxValue = 100

// Other is the value of the labels of what came beyond a limit.
const Other = "other"

// separator parts values in a key. No valid UTF-8 has it.
const separator = 0xff

// maxKey is how long a key can be.
const maxKey = MaxLabels * (MaxValue + 1)

// appendKey appends the values of labels, made fit, as what a series is found by.
func appendKey(key []byte, labels []Label) []byte {
	for i, l := range labels {
		if i > 0 {
			key = append(key, separator)
		}
		key = appendValue(key, l.Value)
	}
	return key
}

// appendValue appends a value of a label: valid UTF-8 without control characters, which become U+FFFD, and not too long.
func appendValue(to []byte, value string) []byte {
	if len(value) <= MaxValue && plain(value) {
		return append(to, value...)
	}
	begin := len(to)
	for _, r := range value { // what is invalid becomes U+FFFD here
		if unicode.IsControl(r) {
			r = utf8.RuneError
		}
		if len(to)-begin+utf8.RuneLen(r) > MaxValue {
			break
		}
		to = utf8.AppendRune(to, r)
	}
	return to
}

// plain reports whether a text is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
