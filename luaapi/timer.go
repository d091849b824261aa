package luaapi

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/schedule"
)

var timerModule = Module{
	"timer", Require,
	"Work that happens without a message, once in a daemon, and with a store in Redis once among all daemons that share it. docs/timers.md tells more.",
	nil,
	[]Func{
		{"every", "interval: number|string, fn: function, options: table?", "", "", "Has `fn` called every so often while the daemon runs, with the time of its turn in seconds since 1970: `interval` is in seconds, or a text such as `\"5m\"`, from `\"1s\"` to `\"30d\"`. The turns are at full intervals of the clock: with `\"5m\"` at :00, :05 and so on, with `\"1d\"` at midnight UTC. " +
			"A turn that comes while `fn` still runs, or while no daemon runs, is left out. `fn` has the budget of an `eom` hook and can use everything but the message and the connection, and what it returns is ignored. An error in it is logged, and the next turn comes all the same.\n\n" +
			"`options` are, all optional: `name`, by which the timer is known in the log and the metrics and among daemons (the name of its file and its number there, such as `lists#1`); `jitter`, up to how long each turn is put off, by chance (0); `at_start`, whether it is also called when the daemon starts, or begins to have this timer (false); " +
			"`on_error`, what becomes of a turn while the store in Redis cannot be reached: `\"skip\"`, it is left out, or `\"run\"`, each daemon calls `fn`.",
			fmt.Sprintf("It is called when the script is loaded already, such as in a hook. The interval or an option is out of bounds. There is no such option. A name is given twice. A script has more than %d timers. A verdict is returned by `fn`.", maxTimers),
			"", (*Env).bindTimerEvery},
	},
}

// maxTimers is how many timers a script can have.
const maxTimers = 100

// Timer is a function of a script that is called every so often.
type Timer struct {
	schedule.Timer
	Path string // of the file that makes it
	Line int    // 0 if it is not known
	Fn   *lua.LFunction
}

// Timer returns the timer of a name, nil if the script has made none.
func (e *Env) Timer(name string) *Timer {
	i := slices.IndexFunc(e.Timers, func(t Timer) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &e.Timers[i]
}

func (e *Env) bindTimerEvery() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "timer.every"
		e.dotted(L, function)
		if e.call != nil || e.loaded {
			L.RaiseError("%s makes a timer at the top of the script, while it is loaded, and not inside a hook", function)
		}
		t := Timer{Timer: schedule.Timer{Every: lengthOfTime(L, function, "interval", L.Get(1))}}
		fn, ok := L.Get(2).(*lua.LFunction)
		if !ok {
			L.RaiseError("%s: fn is %s; a function was expected", function, kindOf(L.Get(2)))
		}
		t.Fn = fn
		t.Path, t.Line = caller(L)
		e.timerOptions(L, function, &t)
		orRaise(L, function, t.Check())
		if before := e.Timer(t.Name); before != nil {
			L.RaiseError("%s: the script has two timers named %s, the other one at %s:%d; give one another name", function, t.Name, before.Path, before.Line)
		}
		if len(e.Timers) == maxTimers {
			L.RaiseError("%s: the script has more than %d timers", function, maxTimers)
		}
		e.Timers = append(e.Timers, t)
		return 0
	}
}

// timerOptions reads the options of a timer.
func (e *Env) timerOptions(L *lua.LState, function string, t *Timer) {
	options := L.Get(3)
	if options == lua.LNil {
		options = L.NewTable()
	}
	o := wishesIn(L, function, options, `{ name = "lists" }`, "name", "jitter", "at_start", "on_error")
	t.Name = o.text("name", "")
	if t.Name == "" {
		t.Name = e.timerName(t.Path)
	}
	t.Jitter = o.length("jitter", 0)
	t.AtStart = o.is("at_start")
	t.Alone = o.one("on_error", "skip", "run")
}

// timerName names a timer after its file, and its number among those there. A line would be another one after each edit above it.
func (e *Env) timerName(path string) string {
	n := 1
	for i := range e.Timers {
		if e.Timers[i].Path == path {
			n++
		}
	}
	return fmt.Sprintf("%s#%d", strings.TrimSuffix(filepath.Base(path), ".lua"), n)
}
