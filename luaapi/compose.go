package luaapi

import (
	"crypto/rand"
	"encoding/base64"
	"mime"
	"strings"
)

// base64Line is how much of a text is in one line of base64. RFC 2045 section 6.8: 76 characters.
const base64Line = 57

// encodedWord writes a value of a header field as RFC 2047 has it, where it is not ASCII.
func encodedWord(text string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n\t=?")
}

// writeBase64 writes a text in lines of base64.
func writeBase64(out *strings.Builder, text string) {
	for len(text) > 0 {
		line := text[:min(len(text), base64Line)]
		text = text[len(line):]
		out.WriteString(base64.StdEncoding.EncodeToString([]byte(line)))
		out.WriteString("\r\n")
	}
}

// randomName is a word that nobody else makes.
func randomName() string { return strings.ToLower(rand.Text()[:12]) }
