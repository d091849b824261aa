package mail

import (
	"fmt"
	"strings"
)

// maxParams is longer than any command line that an MTA takes.
const maxParams = 2000

// CheckParams holds ESMTP parameters, separated by blanks, to Mail-parameters of RFC 5321 section 4.1.2.
func CheckParams(params string) error {
	if len(params) > maxParams {
		return fmt.Errorf("ESMTP parameters of %d bytes, at most %d work", len(params), maxParams)
	}
	for p := range strings.SplitSeq(params, " ") {
		if p == "" {
			continue
		}
		if err := CheckParam(p); err != nil {
			return err
		}
	}
	return nil
}

// CheckParam holds one ESMTP parameter to esmtp-param: a keyword, or a keyword, "=" and a value of printable ASCII without blanks.
// RFC 3461 section 4 says how other characters are written in it (xtext).
func CheckParam(param string) error {
	if len(param) > maxParams {
		return fmt.Errorf("ESMTP parameter of %d bytes, at most %d work", len(param), maxParams)
	}
	keyword, value, hasValue := strings.Cut(param, "=")
	if !validKeyword(keyword) || hasValue && !validParamValue(value) {
		return fmt.Errorf("%q is not an ESMTP parameter; the form is KEYWORD or KEYWORD=value, printable ASCII without blanks", param)
	}
	return nil
}

func validKeyword(s string) bool {
	for i := 0; i < len(s); i++ {
		digit, letter := s[i] >= '0' && s[i] <= '9', s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z'
		if !digit && !letter && (s[i] != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

func validParamValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}
