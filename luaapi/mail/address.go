// Package mail holds the message that a filter edits: its header, envelope and body, and the rules of RFC 5321, 5322 and
// 2047 for what is put into them. It knows no Lua and no MTA.
package mail

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxAddress is generous: RFC 5321 section 4.5.3.1 has 64 for the local part and 255 for the domain, but forwarders that
// rewrite senders exceed the first.
const maxAddress = 512

// TrimBrackets returns an address without the angle brackets of RFC 5321.
func TrimBrackets(address string) string {
	if n := len(address); n >= 2 && address[0] == '<' && address[n-1] == '>' {
		return address[1 : n-1]
	}
	return address
}

// CheckAddress holds an address without brackets to the Mailbox of RFC 5321 section 4.1.2. A local part alone is allowed, as
// MTAs add their domain. UTF-8 is allowed where utf8OK says so (RFC 6531).
func CheckAddress(address string, utf8OK bool) error {
	if len(address) > maxAddress {
		return fmt.Errorf("address of %d bytes", len(address))
	}
	local, domain, hasDomain := cutAddress(address)
	if !validLocal(local) || hasDomain && !validDomain(domain) {
		return fmt.Errorf("%q is not an address; user@example.com is the form, one address at a time", address)
	}
	if !utf8OK && !isASCII(address) || !utf8.ValidString(address) {
		return fmt.Errorf("address %q is not ASCII, and the message did not come with SMTPUTF8", address)
	}
	return nil
}

// cutAddress splits at the last @ outside quotes.
func cutAddress(a string) (local, domain string, found bool) {
	if strings.HasPrefix(a, `"`) {
		for i := 1; i < len(a); i++ {
			if a[i] == '\\' {
				i++
			} else if a[i] == '"' {
				if i+1 < len(a) && a[i+1] == '@' {
					return a[:i+1], a[i+2:], true
				}
				return a, "", false
			}
		}
		return a, "", false
	}
	if i := strings.LastIndexByte(a, '@'); i >= 0 {
		return a[:i], a[i+1:], true
	}
	return a, "", false
}

func validLocal(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '"' {
		if len(s) < 3 || s[len(s)-1] != '"' {
			return false
		}
		for i := 1; i < len(s)-1; i++ {
			switch {
			case s[i] == '\\' && i+1 < len(s)-1:
				i++
			case s[i] == '"', s[i] == '\\':
				return false
			}
			if s[i] < ' ' || s[i] == 0x7f {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 0x7f || strings.IndexByte(`()<>[]:;@\,"`, s[i]) >= 0 {
			return false
		}
	}
	return true
}

func validDomain(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '[' { // address literal
		return len(s) > 2 && s[len(s)-1] == ']' && strings.Trim(s[1:len(s)-1], "0123456789abcdefABCDEF:.IPv") == ""
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" {
			return false
		}
		for i := 0; i < len(label); i++ {
			b := label[i]
			if b < 0x80 && b != '-' && b != '_' && (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'z') {
				return false
			}
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// SameAddress reports whether two addresses without brackets are one mailbox: domains compare without case, local parts with.
func SameAddress(a, b string) bool {
	if a == b {
		return true
	}
	la, da, _ := cutAddress(a)
	lb, db, _ := cutAddress(b)
	return la == lb && strings.EqualFold(da, db)
}

// CheckParams refuses ESMTP parameters that would break out of the command (RFC 5321 section 4.1.2: Mail-parameters).
func CheckParams(params string) error {
	for i := 0; i < len(params); i++ {
		if params[i] < ' ' || params[i] >= 0x7f {
			return fmt.Errorf("ESMTP parameters %q contain %q; printable ASCII is allowed", params, params[i])
		}
	}
	return nil
}
