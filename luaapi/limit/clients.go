package limit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Clients are clients by network or name. The zero Clients has none.
type Clients struct {
	networks []netip.Prefix
	names    map[string]bool // in lower case
}

// ParseClients reads networks such as 192.0.2.0/24, addresses, and names such as example.com, which stand for themselves and all names below.
func ParseClients(list []string) (Clients, error) {
	c := Clients{names: map[string]bool{}}
	for _, text := range list {
		if network, err := parseNetwork(text); err == nil {
			c.networks = append(c.networks, network)
			continue
		}
		name := strings.ToLower(strings.Trim(text, "."))
		if !isName(name) {
			return Clients{}, fmt.Errorf("%q is neither a network such as 192.0.2.0/24, nor an address, nor a name such as example.com", text)
		}
		c.names[name] = true
	}
	return c, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		return p.Masked(), err
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	ip = ip.Unmap()
	return ip.Prefix(ip.BitLen())
}

// isName reports whether a text can be the name of a host: not a mistyped address, which ends in digits.
func isName(text string) bool {
	last := text[strings.LastIndexByte(text, '.')+1:]
	return last != "" && strings.Trim(last, "0123456789") != "" && !strings.ContainsAny(text, "/:@*[] \t") && !strings.Contains(text, "..")
}

// Has reports whether a client is one of them, by its address or its verified name.
func (c *Clients) Has(ip netip.Addr, host string) bool {
	ip = ip.Unmap().WithZone("")
	if slices.ContainsFunc(c.networks, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return true
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	for name != "" && len(c.names) > 0 {
		if c.names[name] {
			return true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return false
}
