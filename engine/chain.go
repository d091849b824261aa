package engine

import (
	"errors"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/address"
	"luamilter/luaapi/budget"
	"luamilter/protocol"
)

// chain asks the scripts in their order about an event and folds their verdicts: the first refusal is the reply; accept only
// when all scripts sleep; skip only when all that have a body hook skipped.
func (s *session) chain(stage protocol.Stage, ev protocol.Event) protocol.Reply {
	if s.held.reply() != nil { // decided already; nobody could be told
		return protocol.Reply{}
	}
	for i := range s.scripts {
		if r := s.askScript(i, stage, ev); r.Verdict.Final() && r.Verdict != protocol.Accept {
			return r
		}
	}
	switch {
	case stage == protocol.StageUnknown: // only refusals mean something there
	case s.allAsleep():
		return protocol.Reply{Verdict: protocol.Accept}
	case stage == protocol.StageBody && s.allSkipped() && len(s.program.Needs.Body) == 0:
		return protocol.Reply{Verdict: protocol.Skip}
	}
	return protocol.Reply{}
}

// askScript asks one script and notes what its verdict means for itself.
func (s *session) askScript(i int, stage protocol.Stage, ev protocol.Event) protocol.Reply {
	st := &s.scripts[i]
	if !s.awake(i) || stage == protocol.StageBody && st.skipped {
		return protocol.Reply{}
	}
	if st.broken != nil {
		return *st.broken
	}
	if s.program.memory.none() {
		if s.program.Scripts[i].observe {
			return protocol.Reply{}
		}
		return s.starve(i)
	}
	r := s.runHook(i, stage, ev)
	if s.facts.Rejected != nil { // by the MTA, whatever a script says
		return protocol.Reply{}
	}
	if stage.InMessage() {
		st.told = stage != protocol.StageEOM && !endsMessage(stage, r.Verdict)
	}
	switch r.Verdict {
	case protocol.Accept:
		if s.facts.InMessage {
			st.asleepMessage = true
		} else {
			st.asleepConnection = true
		}
	case protocol.Skip:
		st.skipped = true
	}
	return r
}

// starve answers for a script while there is no memory to run it. Its VM goes with its data, which may be what takes the memory.
func (s *session) starve(i int) protocol.Reply {
	st := &s.scripts[i]
	if st.vm != nil {
		if !empty(st.layers.Connection) || !empty(st.layers.Message) {
			st.broken = &outOfMemory
		}
		st.layers = luaapi.Layers{}
		s.dropVM(i)
	}
	return outOfMemory
}

// allSkipped reports whether no script wants more of this body.
func (s *session) allSkipped() bool {
	any := false
	for i := range s.scripts {
		if s.program.Scripts[i].Needs.Hooks[protocol.StageBody] == "" || !s.awake(i) {
			continue
		}
		if !s.scripts[i].skipped {
			return false
		}
		any = true
	}
	return any
}

// tell runs a hook that has no verdict: abort in every script that expects more of the message, close in all.
func (s *session) tell(stage protocol.Stage) {
	if s.program.Needs.Hooks[stage] == "" {
		return
	}
	for i := range s.scripts {
		st := &s.scripts[i]
		if stage == protocol.StageClose || st.broken == nil && s.awake(i) && st.told {
			s.runHook(i, stage, nil)
		}
	}
}

// runHook calls a script's hook, if it has one. An error is logged and becomes the script's on_error verdict.
func (s *session) runHook(i int, stage protocol.Stage, ev protocol.Event) protocol.Reply {
	script := s.program.Scripts[i]
	if script.Needs.Hooks[stage] == "" {
		return protocol.Reply{}
	}
	s.failure = nil
	edits := s.edits(script, stage)
	value, h, took, err := s.measured(i, stage, ev)
	r := protocol.Reply{}
	switch {
	case err != nil:
		edits.undo()
		r = s.failed(i, stage, h, err)
	case value != lua.LNil:
		if r, err = luaapi.Verdict(stage, value); err != nil {
			edits.undo()
			r = s.misreturned(i, stage, h, err)
		} else if r.Verdict.Final() && r.Verdict != protocol.Accept {
			s.decidedBy(i, stage, value)
		}
	}
	h.Verdicts[r.Verdict]++
	s.traced(i, stage, ev, r, took, err)
	s.watched(i, stage, ev, r, took)
	if script.observe {
		r = s.observed(i, stage, r, edits.takeBack(s))
	}
	return r
}

// invoke calls a script's hook within its budget. If it ran long, it also returns when it began.
func (s *session) invoke(i int, stage protocol.Stage, ev protocol.Event) (value lua.LValue, long time.Time, err error) {
	st := &s.scripts[i]
	v, err := st.take(s.engine.stopping, s.aside)
	if err != nil {
		return nil, long, err
	}
	wall := s.program.limits.CommandTime
	if stage == protocol.StageEOM {
		wall = s.program.limits.MessageTime
	}
	st.table(false) // what reads in the message's layer fall through to
	s.call.Stage, s.call.Layers = stage, &st.layers
	s.running = v
	v.budget.Tick, v.budget.Stopping = s.onTick, s.engine.stopping
	v.budget.Begin(s.program.limits.Instructions, wall)
	v.env.Begin(&s.call)
	top, hook := v.L.GetTop(), v.hooks[stage]
	v.L.Push(hook)
	v.L.Push(s.firstArgument(v, st, stage))
	err = v.L.PCall(1+s.pushArguments(v, hook, ev), 1, nil)
	v.env.End()
	v.budget.End()
	s.endTurn()
	v.budget.Tick, s.running = nil, nil
	if err != nil {
		return nil, v.budget.Since(), err
	}
	value = v.L.Get(-1)
	v.L.SetTop(top)
	return value, v.budget.Since(), nil
}

