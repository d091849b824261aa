package luaapi

import lua "github.com/yuin/gopher-lua"

// maxNames bounds the header names a VM remembers; mail has a few hundred in common use.
const maxNames = 512

// headerNameValue returns a header name as a Lua value, the same one for names seen before.
func (e *Env) headerNameValue(name string) lua.LValue {
	if v, ok := e.names[name]; ok {
		return v
	}
	return e.remember(name)
}

// HeaderName is headerNameValue for bytes, which it does not keep.
func (e *Env) HeaderName(name []byte) lua.LValue {
	if v, ok := e.names[string(name)]; ok {
		return v
	}
	return e.remember(string(name))
}

func (e *Env) remember(name string) lua.LValue {
	v := lua.LValue(lua.LString(name))
	if len(e.names) < maxNames && len(name) < 64 {
		e.names[name] = v
	}
	return v
}
