package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// Console is Lua that is typed at the end of a message, in a script of its own that is asked after the others. What is typed has the globals
// conn and msg, the same sandbox as a script, and for each piece the budget of an eom hook. Variables without local stay from piece to piece.
// It is used within the call of Options.Console, by the goroutine of that.
type Console struct {
	session *session
	L       *lua.LState
	globals *lua.LTable // of what is typed; reads fall through to the VM's
	typed   int         // how many pieces there were
}

// ErrUnfinished means that a piece is right so far and must go on.
var ErrUnfinished = errors.New("there must be more of it")

// consoleText is the script. It hands on all there is, so that whatever may be typed is asked of the MTA.
const (
	consolePath = "console"
	consoleText = "function eom(conn, msg)\n  console(conn, msg)\nend\n"
)

// consoleTime is how long the person may take, in all.
const consoleTime = 24 * time.Hour

// consoleModule gives the script its function.
func consoleModule(ask func(*Console)) luaapi.Module {
	bind := func(e *luaapi.Env) lua.LGFunction {
		return func(L *lua.LState) int {
			s, ok := e.Call().Host.(*session)
			if !ok {
				L.RaiseError("console works only in a session")
			}
			c := &Console{session: s, L: L, globals: L.NewTable()}
			c.globals.RawSetString("conn", L.Get(1))
			c.globals.RawSetString("msg", L.Get(2))
			behind := L.NewTable()
			behind.RawSetString("__index", L.Get(lua.GlobalsIndex))
			c.globals.Metatable = behind
			ask(c)
			c.begin(consoleTime)
			return 0
		}
	}
	return luaapi.Module{Name: "console", Kind: luaapi.Globals, Funcs: []luaapi.Func{{Name: "console", Params: "conn: table, msg: msg", Bind: bind}}}
}

// begin begins a new budget.
func (c *Console) begin(wall time.Duration) {
	c.session.running.budget.Begin(c.session.program.limits.Instructions, wall)
}

// Wait waits for the person; meanwhile the MTA is told to be patient.
func (c *Console) Wait(do func() error) error {
	c.begin(consoleTime)
	return c.session.Wait(func(context.Context) error { return do() })
}

// Run runs a piece of Lua, an expression or else statements, and has show write its values, which may call functions of Lua. An error in it
// is a *ScriptError, or ErrUnfinished.
func (c *Console) Run(text string, show func(L *lua.LState, values []lua.LValue) string) (string, error) {
	file, err := c.compile(text)
	if err != nil {
		return "", err
	}
	script := c.session.running.script
	script.Modules = append(script.Modules, Module{file.Path, file}) // where errors find their lines
	out := ""
	top := c.L.GetTop()
	defer c.L.SetTop(top)
	c.begin(c.session.program.limits.MessageTime)
	c.L.Push(c.L.NewFunction(func(L *lua.LState) int {
		fn := L.NewFunctionFromProto(file.proto)
		fn.Env = c.globals
		L.Push(fn)
		L.Call(0, lua.MultRet)
		var values []lua.LValue
		for i := 1; i <= L.GetTop(); i++ {
			values = append(values, L.Get(i))
		}
		out = show(L, values)
		return 0
	}))
	if err := c.L.PCall(0, 0, nil); err != nil {
		return "", script.failure(protocol.StageEOM.String(), err).Explain()
	}
	return out, nil
}

// compile compiles what was typed.
func (c *Console) compile(text string) (*File, error) {
	path := fmt.Sprintf("input %d", c.typed+1)
	file, wrong := compile(path, []byte("return "+text), nil)
	if wrong != nil {
		var err error
		if file, err = compile(path, []byte(text), nil); err != nil {
			if unfinished(wrong) || unfinished(err) {
				return nil, ErrUnfinished
			}
			c.typed++
			return nil, err
		}
	}
	c.typed++
	return file, nil
}

// unfinished reports whether only the end of the text is wrong.
func unfinished(err error) bool {
	var syntax *lint.SyntaxError
	return errors.As(err, &syntax) && syntax.Unfinished
}

// Changes returns what the MTA would be asked for now.
func (c *Console) Changes() []protocol.Change {
	return c.session.call.Message.Changes(c.session.identify())
}

// Names returns names that can be typed, for completion.
func (c *Console) Names() []string {
	api := c.session.running.script.api()
	names := append(append([]string{"conn", "msg"}, api.Globals...), api.Methods...)
	c.globals.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
	return names
}
