package luaapi

import (
	"context"
	"math/rand/v2"
	"time"
	"unsafe"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
	"luamilter/luaapi/mail"
	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// Host is what a running hook asks of the daemon.
type Host interface {
	// Sleep waits, not on the script's CPU budget. It ends early with an error when the hook's time is up or the daemon stops.
	Sleep(d time.Duration) error
	// Wait runs what asks others, such as a server or a disk, not on the script's CPU budget, and returns its error. It runs in another
	// goroutine: it must not touch the VM, and must end soon after ctx, which ends when the hook's time is up or the daemon stops; then Wait
	// returns that as an error, which must be raised. Until then the MTA is told to be patient.
	Wait(do func(ctx context.Context) error) error
	// Services are what scripts reach besides the message.
	Services() *Services
	// Progress tells the MTA at once that the end of the message takes time.
	Progress() error
	// Metrics are those of the script whose hook runs.
	Metrics() *metric.Version
}

// Call is what a running hook may reach.
type Call struct {
	Stage   protocol.Stage
	Timer   string // the name of the timer that runs in the place of a hook; "" for a hook
	Conn    *Conn
	Layers  *Layers
	Message *Message             // nil unless Stage is eom
	Headers *protocol.HeaderEdit // nil unless Stage is eoh or eom
	Want    *protocol.Want       // nil unless Stage is negotiate
	Offer   *protocol.Offer      // nil unless Stage is negotiate
	Log     *zerolog.Logger
	Host    Host
}

// Hook names what runs: the hook, or the timer.
func (c *Call) Hook() string {
	if c.Timer != "" {
		return "timer " + c.Timer
	}
	return c.Stage.String()
}

// Layers are a script's data tables for one connection: its own, and that of the message, which reads fall through.
type Layers struct {
	Connection *lua.LTable
	Message    *lua.LTable // nil outside a message
}

// Env ties a VM to the hook it runs. Every function that scripts call closes over it.
type Env struct {
	L        *lua.LState
	Budget   *budget.Budget // of the running hook, or of the file level
	Files    *ModuleFiles   // files that the script may require
	Script   string         // the script's name
	Clock    *Clock         // the time that the script is told; nil for the system's
	Services *Services      // what is there while the script is loaded, and in hooks; nil for nothing
	call     *Call          // nil while no hook runs

	Settings map[string]Given // what the configuration has for the script, by name
	Declared []Setting        // what the script declares
	Timers   []Timer          // that the script has made
	loaded   bool             // the script is loaded: it makes no more of them
	lent     string           // see Lend
	caught   *lua.LFunction
	co       coroutines
	series   *rand.Rand // of math.random, nil without a seed

	recordsOpen bool // see record

	globalsMeta, connMeta, macrosMeta, messageMeta, headersMeta, fieldMeta, bodyMeta, partMeta, negotiationMeta *lua.LTable
	cachedMeta, limiterMeta, greylisterMeta, tallyMeta, verdictMeta, rawMeta                                    *lua.LTable

	verdicts   [len(plainVerdicts)]*lua.LUserData
	modules    []Module
	libraries  map[string]*lua.LTable // those made so far
	named      map[string]bool        // those that became globals
	required   requiring
	spoken     spoken
	collecting *job // see await; nil unless parallel.call collects
	macros     *lua.LUserData
	strings    *lua.LTable // the methods of strings
	texts      *texts      // nil until it is needed, as are the next
	lowered    *converted
	uppered    *converted
	patterns   patterns

	jsonNull  *lua.LUserData // nil until the module is required, as is the next
	arrayMeta *lua.LTable

	regexMeta, regexsetMeta, listMeta *lua.LTable // see once
}

// Begin makes a call current; the functions of the API work on it until End.
func (e *Env) Begin(c *Call) { e.call = c }

// End makes the API refuse until the next Begin.
func (e *Env) End() { e.call, e.lent = nil, "" }

// Call returns the running call, nil while no hook runs.
func (e *Env) Call() *Call { return e.call }

// LentMethods are the methods that a script may call on a text that was lent to it: what they return never shares its memory.
var LentMethods = map[string]bool{"byte": true, "find": true, "len": true, "match": true, "sub": true}

// Lend returns a value for a text whose memory is somebody else's after the hook. The hook must be one that does nothing with it but ask
// for its length, compare it, join it to others, and call LentMethods.
func (e *Env) Lend(text string) lua.LValue {
	e.lent = text
	return lua.LString(text)
}

// isLent reports whether a string is, or shares memory with, the one that was lent.
func (e *Env) isLent(s string) bool {
	if e.lent == "" || s == "" {
		return false
	}
	at, begin := uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(unsafe.Pointer(unsafe.StringData(e.lent)))
	return at >= begin && at < begin+uintptr(len(e.lent))
}

// current returns the running call, or raises a Lua error: a script's file level has nothing to act on.
func (e *Env) current(L *lua.LState, function string) *Call {
	if e.call == nil {
		L.RaiseError("%s works only inside a hook, not while the script is loaded", function)
	}
	return e.call
}

// message is the one way to the actions: it returns the message of the running eom hook and raises an error elsewhere.
func (e *Env) message(L *lua.LState, action string) *mail.Message {
	c := e.current(L, action)
	if c.Message == nil {
		L.RaiseError("%s works only in eom, not in %s", action, c.Hook())
	}
	return &c.Message.Message
}
