package replay

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"luamilter/replay/corpus"
	"luamilter/simulate"
)

// TestReceived reads fields of several MTAs.
func TestReceived(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"Postfix", "from there.example.org (mail.example.org [198.51.100.7])\n\tby mx.example.com (Postfix) with ESMTP id 4SIM\n\tfor <b@example.com>; Mon, 05 Jan 2026 10:00:00 +0000 (UTC)",
			"198.51.100.7 mail.example.org there.example.org to b@example.com"},
		{"Postfix, a nameless client", "from [10.0.0.1] (unknown [198.51.100.7]) by mx.example.com (Postfix)", "198.51.100.7 - [10.0.0.1]"},
		{"Postfix, IPv6", "from there (mail.example.org [IPv6:2001:db8::7]) by mx", "2001:db8::7 mail.example.org there"},
		{"Postfix with encryption and login", "from pc (host.example.org [198.51.100.7])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n\t key-exchange X25519)\n\t(No client certificate requested)\n\t(Authenticated sender: alice)\n\tby mx with ESMTPSA",
			"198.51.100.7 host.example.org pc as alice TLSv1.3 TLS_AES_256_GCM_SHA384 256"},
		{"Sendmail", "from there.example.org (alice@mail.example.org [198.51.100.7] (may be forged)) by mx (8.17.1/8.17.1)", "198.51.100.7 mail.example.org there.example.org"},
		{"Exim", "from mail.example.org ([198.51.100.7] helo=there) by mx with esmtp", "198.51.100.7 mail.example.org there"},
		{"Exim, a nameless client", "from [198.51.100.7] (helo=there) by mx with esmtp", "198.51.100.7 - [198.51.100.7]"},
		{"qmail", "from unknown (HELO there) (198.51.100.7)\n  by mx with SMTP", "198.51.100.7 - there"},
		{"no address", "from mail.example.org by mx.example.com with LMTP", "none"},
		{"no from", "by mx.example.com with SMTP id 4SIM; Mon, 05 Jan 2026 10:00:00 +0000", "none"},
		{"empty", "", "none"},
		{"parentheses that do not close", "from there (mail [198.51.100.7] by mx", "none"},
		{"brackets that do not close", "from there (mail [198.51.100.7) by mx", "198.51.100.7 mail there"},
		{"from somewhere inside", "(qmail 123 invoked from network)", "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := "none"
			if h, ok := parseReceived(test.value); ok {
				got = show(&h.client)
				if h.recipient != "" {
					got += " to " + h.recipient
				}
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// show writes what is known of a client.
func show(c *simulate.Client) string {
	host := c.Host
	if host == "" {
		host = "-"
	}
	text := fmt.Sprintf("%s %s %s", c.IP, host, c.Helo)
	if c.Auth.User != "" {
		text += " as " + c.Auth.User
	}
	return strings.TrimRight(text+strings.TrimRight(fmt.Sprintf(" %s %s %s", c.TLS.Version, c.TLS.Cipher, c.TLS.Bits), " "), " ")
}

// TestSurroundings finds client and envelope in messages and flags.
func TestSurroundings(t *testing.T) {
	const outside, inside = "Received: from there (mail.example.org [198.51.100.7]) by mx for <r@example.net>\n", "Received: from localhost (localhost [127.0.0.1]) by mx for <l@example.net>\n"
	null := ""
	for _, test := range []struct {
		name   string
		header string
		stored corpus.Message
		given  Given
		want   string
	}{
		{"nothing is known", "Subject: x\n", corpus.Message{}, Given{}, "192.0.2.1 client.example.com client.example.com: <> to recipient@example.com"},
		{"From, To and Cc", "From: A <a@example.org>\nTo: B <b@example.net>, c@example.net\nCC: d@example.net, nobody\n", corpus.Message{}, Given{},
			"192.0.2.1 client.example.com client.example.com: <a@example.org> to b@example.net c@example.net d@example.net"},
		{"Return-Path", "Return-Path: <s@example.org>\nFrom: a@example.org\n", corpus.Message{}, Given{}, "192.0.2.1 client.example.com client.example.com: <s@example.org> to recipient@example.com"},
		{"null sender", "Return-Path: <>\nFrom: a@example.org\n", corpus.Message{}, Given{}, "192.0.2.1 client.example.com client.example.com: <> to recipient@example.com"},
		{"a mailbox tells the sender", "From: a@example.org\n", corpus.Message{Sender: "s@example.org", Stored: true}, Given{}, "192.0.2.1 client.example.com client.example.com: <s@example.org> to recipient@example.com"},
		{"X-Original-To comes before all", "Delivered-To: d@example.net\nX-Original-To: o@example.net\nTo: t@example.net\n", corpus.Message{}, Given{}, "192.0.2.1 client.example.com client.example.com: <> to o@example.net"},
		{"Delivered-To comes before Received", "Delivered-To: d@example.net\n" + outside, corpus.Message{}, Given{}, "198.51.100.7 mail.example.org there: <> to d@example.net"},
		{"Received comes before To", outside + "To: t@example.net\n", corpus.Message{}, Given{}, "198.51.100.7 mail.example.org there: <> to r@example.net"},
		{"from outside comes before local", inside + outside, corpus.Message{}, Given{}, "198.51.100.7 mail.example.org there: <> to r@example.net"},
		{"local only", inside, corpus.Message{}, Given{}, "127.0.0.1 localhost localhost: <> to l@example.net"},
		{"flags", outside + "From: a@example.org\n", corpus.Message{}, Given{From: &null, To: []string{"x@example.net", "y@example.net"}, IP: netip.MustParseAddr("203.0.113.9"), Helo: "here", Auth: "bob"},
			"203.0.113.9 - here as bob: <> to x@example.net y@example.net"},
		{"the name of the client", outside, corpus.Message{}, Given{Host: "other.example.org"}, "198.51.100.7 other.example.org there: <> to r@example.net"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := simulate.ReadMessage([]byte(test.header + "\n"))
			c, env := test.given.Surroundings(&test.stored, &m)
			got := fmt.Sprintf("%s: <%s> to", show(&c), env.From)
			for _, to := range env.To {
				got += " " + to.Mailbox
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// FuzzSurroundings reads whatever there is: what comes out must fit into SMTP commands.
func FuzzSurroundings(f *testing.F) {
	f.Add("Received: from a (b [192.0.2.1] helo=c) (using x with cipher y (1/2 bits)) by d for <e@f>\nReturn-Path: <g\n")
	f.Add("Delivered-To: \"a\nX-Original-To: \x00\nTo: x@y, <\n")
	f.Fuzz(func(t *testing.T, header string) {
		m := simulate.ReadMessage([]byte(header))
		c, env := (&Given{}).Surroundings(&corpus.Message{}, &m)
		all := []string{c.Host, c.Helo, c.Auth.User, env.From}
		for _, to := range env.To {
			all = append(all, to.Mailbox)
		}
		for _, text := range all {
			if strings.ContainsAny(text, "\x00\r\n") {
				t.Errorf("%q", text)
			}
		}
	})
}