// firstArgument is what every hook is given.
func (s *session) firstArgument(v *vm, st *scriptState, stage protocol.Stage) lua.LValue {
	if stage == protocol.StageNegotiate {
		return v.env.NewNegotiation()
	}
	return st.table(s.facts.InMessage && stage != protocol.StageClose)
}

// pushArguments pushes what a hook gets after conn, and returns how many values that are.
func (s *session) pushArguments(v *vm, hook *lua.LFunction, ev protocol.Event) int {
	if ev == nil || !takes(hook, 2) {
		return 0
	}
	L := v.L
	switch ev := ev.(type) {
	case *protocol.Header:
		L.Push(v.env.Text(ev.Name))
		if !takes(hook, 3) {
			return 1
		}
		L.Push(v.env.Text(s.valueOf(ev)))
		return 2
	case *protocol.Rcpt:
		return pushAddress(v, hook, ev.Recipient, ev.Params)
	case *protocol.Mail:
		return pushAddress(v, hook, ev.Sender, ev.Params)
	case *protocol.Body:
		L.Push(s.chunkValue(v, hook, ev.Chunk))
	case *protocol.Helo:
		L.Push(v.env.Text(ev.Name))
	case *protocol.Unknown:
		L.Push(lua.LString(ev.Line))
	case *protocol.EndOfHeader:
		L.Push(v.env.NewHeaders(s.call.Headers))
	case *protocol.EndOfMessage:
		L.Push(v.env.NewMessage(s.call.Message))
	default:
		return 0
	}
	return 1
}

func pushAddress(v *vm, hook *lua.LFunction, sent []byte, params protocol.Params) int {
	L := v.L
	L.Push(v.env.Text(address.Trim(sent)))
	if !takes(hook, 3) {
		return 1
	}
	L.Push(luaapi.Params(L, params))
	return 2
}

// failed logs an error of a script and returns its on_error verdict. The VM goes; the script's plain data goes on in another.
func (s *session) failed(i int, stage protocol.Stage, h *HookCounts, err error) protocol.Reply {
	h.Failures[s.why(i, err)]++
	script := s.program.Scripts[i]
	e := script.failure(stage.String(), err)
	s.decided = decided{script, e.Path, e.Line}
	s.logFailure(e)
	s.dropVM(i)
	return script.onError
}

// why tells the kinds of failures apart.
func (s *session) why(i int, err error) Failure {
	if s.scripts[i].vm == nil {
		return FailedVM
	}
	var memory errMemory
	switch ended := s.scripts[i].vm.budget.Err(); {
	case ended == nil:
		return FailedError
	case errors.As(ended, &memory):
		return FailedMemory
	case errors.Is(ended, budget.ErrInstructions):
		return FailedInstructions
	}
	return FailedTime
}

// misreturned is failed for a hook that ran well but returned nonsense. The line is where the hook begins.
func (s *session) misreturned(i int, stage protocol.Stage, h *HookCounts, err error) protocol.Reply {
	h.Failures[FailedResult]++
	script := s.program.Scripts[i]
	file, line := script.definition(s.scripts[i].vm.hooks[stage])
	e := script.ended(stage.String(), err.Error(), err).at(file, line)
	s.decided = decided{script, e.Path, e.Line}
	s.logFailure(e)
	return script.onError
}

// logFailure logs an error of a script, or counts it if it is the same again.
func (s *session) logFailure(e *ScriptError) {
	s.engine.counts.noteError(s.listener, ScriptName(e.Script), e)
	s.failure = e
	s.engine.failures.add(e, &s.log, sender{s.facts.ID, s.client(), s.facts.QueueID()})
}

// dropVM lets a script's VM go after an error.
func (s *session) dropVM(i int) {
	if err := s.scripts[i].drop(); err != nil {
		s.lose(i, err)
	}
}

// lose notes that the data of a script is lost. Without it the script has nothing sound to say: the rest of the connection gets the
// verdict of an error.
func (s *session) lose(i int, why error) {
	s.scripts[i].broken = &s.program.Scripts[i].onError
	t := s.takeTally()
	t.scripts[i].Lost++
	s.logFailure(s.program.Scripts[i].ended("", fmt.Sprintf("the data this script keeps in conn was lost: %v; the rest of the connection gets the verdict of an error", why), why))
}

// dropRunning lets the VM go in which a hook did not end as it should, after a mistake of ours.
func (s *session) dropRunning() {
	s.endTurn()
	for i := range s.scripts {
		if s.running != nil && s.scripts[i].vm == s.running {
			s.dropVM(i)
		}
	}
	s.running = nil
}
