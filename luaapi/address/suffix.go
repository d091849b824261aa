package address

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// OrganizationalDomain returns the domain that an organization registered, of which the given one is a part: example.co.uk for
// mail.example.co.uk, by the public suffix list, with its private part, in the version of golang.org/x/net. It is in lower case, and in
// Unicode if the given one is. It is an error if the domain is no name, an IP address, itself a public suffix, or below a top
// level that the list does not know.
func OrganizationalDomain(domain string) (string, error) {
	if isLiteral(domain) {
		return "", fmt.Errorf("%s is an IP address, which has no organizational domain", domain)
	}
	ascii, err := domainToASCII(strings.TrimSuffix(domain, "."))
	if err != nil {
		return "", err
	}
	suffix, listed := publicsuffix.PublicSuffix(ascii)
	switch {
	case !listed && strings.IndexByte(suffix, '.') < 0:
		return "", fmt.Errorf("the public suffix list does not know .%s, the end of %s", suffix, shown(domain))
	case suffix == ascii:
		return "", fmt.Errorf("%s is a public suffix, below which organizations register their domains", shown(domain))
	}
	rest := strings.TrimSuffix(ascii, "."+suffix)
	organization := ascii[strings.LastIndexByte(rest, '.')+1:]
	if isASCII(domain) {
		return organization, nil
	}
	return domainToUnicode(organization)
}
