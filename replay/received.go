package replay

import (
	"net/netip"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/protocol"
	"luamilter/simulate"
)

// hop is what a Received field tells of the client that an MTA had.
type hop struct {
	client    simulate.Client
	recipient string // "" where it does not say
}

// lastHop returns what the topmost Received field tells that names an address outside of the host, or else any address.
func lastHop(header []protocol.Field) hop {
	local := hop{client: DefaultClient}
	found := false
	for i := range header {
		if !strings.EqualFold(header[i].Name, "Received") {
			continue
		}
		h, ok := parseReceived(header[i].Value)
		switch {
		case !ok:
		case !h.client.IP.IsLoopback():
			return h
		case !found:
			local, found = h, true
		}
	}
	return local
}

// parseReceived reads a field as Postfix, Sendmail, Exim and qmail write it:
//
//	from HELO (HOST [ADDRESS]) (using TLSv1.3 with cipher NAME (256/256 bits)) (Authenticated sender: USER) by ... for <RECIPIENT>; DATE
//	from HOST ([ADDRESS] helo=HELO) by ...
//	from HOST (HELO NAME) (ADDRESS) by ...
func parseReceived(value string) (h hop, ok bool) {
	text := " " + strings.Join(strings.Fields(value), " ")
	text, found := strings.CutPrefix(text, " from ")
	if !found {
		return hop{}, false
	}
	text, rest, _ := strings.Cut(text, " by ")
	if _, to, found := strings.Cut(rest, " for <"); found {
		to, _, _ = strings.Cut(to, ">")
		if address.Check(to, true) == nil {
			h.recipient = to
		}
	}
	name, comments, _ := strings.Cut(text, " ")
	c := &h.client
	c.Port, c.Host, c.Helo = DefaultClient.Port, name, name
	for comment := range parenthesized(comments) {
		readComment(c, comment)
	}
	if !c.IP.IsValid() {
		c.IP = literal(name)
	}
	if strings.HasPrefix(c.Host, "[") || c.Host == "unknown" {
		c.Host = ""
	}
	return h, c.IP.IsValid()
}

// parenthesized yields the outermost comments of a text, without their parentheses.
func parenthesized(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		depth, start := 0, 0
		for i := range len(text) {
			switch text[i] {
			case '(':
				if depth++; depth == 1 {
					start = i + 1
				}
			case ')':
				if depth == 1 && !yield(text[start:i]) {
					return
				}
				depth = max(0, depth-1)
			}
		}
	}
}

// readComment notes what a comment tells of the client.
func readComment(c *simulate.Client, comment string) {
	if user, found := strings.CutPrefix(comment, "Authenticated sender: "); found {
		c.Auth.User = user
		return
	}
	if tls, found := strings.CutPrefix(comment, "using "); found {
		readTLS(c, tls)
		return
	}
	if helo, found := strings.CutPrefix(comment, "HELO "); found {
		c.Helo = helo
		return
	}
	if c.IP.IsValid() {
		return
	}
	before, inside, found := strings.Cut(comment, "[")
	if !found {
		c.IP = literal("[" + comment + "]")
		return
	}
	inside, after, _ := strings.Cut(inside, "]")
	c.IP = literal("[" + inside + "]")
	if host := strings.Fields(before); len(host) > 0 {
		c.Host = host[0][strings.LastIndexByte(host[0], '@')+1:] // an ident reply stands before @
	}
	if _, helo, found := strings.Cut(after, "helo="); found {
		c.Helo, _, _ = strings.Cut(helo, " ")
	}
}

// readTLS reads "TLSv1.3 with cipher NAME (256/256 bits)".
func readTLS(c *simulate.Client, text string) {
	words := strings.Fields(text)
	if len(words) < 4 || words[1] != "with" || words[2] != "cipher" {
		return
	}
	c.TLS.Version, c.TLS.Cipher = words[0], words[3]
	if len(words) > 4 {
		c.TLS.Bits, _, _ = strings.Cut(strings.TrimPrefix(words[4], "("), "/")
	}
}

// literal returns the address of a domain literal, which is not valid if it is none.
func literal(text string) netip.Addr {
	text, found := strings.CutPrefix(text, "[")
	if !found {
		return netip.Addr{}
	}
	text = strings.TrimSuffix(text, "]")
	if len(text) > 5 && strings.EqualFold(text[:5], "IPv6:") {
		text = text[5:]
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap()
}
