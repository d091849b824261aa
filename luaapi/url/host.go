package url

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"luamilter/luaapi/address"
)

// host sets the host, and notes what is odd about it.
func (u *URL) host(text string) error {
	if text == "" {
		return errors.New("it has no host")
	}
	if strings.HasPrefix(text, "[") {
		ip, err := netip.ParseAddr(strings.TrimSuffix(text[1:], "]"))
		if err != nil || !strings.HasSuffix(text, "]") {
			return fmt.Errorf("%.60q is no IPv6 address", text)
		}
		u.Host = "[" + ip.String() + "]"
		u.note(NoteIP)
		return nil
	}
	name := strings.TrimSuffix(Unescape(text), ".")
	if ip, odd, ok := ipv4(name); ok {
		u.Host = ip.String()
		u.note(NoteIP)
		if odd {
			u.note(NoteOddIP)
		}
		return nil
	}
	ascii, err := address.ToASCII(name)
	if err != nil || strings.ContainsAny(name, "@[]") {
		return fmt.Errorf("%.60q is no host", text)
	}
	u.Host = strings.ToLower(ascii)
	u.noteName()
	return nil
}

// ipv4 reads an IPv4 address in any notation that browsers take: 127.1, 0x7f000001, 0177.0.0.1. It is odd unless it is the usual one.
func ipv4(text string) (ip netip.Addr, odd, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false, false
	}
	var value uint64
	for i, part := range parts {
		n, err := ipNumber(part)
		if err != nil {
			return netip.Addr{}, false, false
		}
		last := i == len(parts)-1
		bits := 8
		if last {
			bits = 8 * (5 - len(parts))
		}
		if n>>bits != 0 {
			return netip.Addr{}, false, false
		}
		value = value<<bits | n
	}
	ip = netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)})
	return ip, ip.String() != text, true
}

// ipNumber reads a part of an IPv4 address: decimal, 0x hexadecimal or 0 octal.
func ipNumber(part string) (uint64, error) {
	digits, base := part, 10
	switch {
	case strings.HasPrefix(part, "0x") || strings.HasPrefix(part, "0X"):
		digits, base = part[2:], 16
	case len(part) > 1 && part[0] == '0':
		digits, base = part[1:], 8
	}
	if digits == "" && base == 16 {
		return 0, nil
	}
	return strconv.ParseUint(digits, base, 32)
}

// Domain returns the domain that somebody registered, of which the host is a part; "" for an IP address and what has none.
func (u *URL) Domain() string {
	domain, err := address.OrganizationalDomain(u.Host)
	if err != nil {
		return ""
	}
	return domain
}
