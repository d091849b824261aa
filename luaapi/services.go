package luaapi

import "luamilter/luaapi/maps"

// Services are what scripts reach besides the message. The daemon has one of each for all scripts and VMs; one that is nil is not there, and
// the module that needs it raises an error that says so. Each is safe for use by several goroutines.
type Services struct {
	Maps *maps.Pool // lists; nil: each script has its own, from tables and files only
}
