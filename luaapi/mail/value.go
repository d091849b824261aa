package mail

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"luamilter/protocol"
)

// Line lengths in bytes (RFC 5322 section 2.1.1, RFC 2047 section 2).
const (
	maxLine        = 998
	maxEncodedLine = 76
)

// maxValue is more than any MTA passes on: Postfix cuts fields at 60000 bytes, Sendmail refuses headers of over 32 KiB.
const maxValue = 1 << 20

// addressFields are the fields whose values are addresses: quotes and comments have a meaning there (RFC 5322 section 3.4).
var addressFields = []string{
	"from", "sender", "reply-to", "to", "cc", "bcc",
	"resent-from", "resent-sender", "resent-reply-to", "resent-to", "resent-cc", "resent-bcc",
	"disposition-notification-to", "errors-to", "mail-followup-to", "mail-reply-to", "return-receipt-to",
}

// parameterFields are the fields with parameters, in which RFC 2047 does not apply.
var parameterFields = []string{"content-disposition", "content-type"}

// HeaderValue makes a text fit for a header field of that name: CRLF becomes LF, what is not ASCII is encoded by RFC 2047 (unless
// utf8OK, for a message that came with SMTPUTF8), and long lines are folded at blanks. A line break must be followed by a blank;
// one that would leave a line of nothing but blanks is taken out.
func HeaderValue(name, text string, utf8OK bool) (string, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if err := RawValue(name, text); err != nil {
		return "", err
	}
	isName := func(field string) bool { return strings.EqualFold(field, name) }
	switch {
	case isASCII(text), utf8OK && utf8.ValidString(text):
		if len(name)+2+len(text) <= maxLine && strings.IndexByte(text, '\n') < 0 {
			return text, nil
		}
		return layOut(words(text), len(name)+2, maxLine, ""), nil
	case slices.ContainsFunc(parameterFields, isName):
		return "", fmt.Errorf("%s: text that is not ASCII needs RFC 2231 here; raw(bytes) takes a value that is encoded already", name)
	}
	charset := "utf-8"
	if !utf8.ValidString(text) {
		charset = "unknown-8bit" // RFC 1428 section 3
	}
	if !slices.ContainsFunc(addressFields, isName) {
		return layOut(joinForeign(words(text)), len(name)+2, maxEncodedLine, charset), nil
	}
	tokens := joinForeign(addressTokens(text))
	setApart(tokens)
	return layOut(tokens, len(name)+2, maxEncodedLine, charset), nil
}

// RawValue checks a value that goes out as it is.
func RawValue(name, value string) error {
	if len(value) > maxValue {
		return fmt.Errorf("%s: header value of %d bytes, at most %d work", name, len(value), maxValue)
	}
	if err := protocol.CheckHeaderValue(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
