package replay

import (
	"net/netip"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/protocol"
	"luamilter/replay/corpus"
	"luamilter/simulate"
)

// Given is what is said of the client and the envelope of every message. The rest is taken from the message itself: the sender from
// Return-Path, the "From " line of an mbox, or From; the recipient from X-Original-To, Delivered-To or the topmost Received, or all of To and
// Cc; the client, its name, HELO, login and encryption from the topmost Received field that names an address outside this host. Where the
// message does not tell, it is sent by DefaultClient to DefaultRecipient.
type Given struct {
	From *string // nil for what the message says; "" is the null sender
	To   []string
	IP   netip.Addr
	Host string
	Helo string
	Auth string // a user name
}

// DefaultClient and DefaultRecipient are for messages that do not tell.
var DefaultClient = simulate.DefaultClient

// DefaultRecipient is the recipient of a message that names none.
const DefaultRecipient = "recipient@example.com"

// Surroundings returns who sends a message, from where and to whom.
func (g *Given) Surroundings(stored *corpus.Message, m *simulate.Message) (simulate.Client, simulate.Envelope) {
	journey := lastHop(m.Header)
	c := journey.client
	if g.IP.IsValid() {
		c.IP, c.Host = g.IP, "" // the name of another address would be wrong
	}
	for _, set := range []struct {
		to    *string
		value string
	}{{&c.Host, g.Host}, {&c.Helo, g.Helo}, {&c.Auth.User, g.Auth}} {
		if set.value != "" {
			*set.to = set.value
		}
	}
	from := sender(stored, m.Header)
	if g.From != nil {
		from = *g.From
	}
	to := g.To
	if len(to) == 0 {
		to = recipients(m.Header, journey.recipient)
	}
	return c, simulate.NewEnvelope(from, to...)
}

// sender returns the envelope sender that a message had.
func sender(stored *corpus.Message, header []protocol.Field) string {
	if value, ok := first(header, "Return-Path"); ok {
		return oneAddress(value)
	}
	if stored.Stored {
		return printable(stored.Sender)
	}
	value, _ := first(header, "From")
	if list := addresses(value); len(list) > 0 {
		return list[0]
	}
	return ""
}

// recipients returns whom a message was for; received is the one that a Received field names.
func recipients(header []protocol.Field, received string) []string {
	for _, name := range []string{"X-Original-To", "Delivered-To"} {
		if value, ok := first(header, name); ok {
			if one := oneAddress(value); one != "" {
				return []string{one}
			}
		}
	}
	if received != "" {
		return []string{received}
	}
	var all []string
	for _, f := range header {
		if strings.EqualFold(f.Name, "To") || strings.EqualFold(f.Name, "Cc") {
			all = append(all, addresses(f.Value)...)
		}
	}
	if len(all) == 0 {
		return []string{DefaultRecipient}
	}
	return all
}

// first returns the value of the first field of a name.
func first(header []protocol.Field, name string) (value string, ok bool) {
	for i := range header {
		if strings.EqualFold(header[i].Name, name) {
			return header[i].Value, true
		}
	}
	return "", false
}

// addresses returns the addresses of a field that an envelope can have.
func addresses(value string) []string {
	var all []string
	for _, m := range address.ParseList(value, nil).Mailboxes {
		if m.Domain != "" && address.Check(m.Address, true) == nil {
			all = append(all, m.Address)
		}
	}
	return all
}

// oneAddress returns the address of a field that has one by itself, with or without brackets.
func oneAddress(value string) string {
	if m, err := address.Parse(value, nil); err == nil {
		return m.Address
	}
	return printable(address.Trim(strings.TrimSpace(value)))
}

// printable removes what does not fit into an SMTP command.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
