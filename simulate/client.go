package simulate

import (
	"net/netip"

	"luamilter/protocol"
)

// Client is an SMTP client as the MTA sees it.
type Client struct {
	IP   netip.Addr // not valid where the MTA does not know it
	Port uint16
	Host string // "" for a client without a name in DNS: the filter is told [IP]
	Helo string // what it says at EHLO
	Auth Auth
	TLS  TLS
}

// Auth is how a client has authenticated (RFC 4954).
type Auth struct {
	User   string // macro {auth_authen}; "" if it has not
	Type   string // macro {auth_type}; "" for PLAIN
	Author string // macro {auth_author}: the AUTH= parameter of MAIL
}

// TLS is how a connection is encrypted.
type TLS struct {
	Version string // "TLSv1.3"; "" if it is not
	Cipher  string
	Bits    string
	Subject string // of a client certificate that is trusted
	Issuer  string
}

// DefaultClient is one that scripts have nothing against.
var DefaultClient = Client{IP: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Port: 50000, Host: "client.example.com", Helo: "client.example.com"}

// String returns the client's name and address, as macro _ has them.
func (c *Client) String() string { return c.hostName() + " [" + c.macro("{client_addr}") + "]" }

// hostName is the client's name as the filter gets it.
func (c *Client) hostName() string {
	switch {
	case c.Host != "":
		return c.Host
	case c.IP.IsValid():
		return "[" + c.IP.Unmap().String() + "]"
	}
	return "unknown"
}

// connect is the event that tells of the client.
func (c *Client) connect() *protocol.Connect {
	ev := &protocol.Connect{Host: []byte(c.hostName()), Family: protocol.FamilyUnknown}
	if !c.IP.IsValid() {
		return ev
	}
	ip := c.IP.Unmap()
	ev.Family, ev.Port, ev.Address = protocol.FamilyInet, c.Port, []byte(ip.WithZone("").String())
	if ip.Is6() {
		ev.Family = protocol.FamilyInet6
	}
	return ev
}
