package asked

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"luamilter/luaapi/dns"
	"luamilter/luaapi/geo"
)

// names are name servers.
type names struct {
	asking
	real dns.Source // nil if nobody is asked
}

// Cached implements dns.Source.
func (n names) Cached(q dns.Question) (dns.Answer, bool) {
	if n.real == nil {
		return dns.Answer{}, false
	}
	answer, known := n.real.Cached(q)
	if known {
		n.log.done("dns", dnsQuestion(q), dnsAnswer(q, answer), nil)
	}
	return answer, known
}

// Lookup implements dns.Source.
func (n names) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if n.real == nil {
		return dns.Answer{}, n.no("dns", dnsQuestion(q), n.silence)
	}
	answer, err := n.real.Lookup(ctx, q)
	n.log.done("dns", dnsQuestion(q), dnsAnswer(q, answer), err)
	return answer, err
}

func dnsQuestion(q dns.Question) string { return q.Type.String() + " " + q.Name }

func dnsAnswer(q dns.Question, a dns.Answer) string {
	if a.Missing {
		return "no such name"
	}
	if len(a.Records) == 0 {
		return "no such record"
	}
	var all []string
	for _, r := range a.Records {
		switch q.Type {
		case dns.MX:
			all = append(all, fmt.Sprintf("%d %s", r.Preference, r.Value))
		case dns.SRV:
			all = append(all, fmt.Sprintf("%d %d %d %s", r.Preference, r.Weight, r.Port, r.Value))
		default:
			all = append(all, r.Value)
		}
	}
	return strings.Join(all, ", ")
}

// places are the files of geo.
type places struct {
	asking
	real geo.Source // nil if nobody is asked
}

// Look implements geo.Source.
func (p places) Look(ip netip.Addr) (geo.Place, error) {
	if p.real == nil {
		return geo.Place{}, p.no("geo", ip.String(), p.silence)
	}
	place, err := p.real.Look(ip)
	text := place.Country
	if place.ASN != 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s AS%d %s", place.Country, place.ASN, place.Organization))
	}
	p.log.done("geo", ip.String(), text, err)
	return place, err
}
