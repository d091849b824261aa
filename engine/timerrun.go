package engine

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/budget"
	"luamilter/luaapi/schedule"
	"luamilter/protocol"
)

// timerRun is one run of a timer. It is like a hook that no connection belongs to, and that nobody waits for.
type timerRun struct {
	work
	script *Script
	name   string
	at     time.Time // the turn
	call   luaapi.Call
}

// newTimerRun makes the run of a turn of a timer of a script.
func (w work) newTimerRun(script *Script, name string, turn time.Time) *timerRun {
	t := &timerRun{work: w, script: script, name: name, at: turn}
	nobody := &luaapi.Conn{Macros: &protocol.Macros{}, Family: protocol.FamilyUnknown}
	t.call = luaapi.Call{Timer: name, Conn: nobody, Layers: &luaapi.Layers{}, Log: &w.engine.log, Host: t}
	return t
}

// errNoMTA is why a timer cannot tell an MTA to wait.
var errNoMTA = errors.New("there is no message, and no MTA that waits")

// Progress implements luaapi.Host.
func (t *timerRun) Progress() error { return errNoMTA }

// run runs the timer in a VM of its script, and logs its error. That is schedule.ErrNotNow while there is no memory, or no time any more.
func (t *timerRun) run() (err error) {
	if t.program.memory.none() || !t.engine.enter() {
		return schedule.ErrNotNow
	}
	defer t.engine.ends.Done()
	v, err := t.script.vms.take(t.engine.stopping, t.aside)
	if err != nil {
		return t.failed(t.script.failure(t.hook(), err))
	}
	defer func() { // a panic is a bug of ours, which must cost no more than this
		if p := recover(); p != nil {
			t.engine.log.Error().Str("script", t.script.Path).Str("hook", t.hook()).Str("stack", string(debug.Stack())).Msg(fmt.Sprintf("internal error: %v", p))
			err = fmt.Errorf("internal error: %v", p)
		}
		t.endTurn()
		if err != nil {
			t.script.vms.drop(v)
			return
		}
		t.script.vms.put(v)
	}()
	return t.runIn(v)
}

// hook is what errors and the log say that runs.
func (t *timerRun) hook() string { return t.call.Hook() }

// runIn calls the timer's function in a VM.
func (t *timerRun) runIn(v *vm) error {
	timer := v.env.Timer(t.name)
	if timer == nil {
		text := fmt.Sprintf("the script did not make the timer %s this time; timer.every must not depend on chance", t.name)
		return t.failed(t.script.ended(t.hook(), text, nil))
	}
	value, err := t.invoke(v, timer.Fn)
	switch {
	case errors.Is(v.budget.Err(), budget.ErrStopping):
		t.engine.log.Info().Str("script", t.script.Path).Str("hook", t.hook()).Msg("the timer was stopped: the daemon stops")
		return schedule.ErrNotNow
	case err != nil:
		return t.failed(t.script.failure(t.hook(), err))
	}
	if r, err := luaapi.Verdict(protocol.StageEOM, value); value != lua.LNil && err == nil {
		file, line := t.script.definition(timer.Fn)
		text := fmt.Sprintf("a timer has no message to answer, and returned %v", r.Verdict)
		return t.failed(t.script.ended(t.hook(), text, nil).at(file, line))
	}
	return nil
}

// invoke calls a function within the budget of an eom hook, and returns what it returns.
func (t *timerRun) invoke(v *vm, fn *lua.LFunction) (lua.LValue, error) {
	t.running = v
	defer func() { t.running = nil }()
	v.budget.Tick, v.budget.Stopping = t.tick, t.engine.stopping
	v.budget.Begin(t.program.limits.Instructions, t.program.limits.MessageTime)
	v.env.Begin(&t.call)
	top := v.L.GetTop()
	v.L.Push(fn)
	v.L.Push(lua.LNumber(float64(t.at.UnixMilli()) / 1000))
	err := v.L.PCall(1, 1, nil)
	v.env.End()
	v.budget.End()
	t.endTurn()
	v.budget.Tick = nil
	if err != nil {
		return nil, err
	}
	value := v.L.Get(-1)
	v.L.SetTop(top)
	return value, nil
}

// failed logs an error of the timer, unless it is the same again, and returns it.
func (t *timerRun) failed(e *ScriptError) error {
	t.engine.counts.noteError(t.listener, t.script.Name, e)
	t.engine.failures.add(e, &t.engine.log, sender{})
	return e
}
