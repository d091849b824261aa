package simulate

import (
	"fmt"
	"net"
	"time"

	"luamilter/protocol"
)

// Attach opens a session with any filter, at the other end of a connection, for an MTA that offers what it says and an SMTP client. Each packet of
// the filter may take as long as the timeout says. After an error the connection is closed. A session of that kind tells of no hooks.
func Attach(conn net.Conn, mta MTA, offer protocol.Offer, timeout time.Duration, c Client) (*Session, error) {
	s := &Session{filter: &Filter{Offer: offer, MTA: mta}, client: c, wire: protocol.NewClient(conn, timeout)}
	gone := make(chan struct{})
	close(gone) // when the filter is done with it is its own affair
	s.gone = gone
	agreed, err := s.wire.Negotiate(offer)
	if err != nil {
		_ = s.wire.Close()
		return nil, fmt.Errorf("open a connection to the filter: %w", err)
	}
	s.agreed = protocol.Agreement{Offer: agreed}
	return s, nil
}

// OfferOf returns what Postfix offers when it is told to speak a version of the protocol (milter8.c), 2, 3, 4 or 6.
func OfferOf(version int) (protocol.Offer, error) {
	o := protocol.Offer{Version: uint32(version), Actions: protocol.ActChgFrom - 1, Steps: protocol.NoEOH<<1 - 1}
	switch version {
	case 2:
	case 3:
		o.Steps |= protocol.NoUnknown
	case 4:
		o.Steps |= protocol.NoUnknown | protocol.NoData
	case 6:
		return protocol.FullOffer, nil
	default:
		return o, fmt.Errorf("there is no version %d that MTAs offer, only 2, 3, 4 and 6", version)
	}
	return o, nil
}

// DefaultSendmail is a Sendmail of Debian 12.
var DefaultSendmail = MTA{Kind: protocol.Sendmail, Name: "mail.example.com", Version: "8.17.1.9", Daemon: "MTA", Address: "192.0.2.25", Port: "25"}
