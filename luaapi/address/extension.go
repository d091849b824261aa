package address

import "strings"

// WithoutExtension returns an address without what follows the first of the delimiters in its local part, in the way of Postfix's
// recipient_delimiter: user+lists@example.com is user@example.com. As there, an address is not split where nothing would be left of it,
// nor are postmaster, mailer-daemon and double-bounce, nor owner-list and list-request at a hyphen.
func WithoutExtension(address, delimiters string) string {
	local, domain, found := Split(address)
	name := Unquote(local)
	n := strings.IndexAny(name, delimiters)
	if n <= 0 || isReserved(name, delimiters) {
		return address
	}
	name = spellLocal(name[:n])
	if !found {
		return name
	}
	return name + "@" + domain
}

// isReserved reports whether Postfix never splits a local part (its split_addr(3)).
func isReserved(name, delimiters string) bool {
	for _, reserved := range []string{"postmaster", "mailer-daemon", "double-bounce"} {
		if strings.EqualFold(name, reserved) {
			return true
		}
	}
	if strings.IndexByte(delimiters, '-') < 0 {
		return false
	}
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "owner-") || len(lower) > len("-request") && strings.HasSuffix(lower, "-request")
}
