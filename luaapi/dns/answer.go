package dns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	wire "github.com/miekg/dns"
)

// Source answers questions: a Resolver, or a Fake in tests. It is safe for use by several goroutines.
type Source interface {
	// Cached returns what is known without asking anybody.
	Cached(q Question) (Answer, bool)
	// Lookup asks. A name without such records, or that does not exist, is an answer without records; an error means that nobody knows. It
	// ends soon after ctx.
	Lookup(ctx context.Context, q Question) (Answer, error)
}

// Answer is what is known about a question.
type Answer struct {
	Records  []Record // sorted: MX and SRV by preference; must not be changed
	Missing  bool     // the name does not exist (NXDOMAIN)
	validFor time.Duration
}

// Record is one record.
type Record struct {
	Value      string // an address; a name in lower case without a final dot, "" for the root; the bytes of a TXT record
	Preference uint16 // of MX; the priority of SRV: the lowest comes first
	Weight     uint16 // of SRV
	Port       uint16 // of SRV
}

// Values returns the Value of each record.
func (a Answer) Values() []string {
	out := make([]string, 0, len(a.Records))
	for _, r := range a.Records {
		out = append(out, r.Value)
	}
	return out
}

// How long answers are good for at most, whatever they say themselves.
const (
	longest        = 24 * time.Hour
	longestMissing = time.Hour // RFC 2308 section 5: one to three hours work well
)

// maxAliases is how many aliases (CNAME) may lead to a name.
const maxAliases = 16

var (
	errAliases = errors.New("its aliases lead nowhere: a loop, or too many")
	errSays    = errors.New("the name server says") // that it cannot find out
	errRefused = fmt.Errorf("%w %s; does it recurse for this machine?", errSays, rcodeText(wire.RcodeRefused))
)

// answerOf reads a server's answer, which may say anything. It must be the answer to that question.
func answerOf(m *wire.Msg, q Question) (Answer, error) {
	switch m.Rcode {
	case wire.RcodeSuccess, wire.RcodeNameError:
	default:
		return Answer{}, fmt.Errorf("%w %s", errSays, rcodeText(m.Rcode))
	}
	name, ttl, err := followAliases(m, q)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{validFor: ttl}
	for _, rr := range m.Answer {
		h := rr.Header()
		if h.Class != wire.ClassINET || Type(h.Rrtype) != q.Type || plainName(h.Name) != name {
			continue
		}
		if r, ok := recordOf(rr); ok {
			a.Records = append(a.Records, r)
			a.validFor = min(a.validFor, seconds(h.Ttl))
		}
	}
	if len(a.Records) == 0 {
		a.Missing = m.Rcode == wire.RcodeNameError
		a.validFor = min(a.validFor, negativeTTL(m))
		return a, nil
	}
	slices.SortStableFunc(a.Records, func(x, y Record) int {
		return cmp.Or(cmp.Compare(x.Preference, y.Preference), cmp.Compare(y.Weight, x.Weight))
	})
	return a, nil
}

// followAliases returns the name that the aliases in an answer lead to, and how long they are good for.
func followAliases(m *wire.Msg, q Question) (name string, ttl time.Duration, err error) {
	name, ttl = q.Name, longest
	if q.Type == CNAME {
		return name, ttl, nil
	}
	aliases := map[string]*wire.CNAME{}
	for _, rr := range m.Answer {
		if c, ok := rr.(*wire.CNAME); ok && c.Hdr.Class == wire.ClassINET {
			aliases[plainName(c.Hdr.Name)] = c
		}
	}
	for range maxAliases {
		c := aliases[name]
		if c == nil {
			return name, ttl, nil
		}
		name, ttl = plainName(c.Target), min(ttl, seconds(c.Hdr.Ttl))
	}
	return "", 0, errAliases
}

// negativeTTL is how long it is known that there is nothing: not at all without a SOA record (RFC 2308 section 5).
func negativeTTL(m *wire.Msg) time.Duration {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*wire.SOA); ok {
			return min(seconds(soa.Hdr.Ttl), seconds(soa.Minttl), longestMissing)
		}
	}
	return 0
}

// seconds is a time to live. One with the highest bit set is none (RFC 2181 section 8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}

// recordOf reads a record; ok is false if it is of no type that we know.
func recordOf(rr wire.RR) (r Record, ok bool) {
	switch rr := rr.(type) {
	case *wire.A:
		return Record{Value: rr.A.String()}, len(rr.A) > 0
	case *wire.AAAA:
		return Record{Value: rr.AAAA.String()}, len(rr.AAAA) > 0
	case *wire.CNAME:
		return Record{Value: plainName(rr.Target)}, true
	case *wire.MX:
		return Record{Value: plainName(rr.Mx), Preference: rr.Preference}, true
	case *wire.NS:
		return Record{Value: plainName(rr.Ns)}, true
	case *wire.PTR:
		return Record{Value: plainName(rr.Ptr)}, true
	case *wire.SRV:
		return Record{Value: plainName(rr.Target), Preference: rr.Priority, Weight: rr.Weight, Port: rr.Port}, true
	case *wire.TXT:
		return Record{Value: joined(rr.Txt)}, true
	}
	return Record{}, false
}

// plainName returns a name in lower case without its final dot; odd bytes stay escaped (\009), so that it is printable.
func plainName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// joined returns the bytes of a TXT record: its strings without anything between them (RFC 7208 section 3.3), which the library has
// escaped.
func joined(parts []string) string {
	var out []byte
	for _, s := range parts {
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] != '\\':
				out = append(out, s[i])
			case i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
				out = append(out, (s[i+1]-'0')*100+(s[i+2]-'0')*10+s[i+3]-'0')
				i += 3
			case i+1 < len(s):
				i++
				out = append(out, s[i])
			}
		}
	}
	return string(out)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func rcodeText(rcode int) string {
	if text, ok := wire.RcodeToString[rcode]; ok {
		return text
	}
	return fmt.Sprintf("error %d", rcode)
}
