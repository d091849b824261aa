package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
)

const (
	// maxChunk is how much source load collects. The parser refuses more.
	maxChunk = 4 << 20

	// What compiling takes: instructions that are as long as it, and bytes of memory; first for any source, then for each byte of it.
	compileStart, compileSteps = 700, 10
	compileRoom, compileBytes  = 40 << 10, 250
)

// bindLoad makes load(chunk, chunkname, mode, env).
func (e *Env) bindLoad() lua.LGFunction {
	return func(L *lua.LState) int {
		src, ok := toString(L.Get(1))
		name := optString(L, "load", 2, src)
		if !ok {
			name = optString(L, "load", 2, "=(load)")
			var wrong lua.LValue
			if src, wrong = e.pieces(L, checkFunction(L, "load", 1)); wrong != nil {
				return refuse(L, wrong)
			}
		}
		if mode := optString(L, "load", 3, "bt"); !strings.Contains(mode, "t") {
			return refuse(L, lua.LString("attempt to load a text chunk (mode is '"+mode+"')"))
		}
		env := callerGlobals(L)
		if !missing(L, 4) {
			env = checkTable(L, "load", 4)
		}
		proto, err := e.compile(L, chunkID(name), src)
		if err != nil {
			return refuse(L, lua.LString(err.Error()))
		}
		fn := L.NewFunctionFromProto(proto)
		fn.Env = env
		L.Push(fn)
		return 1
	}
}

// refuse gives nil and an error.
func refuse(L *lua.LState, why lua.LValue) int {
	L.Push(lua.LNil)
	L.Push(why)
	return 2
}

// pieces returns what a function gives, call by call, up to nil or the empty string. What goes wrong in it is not raised, but given too.
func (e *Env) pieces(L *lua.LState, next *lua.LFunction) (src string, wrong lua.LValue) {
	var out strings.Builder
	for top := L.GetTop(); out.Len() <= maxChunk; {
		e.spend(L, 1)
		L.Push(next)
		if err := e.protect(L, 0, e.caught); err != nil {
			return "", errorValue(err)
		}
		v := L.Get(top + 1)
		L.SetTop(top)
		piece, ok := toString(v)
		switch {
		case v == lua.LNil || ok && piece == "":
			return out.String(), nil
		case !ok:
			return "", lua.LString(placeAt(L, 1) + "reader function must return a string")
		}
		out.WriteString(piece)
	}
	return out.String(), nil
}

// compile compiles source that a script has made, within the limits for scripts, and on the budget of the running hook.
func (e *Env) compile(L *lua.LState, name, src string) (*lua.FunctionProto, error) {
	size := min(len(src), maxChunk)
	e.spend(L, compileStart+compileSteps*size)
	e.Budget.Count(compileRoom + compileBytes*size)
	if strings.HasPrefix(src, "\x1b") {
		return nil, &lint.SyntaxError{Path: name, Text: "attempt to load a binary chunk (only text is allowed)"}
	}
	source, err := lint.Parse(name, []byte(src))
	if err != nil {
		return nil, err
	}
	return source.Compile()
}

// callerGlobals returns the globals of the function that called the running one: each script has its own.
func callerGlobals(L *lua.LState) *lua.LTable {
	for thread := L; thread != nil; thread = thread.Parent {
		for f := *frameOf(thread); f != nil; f = f.Parent {
			if !f.Fn.IsG {
				return f.Fn.Env
			}
		}
	}
	return L.Get(lua.GlobalsIndex).(*lua.LTable)
}

// chunkID returns what errors call a chunk: what stands behind = or @, or the beginning of the source.
func chunkID(name string) string {
	const most = 43 // lua 5.1: LUA_IDSIZE without [string "..."]
	if name != "" && (name[0] == '=' || name[0] == '@') {
		return name[1:min(len(name), most+17)]
	}
	line := name
	if end := strings.IndexAny(name, "\r\n"); end >= 0 {
		line = name[:end]
	}
	line = line[:min(len(line), most)]
	if line != name {
		line += "..."
	}
	return `[string "` + line + `"]`
}
