package luaapi

import (
	"luamilter/luaapi/geo"
	"luamilter/luaapi/maps"
)

// Services are what scripts reach besides the message. The daemon has one of each for all scripts and VMs; one that is nil is not there, and
// the module that needs it raises an error that says so. Each is safe for use by several goroutines.
type Services struct {
	Geo  geo.Source // of require "geo"
	Maps *maps.Pool // of require "map"; nil: each script has its own, and no server is asked
}
