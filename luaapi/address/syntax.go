package address

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddress is generous: RFC 5321 section 4.5.3.1 has 64 bytes for the local part and 255 for the domain, but forwarders that
// rewrite senders exceed the first.
const maxAddress = 512

// Trim returns an address without the angle brackets of RFC 5321.
func Trim[T string | []byte](address T) T {
	if n := len(address); n >= 2 && address[0] == '<' && address[n-1] == '>' {
		return address[1 : n-1]
	}
	return address
}

// Check holds an address without brackets to the Mailbox of RFC 5321 section 4.1.2. It is lenient where MTAs are: a local
// part alone is allowed, as they add their domain, and dots may stand anywhere in it. UTF-8 is allowed where utf8OK says so (RFC 6531).
func Check(address string, utf8OK bool) error {
	switch {
	case len(address) > maxAddress:
		return fmt.Errorf("address of %d bytes, at most %d work", len(address), maxAddress)
	case isASCII(address):
	case !utf8OK:
		return fmt.Errorf("address %q is not ASCII, and the message did not come with SMTPUTF8", address)
	case !utf8.ValidString(address):
		return fmt.Errorf("address %q is not UTF-8", address)
	}
	local, domain, hasDomain := Split(address)
	if !validLocal(local) || hasDomain && !validDomain(domain) {
		return fmt.Errorf("%q is not an address; user@example.com is the form, one address at a time", address)
	}
	return nil
}

// Split returns what stands before and after the last @ outside quotes, as it is written; found is false if there is none, and all is
// the local part.
func Split(a string) (local, domain string, found bool) {
	if !strings.HasPrefix(a, `"`) {
		if i := strings.LastIndexByte(a, '@'); i >= 0 {
			return a[:i], a[i+1:], true
		}
		return a, "", false
	}
	end, _ := QuotedEnd(a)
	if end < len(a) && a[end] == '@' {
		return a[:end], a[end+1:], true
	}
	return a, "", false
}

// QuotedEnd returns where the quoted string ends that s begins with; one that is not closed goes to the end.
func QuotedEnd(s string) (end int, closed bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		}
	}
	return len(s), false
}

// isQuoted reports whether s is one quoted string.
func isQuoted(s string) bool {
	if !strings.HasPrefix(s, `"`) {
		return false
	}
	end, closed := QuotedEnd(s)
	return closed && end == len(s)
}

// validLocal holds s to Local-part, but for where dots may stand.
func validLocal(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '"' {
		return validQuoted(s)
	}
	for _, r := range s {
		switch r {
		case '(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"':
			return false
		}
		if invisible(r) {
			return false
		}
	}
	return true
}

// validQuoted holds s to Quoted-string. An empty one, which RFC 5321 advises against, is refused.
func validQuoted(s string) bool {
	if len(s) < 3 || !isQuoted(s) {
		return false
	}
	for _, r := range s {
		if r != ' ' && invisible(r) {
			return false
		}
	}
	return true
}

// validDomain holds s to Domain or an address-literal with an IP address. Underscores exist in practice.
func validDomain(s string) bool {
	if strings.HasPrefix(s, "[") {
		return validLiteral(s)
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" {
			return false
		}
		for _, r := range label {
			letter := r|0x20 >= 'a' && r|0x20 <= 'z'
			if r < 0x80 && !letter && r != '-' && r != '_' && (r < '0' || r > '9') || r >= 0x80 && invisible(r) {
				return false
			}
		}
	}
	return true
}

// validLiteral holds s to IPv4-address-literal or IPv6-address-literal (RFC 5321 section 4.1.3).
func validLiteral(s string) bool {
	inner, ok := strings.CutSuffix(s[1:], "]")
	if !ok {
		return false
	}
	const tag = "IPv6:"
	six := len(inner) > len(tag) && strings.EqualFold(inner[:len(tag)], tag)
	if six {
		inner = inner[len(tag):]
	}
	ip, err := netip.ParseAddr(inner)
	return err == nil && ip.Zone() == "" && ip.Is4() == !six
}

// invisible reports whether a character separates, controls, or has no width at all, rather than shows.
func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u200b' || r == '\ufeff'
}

// isASCII reports whether a text needs neither SMTPUTF8 nor an encoding.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Unquote returns the content of a quoted string, and other text as it is.
func Unquote(s string) string {
	if !isQuoted(s) {
		return s
	}
	return Unescape(s[1 : len(s)-1])
}

// Unescape returns the text without the backslashes that protect characters.
func Unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
