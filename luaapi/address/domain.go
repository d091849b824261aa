package address

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// names is how mail looks up names: UTS 46, non-transitional, so that ß is a letter of its own as registries have it; right-to-left names
// are checked (RFC 5893). Other than for a browser, underscores are allowed, since SPF and DKIM use them, and so are hyphens anywhere in a
// label: there are such hosts, and a mail filter decides about names that exist already.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.VerifyDNSLength(true))

// Domain returns the domain of an address, in lower case, "" if it has none.
func Domain(address string) string {
	_, domain, _ := Split(Trim(address))
	return strings.ToLower(domain)
}

// Local returns the local part of an address without its quotes.
func Local(address string) string {
	local, _, _ := Split(Trim(address))
	return Unquote(local)
}

// ToASCII returns a domain, or an address with its domain, in the form that DNS and every MTA take (A-labels, RFC 5890). A local part
// that is not ASCII is an error: no ASCII form of it exists.
func ToASCII(text string) (string, error) {
	local, domain, isAddress := Split(text)
	if !isAddress {
		return domainToASCII(text)
	}
	if !isASCII(local) {
		return "", fmt.Errorf("the local part of %s is not ASCII; only SMTPUTF8 carries it", shown(text))
	}
	domain, err := domainToASCII(domain)
	if err != nil {
		return "", err
	}
	return local + "@" + domain, nil
}

// ToUnicode returns a domain, or an address with its domain, in the form that people read (U-labels, RFC 5890). It is an error if an
// A-label is none.
func ToUnicode(text string) (string, error) {
	local, domain, isAddress := Split(text)
	if !isAddress {
		return domainToUnicode(text)
	}
	domain, err := domainToUnicode(domain)
	if err != nil {
		return "", err
	}
	return local + "@" + domain, nil
}

func domainToASCII(domain string) (string, error) {
	if isLiteral(domain) {
		return domain, nil
	}
	out, err := names.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("%s is no domain name: %w", shown(domain), err)
	}
	if !validDomain(out) || !utf8.ValidString(domain) {
		return "", fmt.Errorf("%s is no domain name", shown(domain))
	}
	return out, nil
}

func domainToUnicode(domain string) (string, error) {
	ascii, err := domainToASCII(domain)
	if err != nil || isLiteral(ascii) {
		return ascii, err
	}
	out, err := names.ToUnicode(ascii)
	if err != nil {
		return "", fmt.Errorf("%s is no domain name: %w", shown(domain), err)
	}
	return out, nil
}

// isLiteral reports whether a domain is an IP address, in the brackets of RFC 5321 section 4.1.3 or without.
func isLiteral(domain string) bool {
	if strings.HasPrefix(domain, "[") {
		return validLiteral(domain)
	}
	_, err := netip.ParseAddr(domain)
	return err == nil
}
