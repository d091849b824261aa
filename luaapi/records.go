package luaapi

import (
	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"
)

// TLS is conn.tls.
type TLS struct {
	Version string `luar:"version"`
	Cipher  string `luar:"cipher"`
	Bits    string `luar:"bits"`
	Subject string `luar:"subject"`
	Issuer  string `luar:"issuer"`
}

// Auth is conn.auth.
type Auth struct {
	User   string `luar:"user"`
	Type   string `luar:"type"`
	Author string `luar:"author"`
}

// Rejected is conn.rejected.
type Rejected struct {
	Status string `luar:"status"`
	Text   string `luar:"text"`
}

// Offered is neg.offered.
type Offered struct {
	Version  uint32 `luar:"version"`
	Actions  uint32 `luar:"actions"`
	Protocol uint32 `luar:"protocol"`
}

// record returns a pointer to one of the structs above as a value with fields. Nobody may change the struct afterwards: a copy of the
// value may be in another VM.
func (e *Env) record(value any) lua.LValue {
	if !e.recordsOpen {
		e.recordsOpen = true
		e.openRecords()
	}
	return luar.New(e.L, value)
}

// openRecords takes from scripts what gopher-luar would let them do to a struct: assign to its fields, replace it (^), copy it (-).
func (e *Env) openRecords() {
	for name, value := range map[string]any{"conn.tls": &TLS{}, "conn.auth": &Auth{}, "conn.rejected": &Rejected{}, "neg.offered": &Offered{}} {
		mt := luar.MT(e.L, value)
		mt.RawSetString("__pow", lua.LNil)
		mt.RawSetString("__unm", lua.LNil)
		mt.RawSetString("__newindex", e.L.NewFunction(readOnly(name, "it says what the MTA told")))
		mt.RawSetString("__metatable", lua.LString(name))
	}
}
