package address

import "strings"

// Same reports whether two addresses without brackets are one mailbox: domains compare without case and in whichever form of IDNA they
// are, local parts with case and without their quotes (RFC 5321 sections 2.4 and 4.1.2).
func Same(a, b string) bool {
	if a == b {
		return true
	}
	la, da, hasA := Split(a)
	lb, db, hasB := Split(b)
	return hasA == hasB && Unquote(la) == Unquote(lb) && SameDomain(da, db)
}

// SameDomain reports whether two domains are one: without case, and in whichever form of IDNA they are.
func SameDomain(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if isASCII(a) && isASCII(b) {
		return false
	}
	a, errA := domainToASCII(a)
	b, errB := domainToASCII(b)
	return errA == nil && errB == nil && strings.EqualFold(a, b)
}
