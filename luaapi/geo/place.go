package geo

import (
	"errors"
	"net/netip"
)

// Place is what is known about an address. What is not known is "" or 0.
type Place struct {
	Country      string // two letters, ISO 3166-1
	CountryName  string // in English
	Continent    string // two letters
	City         string // in English
	EU           bool   // the country is in the European Union
	ASN          uint   // the number of the autonomous system
	Organization string // that runs it
	Network      netip.Prefix
}

// ErrUnknown is the error of an address that is in none of the files.
var ErrUnknown = errors.New("the address is not in the geo files")

// Source knows places. It is safe for use by several goroutines.
type Source interface {
	// Look returns what is known about an address, ErrUnknown if nothing is.
	Look(ip netip.Addr) (Place, error)
}

// Table is a Source that is made by hand.
type Table map[netip.Prefix]Place

// Look implements Source: the smallest network that has the address counts.
func (t Table) Look(ip netip.Addr) (Place, error) {
	best, found := Place{}, false
	ip = ip.Unmap()
	for network, place := range t {
		if network.Contains(ip) && (!found || network.Bits() > best.Network.Bits()) {
			best, found = place, true
			best.Network = network
		}
	}
	if !found {
		return Place{}, ErrUnknown
	}
	return best, nil
}
