package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"luamilter/replay/asked"
)

// Summary is what all messages came to.
type Summary struct {
	Scripts     []string      `json:"scripts"`         // paths, in their order
	Older       []string      `json:"older,omitempty"` // those that they were compared with
	Messages    int           `json:"messages"`        // that were played
	Bytes       int64         `json:"bytes"`           // of these, as they are stored
	Took        time.Duration `json:"took_ns"`
	Delivered   int           `json:"delivered"`
	Changed     int           `json:"changed"`     // of the delivered ones
	Quarantined int           `json:"quarantined"` // likewise
	Refused     int           `json:"refused_recipients"`
	Differ      int           `json:"differ"`             // between older and newer scripts
	Verdicts    []Verdicts    `json:"verdicts"`           // the most frequent first
	Hooks       []HookTotal   `json:"hooks"`              // those that took the most time first
	Lookups     []LookupTotal `json:"lookups,omitempty"`  // by kind
	Errors      []ErrorTotal  `json:"errors,omitempty"`   // the most frequent first
	Problems    []string      `json:"problems,omitempty"` // of messages that could not be played

	began    time.Time
	verdicts map[Verdicts]int
	hooks    map[hookKey]*HookTotal
	errors   map[fault]*ErrorTotal
	lookups  map[string]*LookupTotal
}

// Verdicts is how often a verdict fell.
type Verdicts struct {
	Verdict string `json:"verdict"`
	Stage   string `json:"stage"`
	Script  string `json:"script,omitempty"` // "" where nobody refused anything
	Place   string `json:"place,omitempty"`
	Count   int    `json:"count"`
}

// HookTotal is the time of a hook over all messages.
type HookTotal struct {
	Hook
	Message string `json:"longest_message"` // the one of the longest call
}

// LookupTotal is how often scripts asked somebody, or had something sent.
type LookupTotal struct {
	Kind     string `json:"kind"` // as in asked.Lookup
	Count    int    `json:"count"`
	Asked    int    `json:"asked"`    // of these, where somebody was asked
	Answered int    `json:"answered"` // likewise, and answered
}

// String returns the total in words.
func (t *LookupTotal) String() string {
	switch {
	case asked.Sends(t.Kind):
		return fmt.Sprintf("%d %s, never sent from here", t.Count, t.Kind)
	case t.Asked == 0:
		return fmt.Sprintf("%d %s, nobody was asked", t.Count, t.Kind)
	}
	return fmt.Sprintf("%d %s, %d answered", t.Count, t.Kind, t.Answered)
}

type hookKey struct{ script, hook string }

// ErrorTotal is how often a line of a script raised errors.
type ErrorTotal struct {
	Error             // the first one
	Times    int      `json:"times"`
	Messages []string `json:"messages"` // the first few with it
}

// maxExamples is how many messages with an error are named.
const maxExamples = 3

func newSummary(p *Player) *Summary {
	s := &Summary{began: time.Now(), verdicts: map[Verdicts]int{}, hooks: map[hookKey]*HookTotal{}, errors: map[fault]*ErrorTotal{}, lookups: map[string]*LookupTotal{}}
	for _, script := range p.Program.Scripts {
		s.Scripts = append(s.Scripts, script.Path)
	}
	if p.Older != nil {
		for _, script := range p.Older.Scripts {
			s.Older = append(s.Older, script.Path)
		}
	}
	return s
}

// add counts a message.
func (s *Summary) add(m *Message) {
	if m.Problem != "" {
		s.Problems = append(s.Problems, m.Name+": "+m.Problem)
		return
	}
	o := m.Outcome
	s.Messages++
	s.Bytes += int64(m.Size)
	s.Refused += len(o.Refused)
	if len(m.Differences) > 0 {
		s.Differ++
	}
	if o.Passes() {
		s.Delivered++
		s.Changed += one(len(o.Changes) > 0)
		s.Quarantined += one(o.Held != "")
	}
	s.verdicts[Verdicts{Verdict: o.Verdict, Stage: o.Stage, Script: o.Script, Place: o.Place}]++
	for i := range o.Hooks {
		s.addHook(m, &o.Hooks[i])
	}
	for i := range o.Lookups {
		s.addLookup(&o.Lookups[i])
	}
	for i := range o.Errors {
		s.addError(m, &o.Errors[i])
	}
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (s *Summary) addHook(m *Message, h *Hook) {
	key := hookKey{h.Script, h.Hook}
	t := s.hooks[key]
	if t == nil {
		t = &HookTotal{Hook: Hook{Script: h.Script, Hook: h.Hook}}
		s.hooks[key] = t
	}
	t.Calls += h.Calls
	t.Took += h.Took
	if h.Longest > t.Longest || t.Message == "" {
		t.Longest, t.Message = h.Longest, m.Name
	}
}

func (s *Summary) addLookup(l *asked.Lookup) {
	t := s.lookups[l.Kind]
	if t == nil {
		t = &LookupTotal{Kind: l.Kind}
		s.lookups[l.Kind] = t
	}
	times := max(1, l.Times)
	t.Count += times
	t.Asked += times * one(l.Asked)
	t.Answered += times * one(l.Asked && l.Failed == "")
}

func (s *Summary) addError(m *Message, e *Error) {
	key := fault{path: e.Path, line: e.Line}
	if e.Line == 0 { // no place: the text tells them apart
		key.text = e.Text
	}
	t := s.errors[key]
	if t == nil {
		t = &ErrorTotal{Error: *e}
		s.errors[key] = t
	}
	t.Times++
	if n := len(t.Messages); n < maxExamples && (n == 0 || t.Messages[n-1] != m.Name) {
		t.Messages = append(t.Messages, m.Name)
	}
}

// finish sorts what was counted.
func (s *Summary) finish() {
	s.Took = time.Since(s.began)
	for v, n := range s.verdicts {
		v.Count = n
		s.Verdicts = append(s.Verdicts, v)
	}
	slices.SortFunc(s.Verdicts, func(a, b Verdicts) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Place, b.Place))
	})
	for _, h := range s.hooks {
		s.Hooks = append(s.Hooks, *h)
	}
	slices.SortFunc(s.Hooks, func(a, b HookTotal) int {
		return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(a.Script, b.Script), cmp.Compare(a.Hook.Hook, b.Hook.Hook))
	})
	for _, kind := range slices.Sorted(maps.Keys(s.lookups)) {
		s.Lookups = append(s.Lookups, *s.lookups[kind])
	}
	for _, e := range s.errors {
		s.Errors = append(s.Errors, *e)
	}
	slices.SortFunc(s.Errors, func(a, b ErrorTotal) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
}
