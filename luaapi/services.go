package luaapi

import (
	"time"

	"luamilter/luaapi/cache"
	"luamilter/luaapi/store"
)

// Services are what scripts reach besides the message. The daemon has one of each for all scripts and VMs; one that is nil is not there, and
// the module that needs it raises an error that says so. Each is safe for use by several goroutines.
type Services struct {
	Store store.Store   // of require "store"
	Cache *cache.Shared // of require "cache"
}

// Sizes of services that end with the process and play little mail.
const (
	playedStore = 64 << 20
	playedKeys  = 100_000
	playedCache = 64 << 20
)

// PlayedServices returns services for mail that is played to scripts, and not delivered: they begin empty, and reach nothing outside the process.
// now is the time that they go by.
func PlayedServices(now func() time.Time) *Services {
	memory := store.NewMemory(playedStore, playedKeys)
	memory.Now = now
	return &Services{Store: memory, Cache: &cache.Shared{Size: playedCache, Now: now}}
}
