package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"luamilter/luaapi/upstream"
)

// Allow are places that requests may go to although their address is not public.
type Allow struct {
	networks []netip.Prefix
	places   map[string]bool // names, with or without a port, and addresses with one
}

// ParseAllow reads a list of places: an address or a network (10.1.0.0/16), a name (api.internal), and a name or an address with a port
// (127.0.0.1:8080).
func ParseAllow(list []string) (Allow, error) {
	a := Allow{places: map[string]bool{}}
	for _, text := range list {
		if p, err := netip.ParsePrefix(text); err == nil {
			a.networks = append(a.networks, p.Masked())
			continue
		}
		if ip, err := netip.ParseAddr(text); err == nil {
			ip = ip.Unmap()
			a.networks = append(a.networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		if text == "" || strings.ContainsAny(text, "/ ") {
			return a, fmt.Errorf("%q is no place; write an address, a network as 10.1.0.0/16, a name, or one of these with :port", text)
		}
		a.places[strings.ToLower(text)] = true
	}
	return a, nil
}

// named reports whether a host, or it with its port, is allowed by name.
func (a *Allow) named(host, port string) bool {
	host = strings.ToLower(host)
	return a.places[host] || a.places[net.JoinHostPort(host, port)]
}

// address reports whether an address, with a port, may be connected to.
func (a *Allow) address(at netip.AddrPort) bool {
	ip := at.Addr().Unmap().WithZone("")
	if isPublic(ip) || a.places[netip.AddrPortFrom(ip, at.Port()).String()] {
		return true
	}
	for _, n := range a.networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// special are networks that are not public and that netip has no name for. RFC 6890, and the ways of IPv6 to say an IPv4 address.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// isPublic reports whether an address is one of the Internet.
func isPublic(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, n := range special {
		if n.Contains(ip) {
			return false
		}
	}
	return true
}

// checkURL refuses what no request may go to, as far as the URL tells.
func (c *Client) checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return upstream.Refusal(fmt.Sprintf("the URL begins with %.20q; http:// or https:// was expected", u.Scheme+":"))
	case u.Hostname() == "":
		return upstream.Refusal("the URL names no host")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return nil
	}
	_, port, _ := net.SplitHostPort(hostPort(u))
	return c.check(u.Hostname(), ip.String(), port)
}

// check refuses an address that is neither public nor allowed.
func (c *Client) check(host, ip, port string) error {
	at, err := netip.ParseAddrPort(net.JoinHostPort(ip, port))
	if err != nil {
		return upstream.Refusal(fmt.Sprintf("%.60q is no address", ip))
	}
	if c.allow.address(at) {
		return nil
	}
	name := host
	if _, err := netip.ParseAddr(host); err != nil {
		name += ", which is " + ip + ","
	}
	return upstream.Refusal(fmt.Sprintf("%s is not public; http.allow in the configuration makes exceptions", name))
}

// dial connects, to what may be connected to.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: dialTime}
	if !c.allow.named(host, port) {
		d.Control = func(_, at string, _ syscall.RawConn) error {
			ip, port, err := net.SplitHostPort(at)
			if err != nil {
				return err
			}
			return c.check(host, ip, port)
		}
	}
	return d.DialContext(ctx, network, address)
}

// redirect says whether a redirect is followed, and takes away what another host must not get.
func (c *Client) redirect(next *http.Request, before []*http.Request) error {
	last := before[len(before)-1].URL
	switch {
	case len(before) > maxRedirects:
		return upstream.Refusal(fmt.Sprintf("more than %d redirects", maxRedirects))
	case last.Scheme == "https" && next.URL.Scheme != "https":
		return upstream.Refusal("a redirect from https to " + next.URL.Scheme)
	}
	if err := c.checkURL(next.URL); err != nil {
		return upstream.Refusal("a redirect: " + err.Error())
	}
	first := before[0].URL
	if next.URL.Scheme != first.Scheme || hostPort(next.URL) != hostPort(first) {
		next.Host = ""
		for name := range next.Header {
			if name != "User-Agent" && name != "Accept" && name != "Content-Type" {
				delete(next.Header, name)
			}
		}
		if next.Body != nil && next.Body != http.NoBody {
			return upstream.Refusal("a redirect to another host, which would get the body too")
		}
	}
	return nil
}
