package mime

import (
	"slices"
	"strings"

	"luamilter/luaapi/fieldvalue"
)

// Param is a parameter as it stands in a field: the name in lower case, perhaps with the asterisks of RFC 2231; the value without quotes.
type Param = fieldvalue.Param

// maxParams is far more than anything needs.
const maxParams = 200

// parseValue takes a value such as text/plain; charset=utf-8 apart, and flags parameters that matter and are there twice.
func (p *Part) parseValue(s string) (main string, params []Param) {
	v := fieldvalue.Parse(s)
	main = firstWord(v.Main)
	params = slices.DeleteFunc(v.Params, func(q Param) bool { return q.Name == "" })
	if len(params) > maxParams {
		params = params[:maxParams]
		p.flag(Truncated)
	}
	for i, one := range params {
		switch one.Name {
		case "boundary", "charset", "name", "filename", "smime-type", "protocol", "start", "name*", "filename*":
			if first := slices.IndexFunc(params, func(q Param) bool { return q.Name == one.Name }); first < i {
				p.flag(DuplicateParam)
			}
		}
	}
	return main, params
}

// firstWord returns what is before the first blank, or before a comment that does not end.
func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t("); i >= 0 {
		return s[:i]
	}
	return s
}

// param returns a parameter: decoded if it is there in a form of RFC 2231, otherwise as it stands.
func param(params []Param, name string) (string, bool) {
	readings := fieldvalue.Readings(params, name)
	if len(readings) == 0 {
		return "", false
	}
	if readings[0].Form != fieldvalue.Plain {
		return readings[0].Text, true
	}
	first := slices.IndexFunc(params, func(q Param) bool { return q.Name == name })
	return params[first].Value, true
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f'
}

func unhex(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b | 0x20 - 'a' + 10
}
