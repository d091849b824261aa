package luaapi

import "luamilter/luaapi/dns"

// Services are what scripts reach besides the message. The daemon has one of each for all scripts and VMs; one that is nil is not there, and
// the module that needs it raises an error that says so. Each is safe for use by several goroutines.
type Services struct {
	DNS dns.Source // name servers; a dns.Fake in tests
}
