package engine

import (
	"maps"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// numVerdicts is how many verdicts a hook can give.
const numVerdicts = int(protocol.Skip) + 1

// Failure is why a hook failed.
type Failure uint8

// The reasons.
const (
	FailedError        Failure = iota // an error in the script
	FailedResult                      // it returned what is no verdict
	FailedTime                        // its time was up
	FailedInstructions                // it ran too long
	FailedMemory                      // it was stopped because memory ran short
	FailedVM                          // there was no VM for it
	NumFailures
)

// String returns the name of the reason in metrics.
func (f Failure) String() string {
	return [...]string{"error", "result", "time", "instructions", "memory", "vm"}[f]
}

// Outcome is how a message ended.
type Outcome uint8

// The outcomes.
const (
	Aborted Outcome = iota // the client or the MTA gave it up
	Accepted
	Rejected
	Tempfailed
	Discarded
	NumOutcomes
)

// String returns the name of the outcome in metrics and in the log.
func (o Outcome) String() string {
	return [...]string{"aborted", "accepted", "rejected", "tempfailed", "discarded"}[o]
}

// outcome is what a verdict makes of a message.
func outcome(v protocol.Verdict) Outcome {
	switch v {
	case protocol.Reject:
		return Rejected
	case protocol.Tempfail:
		return Tempfailed
	case protocol.Discard:
		return Discarded
	}
	return Accepted
}

// HookTimes are the upper bounds of the classes by which the times of hooks are counted.
var HookTimes = [...]time.Duration{
	10 * time.Microsecond, 25 * time.Microsecond, 50 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, time.Minute,
}

// HookCounts are what the calls of one hook came to.
type HookCounts struct {
	Verdicts [numVerdicts]uint64        // by protocol.Verdict, also those that were only observed
	Failures [NumFailures]uint64        // by Failure
	Times    [len(HookTimes) + 1]uint64 // by class; the last is for those that took longer
	Time     time.Duration              // all together
}

// Looking at the clock takes longer than many a hook. So of the hooks that end soon one in so many is timed, and counts for all of
// them; those that run long, where a look more is nothing, are timed all.
const timedOf = 16

// Calls returns how often the hook was called.
func (h *HookCounts) Calls() uint64 {
	n := uint64(0)
	for _, k := range h.Verdicts {
		n += k
	}
	return n
}

// measured calls a hook, and counts its time. The time is 0 if it was not looked at.
func (s *session) measured(i int, stage protocol.Stage, ev protocol.Event) (value lua.LValue, h *HookCounts, took time.Duration, err error) {
	var begin time.Time
	s.calls++
	sampled := s.calls%timedOf == 0
	if sampled || s.attendant.Watch != nil || s.engine.tracers.Load() != nil {
		begin = time.Now()
	}
	value, long, err := s.invoke(i, stage, ev)
	t := s.takeTally()
	t.touched[stage] = true
	h = &t.scripts[i].Hooks[stage]
	if begin.IsZero() {
		begin = long
	}
	if begin.IsZero() {
		return value, h, 0, err
	}
	took = time.Since(begin)
	switch {
	case !long.IsZero():
		h.took(took, 1)
	case sampled:
		h.took(took, timedOf)
	}
	return value, h, took, err
}

// add adds what others came to.
func (h *HookCounts) add(o *HookCounts) {
	for i, n := range o.Verdicts {
		h.Verdicts[i] += n
	}
	for i, n := range o.Failures {
		h.Failures[i] += n
	}
	for i, n := range o.Times {
		h.Times[i] += n
	}
	h.Time += o.Time
}

// took counts the time of so many calls.
func (h *HookCounts) took(d time.Duration, calls int) {
	i := 0
	for i < len(HookTimes) && d > HookTimes[i] {
		i++
	}
	h.Times[i] += uint64(calls)
	h.Time += d * time.Duration(calls)
}

// ScriptCounts are those of one script of one listener, over all reloads.
type ScriptCounts struct {
	Hooks  [protocol.NumStages]HookCounts // by protocol.Stage
	Lost   uint64                         // connections whose data was lost
	Errors []LastError                    // that came last, each once, the latest first
}

// LastError is an error of a script, and how often it came.
type LastError struct {
	Time  time.Time `json:"time"` // the last one
	Hook  string    `json:"hook"`
	Path  string    `json:"path"`
	Line  int       `json:"line,omitempty"`
	Text  string    `json:"text"`
	Times int64     `json:"times"`
}

// maxLastErrors is how many are kept of one script.
const maxLastErrors = 5

// noteError remembers an error of a script.
func (c *counts) noteError(listener, script string, e *ScriptError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.listener(listener).Scripts[script]
	one := LastError{Time: time.Now(), Hook: e.Hook, Path: e.Path, Line: e.Line, Text: e.Text, Times: 1}
	i := slices.IndexFunc(s.Errors, func(o LastError) bool {
		return o.Hook == one.Hook && o.Path == one.Path && o.Line == one.Line && o.Text == one.Text
	})
	if i >= 0 {
		one.Times += s.Errors[i].Times
		s.Errors = slices.Delete(s.Errors, i, i+1)
	}
	s.Errors = slices.Insert(s.Errors, 0, one)
	s.Errors = s.Errors[:min(len(s.Errors), maxLastErrors)]
}

// ListenerCounts are those of one listener.
type ListenerCounts struct {
	Connections  uint64
	Negotiations uint64 // that failed
	Events       [protocol.NumStages]uint64
	Messages     [NumOutcomes]uint64
	Refused      uint64 // messages that were refused because memory was short
	Parked       uint64 // times that a connection gave its VMs back
	Panics       uint64 // bugs of ours
	Scripts      map[string]*ScriptCounts
}

// counts are the listeners' counts, kept under a lock that sessions take a few times a second at most.
type counts struct {
	mu        sync.Mutex
	listeners map[string]*ListenerCounts
}

// Counts returns what came to pass since the engine began, by listener. Sessions that are busy add to it a few times a second, and at once
// when they have nothing to do.
func (e *Engine) Counts() map[string]ListenerCounts {
	e.counts.mu.Lock()
	defer e.counts.mu.Unlock()
	out := map[string]ListenerCounts{}
	for name, l := range e.counts.listeners {
		copied := *l
		copied.Scripts = map[string]*ScriptCounts{}
		for script, c := range l.Scripts {
			one := *c
			one.Errors = slices.Clone(c.Errors)
			copied.Scripts[script] = &one
		}
		out[name] = copied
	}
	return out
}

// ScriptMetrics returns what scripts have counted themselves since the engine began, by listener and script, over all reloads.
func (e *Engine) ScriptMetrics() []metric.Script { return e.metrics.Read() }

// listener returns the counts of a listener. They are locked.
func (c *counts) listener(name string) *ListenerCounts {
	l := c.listeners[name]
	if l == nil {
		l = &ListenerCounts{Scripts: map[string]*ScriptCounts{}}
		if c.listeners == nil {
			c.listeners = map[string]*ListenerCounts{}
		}
		c.listeners[name] = l
	}
	return l
}

// know makes counts for the scripts of a program, so that they show before they are asked.
func (c *counts) know(listener string, p *Program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.listener(listener)
	for _, s := range p.Scripts {
		if l.Scripts[s.Name] == nil {
			l.Scripts[s.Name] = &ScriptCounts{}
		}
	}
}

// tally is what a session counts by itself until it adds it to the listener's counts.
type tally struct {
	listener ListenerCounts // without scripts
	scripts  []ScriptCounts // in the order of the program
	touched  [protocol.NumStages]bool
	dirty    bool
	messages int // since it was last added
}

// tallyMessages is how many messages a busy session counts before it adds them.
const tallyMessages = 32

// takeTally returns the tally, to count something.
func (s *session) takeTally() *tally {
	if s.tally == nil {
		s.tally = s.program.tallies.Get().(*tally)
	}
	s.tally.dirty = true
	return s.tally
}

// settle adds the tally to the listener's counts.
func (s *session) settle() {
	t := s.tally
	if t == nil || !t.dirty {
		return
	}
	c := &s.engine.counts
	c.mu.Lock()
	l := c.listener(s.listener)
	l.add(&t.listener)
	for i, script := range s.program.Scripts {
		l.Scripts[script.Name].add(&t.scripts[i], &t.touched)
	}
	c.mu.Unlock()
	s.release.add(t)
	t.clear()
}

// giveTally gives the tally back.
func (s *session) giveTally() {
	if s.tally != nil {
		s.settle()
		s.program.tallies.Put(s.tally)
		s.tally = nil
	}
}

// clear makes a tally empty; where nothing was counted it is already.
func (t *tally) clear() {
	t.listener = ListenerCounts{}
	for i := range t.scripts {
		for stage := range t.touched {
			if t.touched[stage] {
				t.scripts[i].Hooks[stage] = HookCounts{}
			}
		}
		t.scripts[i].Lost = 0
	}
	t.messages = 0
	t.touched, t.dirty = [protocol.NumStages]bool{}, false
}

func (l *ListenerCounts) add(o *ListenerCounts) {
	l.Connections += o.Connections
	l.Negotiations += o.Negotiations
	for i, n := range o.Events {
		l.Events[i] += n
	}
	for i, n := range o.Messages {
		l.Messages[i] += n
	}
	l.Refused += o.Refused
	l.Parked += o.Parked
	l.Panics += o.Panics
}

// add adds what a session counted at the stages that it touched.
func (c *ScriptCounts) add(o *ScriptCounts, touched *[protocol.NumStages]bool) {
	for stage := range touched {
		if touched[stage] {
			c.Hooks[stage].add(&o.Hooks[stage])
		}
	}
	c.Lost += o.Lost
}

// Names returns the names of the scripts that there are counts of, sorted.
func (l *ListenerCounts) Names() []string { return slices.Sorted(maps.Keys(l.Scripts)) }
