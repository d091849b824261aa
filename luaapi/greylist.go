package luaapi

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/store"
	"luamilter/protocol"
)

const greylistWho = "the `sender` and the `recipient` are addresses as hooks get them, `conn` the data table of the hook"

var greylistModule = Module{
	"greylist", Require,
	"Greylisting: the first time that a network, a sender and a recipient come together, the client is asked to come again in some minutes. Mail servers do; much of what sends spam does not. " + limitedShared,
	nil,
	[]Func{
		{"new", "options: table?", "greylister", "", "Returns a greylist; make it once, at the top of the script. `options` are, all optional: `delay`, how long the three have to wait (`\"5m\"`); `window`, how long after the first time they must come again (`\"2d\"`); `keep`, how long they are known after they came last (`\"35d\"`); " +
			"`ipv4` and `ipv6`, how many bits of an address are its network (24 and 64); `auto_allow`, how many of the three must have passed for their network not to wait any more (5, and 0 for never); " +
			"`allow`, a list of clients that never wait: networks such as `\"192.0.2.0/24\"`, addresses, and names such as `\"example.com\"`, which stand for all below them, too; and " + limitedOnError + ": `\"pass\"`, mail passes, or `\"fail\"`, the call raises an error. Lengths of time are seconds or such texts.",
			"A value is out of bounds. There is no such option.", "RFC 6647", (*Env).bindGreylistNew},
	},
}

// greylisterModule is what greylist.new returns.
var greylisterModule = Module{
	"greylister", Object,
	"A greylist, made by `greylist.new`.",
	nil,
	[]Func{
		{"check", "conn: conn, sender: string, recipient: string", "string, number, string", "mail rcpt data header eoh body eom", "Returns `\"pass\"` or `\"wait\"`, how many seconds there are still to wait, and why; " + greylistWho + ". What passes does because it is `login`, the client has logged in, `local`, it has no address or one of the machine itself, `allowed`, it is in `allow`, `client`, its network is known, `known`, the three are known, or `retried`, they waited long enough. " +
			"What waits is `new`, or `early`. When the store cannot be reached, it returns `\"pass\"`, 0 and the reason.",
			limitedErrors, "RFC 6647", (*Env).bindGreylistCheck},
		{"verdict", "conn: conn, sender: string, recipient: string", "verdict?", "mail rcpt data header eoh body eom", "Returns nil for what passes, and for what waits a `tempfail` that says in how many minutes to come again; " + greylistWho + ".",
			limitedErrors, "RFC 6647", (*Env).bindGreylistVerdict},
	},
}

// greylister is a greylist of a script.
type greylister struct {
	limit.Greylist
	fail bool
}

func (e *Env) bindGreylistNew() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "greylist.new"
		if L.Get(1) == lua.LNil {
			L.SetTop(0)
			L.Push(L.NewTable())
		}
		o := wishesOf(L, function, `{ delay = "5m" }`, "delay", "window", "keep", "ipv4", "ipv6", "auto_allow", "allow", "on_error")
		const day = 24 * time.Hour
		g := &greylister{limit.Greylist{
			Delay: o.length("delay", 5*time.Minute), Window: o.length("window", 2*day), Keep: o.length("keep", 35*day),
			IPv4: o.whole("ipv4", 24), IPv6: o.whole("ipv6", 64), AutoAllow: o.whole("auto_allow", 5),
		}, o.fails()}
		orRaise(L, function, g.Check())
		var err error
		g.Allow, err = limit.ParseClients(o.texts("allow"))
		orRaise(L, function+": allow", err)
		L.Push(e.object(g, once(&e.greylisterMeta, e.openGreylister)))
		return 1
	}
}

func (e *Env) openGreylister() { e.greylisterMeta = e.objectMeta(&greylisterModule) }

func (e *Env) bindGreylistCheck() lua.LGFunction {
	return func(L *lua.LState) int {
		j := e.judge(L, "check")
		word := "wait"
		if j.Pass {
			word = "pass"
		}
		L.Push(lua.LString(word))
		L.Push(lua.LNumber(j.Left.Seconds()))
		L.Push(lua.LString(j.Why))
		return 3
	}
}

func (e *Env) bindGreylistVerdict() lua.LGFunction {
	return func(L *lua.LState) int {
		j := e.judge(L, "verdict")
		if j.Pass {
			L.Push(lua.LNil)
			return 1
		}
		r, err := protocol.NewReply(protocol.Tempfail, 451, "4.7.1", "greylisted: please try again in "+roughly(j.Left))
		orRaise(L, "greylister:verdict", err)
		path, line := caller(L)
		e.spoken = spoken{&r, path, line}
		L.Push(e.object(&r, e.verdictMeta))
		return 1
	}
}

// roughly writes for people how long to wait.
func roughly(d time.Duration) string {
	n, unit := math.Ceil(d.Minutes()), "minute"
	if d < time.Minute {
		n, unit = max(1, math.Ceil(d.Seconds())), "second"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%.0f %s", n, unit)
}

// judge has an attempt judged, which is described by the arguments of a method.
func (e *Env) judge(L *lua.LState, method string) limit.Judged {
	function := "greylister:" + method
	g := objectOf[*greylister](L, "greylister", method)
	conn := e.client(L, function)
	a := limit.Attempt{Sender: text(L, function, 3, "the sender"), Recipient: text(L, function, 4, "the recipient")}
	if conn.macro("auth_type") != "" || conn.macro("auth_authen") != "" {
		return limit.Judged{Pass: true, Why: "login"}
	}
	var err error
	if a.IP, err = netip.ParseAddr(conn.IP); err != nil || a.IP.Unmap().IsLoopback() {
		return limit.Judged{Pass: true, Why: "local"}
	}
	// Sendmail gives names that do not lead back to the address, and says so in another place.
	if !strings.Contains(conn.macro("_"), "may be forged") {
		a.Host = conn.Host
	}
	var j limit.Judged
	why := e.inStore(L, function, g.fail, func(ctx context.Context, s store.Space) (err error) {
		j, err = g.Judge(ctx, s, a)
		return err
	})
	if why != "" {
		return limit.Judged{Pass: true, Why: why}
	}
	return j
}

// client returns what is known about the client, which the argument conn stands for.
func (e *Env) client(L *lua.LState, function string) *Conn {
	conn := e.current(L, function).Conn
	if t, ok := L.Get(2).(*lua.LTable); !ok || t.Metatable != lua.LValue(e.connMeta) {
		L.RaiseError("%s: the first argument is %s; the conn that the hook is given was expected", function, kindOf(L.Get(2)))
	}
	if !conn.Known.Has(protocol.StageConnect) {
		L.RaiseError(`%s: the client was not asked for from the MTA; write require "greylist" with its name in the script`, function)
	}
	return conn
}
