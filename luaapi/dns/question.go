package dns

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	wire "github.com/miekg/dns"

	"luamilter/luaapi/address"
)

// Type is what is asked about a name.
type Type uint16

// The types of records that a Source knows.
const (
	A     = Type(wire.TypeA)
	AAAA  = Type(wire.TypeAAAA)
	CNAME = Type(wire.TypeCNAME)
	MX    = Type(wire.TypeMX)
	NS    = Type(wire.TypeNS)
	PTR   = Type(wire.TypePTR)
	SRV   = Type(wire.TypeSRV)
	TXT   = Type(wire.TypeTXT)
)

// String returns the type's name, such as MX.
func (t Type) String() string { return wire.Type(t).String() }

// ErrName is wrapped by the errors of Question: there can be no such name, so it has no records.
var ErrName = errors.New("is no name in DNS")

// maxName is the length in bytes of the longest name, without the final dot (RFC 1035 section 3.1).
const maxName = 253

// maxLabel is the length in bytes of the longest label (RFC 1035 section 2.3.4).
const maxLabel = 63

// Question is a name and what is asked about it.
type Question struct {
	Name string // ASCII, in lower case, without a final dot
	Type Type
}

// NewQuestion checks a name, which may end in a dot or have letters beyond ASCII (IDNA).
func NewQuestion(name string, t Type) (Question, error) {
	name = strings.TrimSuffix(name, ".")
	seen, valid := kindsIn(name)
	if seen&foreign != 0 {
		ascii, err := address.ToASCII(name)
		if err != nil || strings.Contains(name, "@") {
			return Question{}, fmt.Errorf("%.100q %w", name, ErrName)
		}
		name = ascii
		seen, valid = kindsIn(name)
	}
	if !valid || seen&(foreign|special) != 0 {
		return Question{}, fmt.Errorf("%.100q %w", name, ErrName)
	}
	if seen&large != 0 {
		name = strings.ToLower(name)
	}
	return Question{name, t}, nil
}

// byteKind is what a byte of a name is, a bit for each; 0 is one that names have.
type byteKind uint8

const (
	large   byteKind = 1 << iota // a letter to be made small
	special                      // one that would need to be escaped
	foreign                      // beyond ASCII
)

// byteKinds says what each byte is.
var byteKinds = func() (kinds [256]byteKind) { // read only
	for i := range kinds {
		switch c := byte(i); {
		case c >= 0x80:
			kinds[i] = foreign
		case c <= ' ' || c == 0x7f || strings.IndexByte(`"'();@\$`, c) >= 0:
			kinds[i] = special
		case 'A' <= c && c <= 'Z':
			kinds[i] = large
		}
	}
	return kinds
}()

// kindsIn returns what kinds of bytes are in a name, and whether its length and those of its labels are good.
func kindsIn(name string) (seen byteKind, valid bool) {
	label := 0 // its length so far
	valid = len(name) <= maxName
	for i := range len(name) {
		if name[i] != '.' {
			seen |= byteKinds[name[i]]
			label++
			continue
		}
		valid = valid && 0 < label && label <= maxLabel
		label = 0
	}
	return seen, valid && 0 < label && label <= maxLabel
}

// String returns the question for people: MX of example.com.
func (q Question) String() string { return q.Type.String() + " of " + q.Name }

// reversed returns an address as the beginning of a name, as PTR records and lists have it: 1.2.0.192 for 192.0.2.1, and all 32
// nibbles of an IPv6 address (RFC 3596 section 2.5, RFC 5782 section 2.4).
func reversed(ip netip.Addr) string {
	const digits = "0123456789abcdef"
	ip = ip.Unmap()
	bytes := ip.AsSlice()
	var out strings.Builder
	for i := len(bytes) - 1; i >= 0; i-- {
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		if ip.Is4() {
			fmt.Fprint(&out, bytes[i])
			continue
		}
		out.WriteByte(digits[bytes[i]&15])
		out.WriteByte('.')
		out.WriteByte(digits[bytes[i]>>4])
	}
	return out.String()
}

// ReverseQuestion asks for the names of an address.
func ReverseQuestion(ip netip.Addr) Question {
	if ip.Unmap().Is4() {
		return Question{reversed(ip) + ".in-addr.arpa", PTR}
	}
	return Question{reversed(ip) + ".ip6.arpa", PTR}
}
