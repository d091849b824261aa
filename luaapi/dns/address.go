package dns

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"luamilter/luaapi/parallel"
)

// maxNames is how many names of an address are looked at; few have more than one.
const maxNames = 5

// Reverse returns the name of an address that has the address itself (forward-confirmed reverse DNS), "" and why if there is none. An error
// means that nobody knows.
func Reverse(ctx context.Context, s Source, ip netip.Addr) (name, why string, err error) {
	ip = ip.Unmap().WithZone("")
	pointers, err := s.Lookup(ctx, ReverseQuestion(ip))
	if err != nil {
		return "", "", err
	}
	names := pointers.Values()
	if len(names) == 0 {
		return "", fmt.Sprintf("%v has no name", ip), nil
	}
	for _, name := range names[:min(len(names), maxNames)] {
		q, badName := NewQuestion(name, forwardType(ip))
		if badName != nil {
			continue
		}
		a, failed := s.Lookup(ctx, q)
		if failed != nil {
			err = failed
			continue
		}
		if slices.Contains(a.Values(), ip.String()) {
			return q.Name, "", nil
		}
	}
	if err != nil {
		return "", "", err
	}
	return "", fmt.Sprintf("%s, the name of %v, does not have that address", names[0], ip), nil
}

// forwardType is the type of record that an address is in.
func forwardType(ip netip.Addr) Type {
	if ip.Is4() {
		return A
	}
	return AAAA
}

// Addresses returns the addresses of a name, those of IPv4 first. It is an error only if there are none of one family and nobody knows
// those of the other.
func Addresses(ctx context.Context, s Source, name string) ([]string, error) {
	q, err := NewQuestion(name, A)
	if err != nil {
		return nil, err
	}
	var four, six Answer
	var err4, err6 error
	parallel.Run(
		func() { four, err4 = s.Lookup(ctx, q) },
		func() { six, err6 = s.Lookup(ctx, Question{q.Name, AAAA}) },
	)
	all := append(four.Values(), six.Values()...)
	switch {
	case len(all) > 0:
		return all, nil
	case err4 != nil:
		return nil, err4
	}
	return nil, err6
}
