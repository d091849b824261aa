package luaapi

import (
	"reflect"

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

// records are the types that facts have, by the names they have there.
func records() map[string]any {
	return map[string]any{"tls": TLS{}, "auth": Auth{}, "rejected": Rejected{}, "offered": Offered{}}
}

// RecordFields returns the fields of the records, with their types, by the names of the types that facts have.
func RecordFields() map[string]map[string]string {
	out := map[string]map[string]string{}
	for name, value := range records() {
		fields := map[string]string{}
		for field := range reflect.TypeOf(value).Fields() {
			typ := "string"
			if field.Type.Kind() != reflect.String {
				typ = "integer"
			}
			fields[field.Tag.Get("luar")] = typ
		}
		out[name] = fields
	}
	return out
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
