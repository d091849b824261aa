package dns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"luamilter/luaapi/parallel"
)

// List is a list of addresses or domains that is asked over DNS (RFC 5782), such as a DNSBL.
type List struct {
	Zone   string
	Weight float64           // what a hit counts; below zero for a list of the good
	Codes  map[string]string // the answers that are hits, with what they mean; "*" stands for any number. nil: all are
}

// Hit is what a list says.
type Hit struct {
	Zone    string
	Code    string // its first answer that is a hit, such as 127.0.0.2
	Meaning string // of that, "" if Codes does not say
	Weight  float64
}

// Listing is what several lists say together.
type Listing struct {
	Hits  []Hit // the lists that have it, in the order of the lists
	Score float64
	Asked int     // lists that answered
	Errs  []error // of those that did not, or not as a list
}

// Asked is what is looked for in lists.
type Asked struct{ prefix string }

// AskedIP looks for an address.
func AskedIP(ip netip.Addr) Asked { return Asked{reversed(ip)} }

// AskedDomain looks for a domain.
func AskedDomain(name string) (Asked, error) {
	q, err := NewQuestion(name, A)
	return Asked{q.Name}, err
}

// ListQuestion is what a list is asked for an address or a domain.
func ListQuestion(addressOrDomain, zone string) (Question, error) {
	if ip, err := netip.ParseAddr(addressOrDomain); err == nil {
		return AskedIP(ip).question(zone)
	}
	what, err := AskedDomain(addressOrDomain)
	if err != nil {
		return Question{}, err
	}
	return what.question(zone)
}

func (a Asked) question(zone string) (Question, error) { return NewQuestion(a.prefix+"."+zone, A) }

// CheckLists asks all lists at once. With enough set it ends as soon as the hits so far weigh that much, which makes sense only if no
// weight is below zero.
func CheckLists(ctx context.Context, s Source, what Asked, lists []List, enough float64) Listing {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hits, errs := make([]*Hit, len(lists)), make([]error, len(lists))
	answered := make([]bool, len(lists))
	var mu sync.Mutex
	score := 0.0
	var all []func()
	for i, l := range lists {
		all = append(all, func() {
			hit, err := l.check(ctx, s, what)
			mu.Lock()
			defer mu.Unlock()
			if enough > 0 && score >= enough {
				return // too late: the answer, if it is one, does not matter
			}
			hits[i], errs[i], answered[i] = hit, err, err == nil
			if hit != nil {
				score += hit.Weight
			}
			if enough > 0 && score >= enough {
				cancel()
			}
		})
	}
	parallel.Run(all...)
	out := Listing{Score: score}
	for i := range lists {
		if hits[i] != nil {
			out.Hits = append(out.Hits, *hits[i])
		}
		if errs[i] != nil {
			out.Errs = append(out.Errs, errs[i])
		}
		if answered[i] {
			out.Asked++
		}
	}
	return out
}

// check asks one list; nil if it does not have it.
func (l List) check(ctx context.Context, s Source, what Asked) (*Hit, error) {
	q, err := what.question(l.Zone)
	if err != nil {
		return nil, nil // too long for the list to have it
	}
	a, err := s.Lookup(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", l.Zone, err)
	}
	var wrong error
	for _, code := range a.Values() {
		if err := badCode(code); err != nil {
			wrong = fmt.Errorf("list %s: %w", l.Zone, err)
			continue
		}
		if meaning, ok := l.meaning(code); ok {
			return &Hit{l.Zone, code, meaning, l.Weight}, nil
		}
	}
	return nil, wrong
}

var errNoList = errors.New("no list answers so: it may have ended, or the name servers answer instead of it")

// badCode reports why an answer does not mean that something is listed.
func badCode(code string) error {
	ip, err := netip.ParseAddr(code)
	switch {
	case err != nil || !ip.Is4():
		return fmt.Errorf("it answers %s; %w", code, errNoList)
	case strings.HasPrefix(code, "127.255.255."):
		return fmt.Errorf("it answers %s and so refuses to be asked: by these name servers, without an account, or so often", code)
	case code == "127.0.0.1":
		return fmt.Errorf("it answers %s, which means that it refuses to be asked or is misused (RFC 5782 section 2.1)", code)
	case ip.As4()[0] != 127:
		return fmt.Errorf("it answers %s; %w", code, errNoList)
	}
	return nil
}

// meaning returns what an answer means; ok is false if it is no hit.
func (l List) meaning(code string) (text string, ok bool) {
	if l.Codes == nil {
		return "", true
	}
	if text, ok := l.Codes[code]; ok {
		return text, true
	}
	best := ""
	for form := range l.Codes {
		// The longest form wins, and of those the last in the alphabet: always the same.
		if codeFits(code, form) && (len(form) > len(best) || len(form) == len(best) && form > best) {
			best = form
		}
	}
	return l.Codes[best], best != ""
}

// codeFits reports whether an answer is of a form such as 127.0.*.2.
func codeFits(code, form string) bool {
	have, want := strings.Split(code, "."), strings.Split(form, ".")
	if len(have) != len(want) {
		return false
	}
	for i := range have {
		if want[i] != "*" && want[i] != have[i] {
			return false
		}
	}
	return true
}

// CheckCode reports what is wrong with a key of List.Codes.
func CheckCode(form string) error {
	if ip, err := netip.ParseAddr(strings.ReplaceAll(form, "*", "2")); err != nil || !ip.Is4() || ip.As4()[0] != 127 {
		return fmt.Errorf(`%.40q is no answer of a list; write "127.0.0.2", or "127.0.*.2" for any number`, form)
	}
	return nil
}

// CheckZone reports what is wrong with the name of a list.
func CheckZone(zone string) error {
	_, err := NewQuestion(zone, A)
	return err
}
