package maps

import (
	"fmt"
	"net/netip"
	"strings"

	"luamilter/luaapi/maps/format"
)

// cidr is a table of Postfix's in which the first network counts (cidr_table(5)).
type cidr struct {
	rules    []rule
	networks []netip.Prefix // one for each rule
	size     int64
}

func (c *cidr) add(e format.Entry) error {
	var p netip.Prefix
	if e.Op != format.EndIf {
		var err error
		if p, err = postfixNetwork(e.Key); err != nil {
			return err
		}
	}
	c.rules = append(c.rules, rule{e.Op, e.Not, strings.Clone(e.Value)})
	c.networks = append(c.networks, p)
	c.size += 64 + int64(len(e.Value))
	return nil
}

// postfixNetwork reads an address or a network, which may have brackets.
func postfixNetwork(s string) (netip.Prefix, error) {
	plain := strings.NewReplacer("[", "", "]", "").Replace(s)
	if addr, err := netip.ParseAddr(plain); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(plain)
	if err != nil {
		return p, fmt.Errorf("%q is no address or network", s)
	}
	if p != p.Masked() {
		return p, fmt.Errorf("%s has bits behind its length; perhaps %s was meant", s, p.Masked())
	}
	return p, nil
}

func (c *cidr) done() (Loaded, error) { return c, nil }

// Find implements Loaded. A network says nothing about addresses of the other family, also where it is negated.
func (c *cidr) Find(key string) (value string, found bool, err error) {
	addr, err := netip.ParseAddr(key)
	if err != nil {
		return "", false, nil
	}
	i := firstOf(c.rules, func(i int) (match, concerns bool) {
		p := c.networks[i]
		return p.Contains(addr), p.Addr().Is4() == addr.Is4()
	})
	if i < 0 {
		return "", false, nil
	}
	return c.rules[i].value, true, nil
}

// Len implements Loaded.
func (c *cidr) Len() int { return count(c.rules) }

// Bytes implements Loaded.
func (c *cidr) Bytes() int64 { return c.size }
