package maps

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gaissmai/bart"

	"luamilter/luaapi/maps/format"
)

// networks finds the smallest network that an address is in.
type networks struct {
	table  *bart.Table[uint32] // numbers of values
	values []string
	known  map[string]uint32 // of those so far; nil when done
	length int64             // of all values
}

// bytesPerNetwork is about what a network takes, measured with /24 networks at random.
const bytesPerNetwork = 60

func newNetworks() *networks {
	return &networks{table: new(bart.Table[uint32]), values: []string{""}, known: map[string]uint32{"": 0}}
}

func (n *networks) add(e format.Entry) error {
	prefixes, err := parseNetworks(e.Key)
	if err != nil {
		return err
	}
	value, ok := n.known[e.Value]
	if !ok {
		value = uint32(len(n.values))
		own := strings.Clone(e.Value)
		n.known[own], n.values = value, append(n.values, own)
		n.length += int64(len(own))
	}
	for _, p := range prefixes {
		if _, there := n.table.Get(p); !there {
			n.table.Insert(p, value)
		}
	}
	return nil
}

func (n *networks) done() (Loaded, error) {
	n.known = nil
	return n, nil
}

// Find implements Loaded. What is no address is in no network.
func (n *networks) Find(key string) (value string, found bool, err error) {
	addr, ok := parseAddr(key)
	if !ok {
		return "", false, nil
	}
	v, found := n.table.Lookup(addr)
	return n.values[v], found, nil
}

// Len implements Loaded.
func (n *networks) Len() int { return n.table.Size() }

// Bytes implements Loaded.
func (n *networks) Bytes() int64 { return bytesPerNetwork*int64(n.table.Size()) + n.length }

// parseAddr reads an address, also one in brackets as in mail; one of IPv4 mapped into IPv6 is that of IPv4.
func parseAddr(s string) (netip.Addr, bool) {
	if inside, ok := strings.CutPrefix(s, "["); ok {
		s = strings.TrimSuffix(inside, "]")
		if v6, ok := cutFold(s, "IPv6:"); ok {
			s = v6
		}
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap().WithZone(""), err == nil
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// parseNetworks reads an address, a network as 192.0.2.0/24, or a range as 192.0.2.1-192.0.2.9.
func parseNetworks(s string) ([]netip.Prefix, error) {
	if first, last, ok := strings.Cut(s, "-"); ok {
		return parseRange(s, strings.TrimSpace(first), strings.TrimSpace(last))
	}
	if !strings.Contains(s, "/") {
		addr, ok := parseAddr(s)
		if !ok {
			return nil, fmt.Errorf("%q is no address, network or range", s)
		}
		return []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}, nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, fmt.Errorf("%q is no network: %w", s, err)
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	if p != p.Masked() {
		return nil, fmt.Errorf("%s has bits behind its length; perhaps %s was meant", s, p.Masked())
	}
	return []netip.Prefix{p}, nil
}

// parseRange returns the networks that make up a range.
func parseRange(s, from, to string) ([]netip.Prefix, error) {
	first, ok1 := parseAddr(from)
	last, ok2 := parseAddr(to)
	if !ok1 || !ok2 || first.Is4() != last.Is4() {
		return nil, fmt.Errorf("%q is no range of addresses", s)
	}
	if last.Less(first) {
		return nil, fmt.Errorf("the range %s ends before it begins", s)
	}
	var all []netip.Prefix
	for {
		p := largest(first, last)
		all = append(all, p)
		end := lastOf(p)
		if end == last {
			return all, nil
		}
		first = end.Next()
	}
}

// largest returns the largest network that begins with an address and does not go beyond another.
func largest(first, last netip.Addr) netip.Prefix {
	p := netip.PrefixFrom(first, first.BitLen())
	for bits := first.BitLen() - 1; bits >= 0; bits-- {
		wider := netip.PrefixFrom(first, bits)
		if wider.Masked() != wider || last.Less(lastOf(wider)) {
			break
		}
		p = wider
	}
	return p
}

// lastOf returns the last address of a network.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr
}
