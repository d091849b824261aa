package address

import (
	"fmt"
	"strings"
)

// maxQuoted is how long a name in quotes may be, in bytes. Lines break at blanks, but not within quotes; encoded-words are short.
const maxQuoted = 200

// Format writes a mailbox as RFC 5322 section 3.4 wants it, on one line. The name may be empty; what is not ASCII in it, and what
// a reader would take for an encoded-word, goes through encode, which returns encoded-words (RFC 2047). Without encode it
// stays UTF-8, for a message with SMTPUTF8 (RFC 6532). It is an error if the address is none, or the name has a control character.
func Format(name, address string, encode func(string) string) (string, error) {
	if address == "" {
		return "", fmt.Errorf("the address is empty")
	}
	address = Trim(address)
	if err := Check(address, true); err != nil {
		return "", err
	}
	if i := indexControl(name); i >= 0 {
		return "", fmt.Errorf("the name %s has a control character at byte %d; a name is text on one line", shown(name), i+1)
	}
	address = headerSpelling(address)
	switch {
	case name == "" && strings.HasSuffix(address, `"`): // "a@b" alone would be read as an address in quotes
		return "<" + address + ">", nil
	case name == "":
		return address, nil
	case encode != nil && (!isASCII(name) || len(name) > maxQuoted || strings.Contains(name, "=?")):
		name = encode(name)
	case !isPhrase(name):
		name = quote(name)
	}
	return name + " <" + address + ">", nil
}

// headerSpelling writes an address with quotes if a header field needs them, where dots may not stand everywhere, and without if not.
func headerSpelling(address string) string {
	local, domain, found := Split(address)
	if local = Unquote(local); !isDotAtom(local) {
		local = quote(local)
	}
	if !found {
		return local
	}
	return local + "@" + domain
}

// isDotAtom holds s to dot-atom-text (RFC 5322 section 3.2.3), with UTF-8 (RFC 6532), but for what a reader may take for quotes.
func isDotAtom(s string) bool {
	if strings.ContainsAny(s, smartOpen+smartBelow) {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if !isAtom(part) {
			return false
		}
	}
	return true
}

// isPhrase reports whether a name needs no quotes.
func isPhrase(name string) bool {
	for word := range strings.SplitSeq(name, " ") {
		if !isASCII(word) || !isAtom(word) {
			return false
		}
	}
	return true
}

func isAtom(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`()<>[]:;@\,."`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// quote returns a quoted string with that content.
func quote(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			out.WriteByte('\\')
		}
		out.WriteByte(s[i])
	}
	out.WriteByte('"')
	return out.String()
}
