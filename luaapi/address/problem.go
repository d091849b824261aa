package address

import "math/bits"

// Problems are what was odd about an address, or a text of addresses.
type Problems uint32

// The problems. Only Invalid, Empty and NoDomain say that an address cannot be used as it is.
const (
	Invalid          Problems = 1 << iota // it is no address by RFC 5321
	Empty                                 // <>
	NoDomain                              // a local part alone
	NotASCII                              // the address needs SMTPUTF8 (RFC 6531), at least for its local part
	UnclosedQuote                         // a quote, but none that closes it
	UnclosedComment                       // likewise a parenthesis
	UnclosedBracket                       // likewise <, or the [ of a domain literal
	UnclosedGroup                         // the list ended in a group
	StrayCharacter                        // one with a meaning of its own, such as > or ), in a place where it has none
	NoBrackets                            // a name and an address without < and >
	UnquotedName                          // a name with a comma, an @ or the like, and no quotes
	SmartQuotes                           // typographic quotes around a name
	QuotedAddress                         // the whole address is in quotes
	EncodedInQuotes                       // an encoded-word in quotes, where RFC 2047 allows none
	Control                               // a control character, such as NUL
	NoComma                               // nothing separates it from the address before it
	ExtraComma                            // commas with nothing between them
	Semicolon                             // a semicolon instead of a comma
	Route                                 // <@a,@b:user@example.com>, obsolete
	Prefix                                // a word and a colon before the address, such as mailto:
	TextOnly                              // text that has no address
	TooLong                               // more than MaxMailboxes or MaxText; the rest was left out
	numberOfProblems = iota
)

// problemTexts are in the order of the constants.
var problemTexts = [numberOfProblems]string{
	"not a valid address", "empty address", "no domain", "not ASCII", "unclosed quote", "unclosed comment", "unclosed bracket", "unclosed group",
	"stray character", "no brackets", "unquoted name", "smart quotes", "quoted address", "encoded-word in quotes", "control character",
	"no comma", "extra comma", "semicolon", "route", "prefix", "text without an address", "too long",
}

// Has reports whether any of some problems is among them.
func (p Problems) Has(some Problems) bool { return p&some != 0 }

// Strings returns each problem in a few words, which stay the same from version to version.
func (p Problems) Strings() []string {
	out := make([]string, 0, bits.OnesCount32(uint32(p)))
	for i, text := range problemTexts {
		if p&(1<<i) != 0 {
			out = append(out, text)
		}
	}
	return out
}

// ProblemTexts returns the texts of all problems, for the documentation.
func ProblemTexts() []string { return problemTexts[:] }
