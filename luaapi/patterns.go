package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/pattern"
)

const (
	// maxPattern is how long a pattern is that is kept: one that a script writes, not one that it makes of mail.
	maxPattern = 256

	// maxPatterns is how many a VM keeps, and maxPatternBytes how long they are together. With one more, it begins anew.
	maxPatterns     = 256
	maxPatternBytes = 16 << 10

	// stepsPerInstruction is what the steps of a match count as: a step takes some 4 ns, an instruction of the VM 30.
	stepsPerInstruction = 8

	// maxBuffer is the room that a VM keeps for making strings in.
	maxBuffer = 16 << 10
)

// patterns are what a VM keeps to match with. A function that runs a script's code between two matches takes a matcher of its own, and so
// does what that code calls; if the code raises an error, the matcher is not given back, and another is made when needed.
type patterns struct {
	compiled map[string]*pattern.Pattern
	bytes    int                 // of their sources
	last     [2]*pattern.Pattern // asked for

	matcher  *pattern.Matcher   // for what runs nothing in between
	matchers []*pattern.Matcher // not in use
	buffer   []byte             // not in use if not nil
}

// pattern returns a compiled pattern, the same one for a text seen before.
func (e *Env) pattern(source string) *pattern.Pattern {
	c := &e.patterns
	for _, p := range c.last {
		if p != nil && p.Source() == source {
			return p
		}
	}
	p, ok := c.compiled[source]
	if !ok {
		p = e.compile(source)
	}
	c.last[1], c.last[0] = c.last[0], p
	return p
}

// compile compiles a pattern, and keeps it if it is not too long.
func (e *Env) compile(source string) *pattern.Pattern {
	c := &e.patterns
	p := pattern.Compile(source)
	if len(source) > maxPattern {
		return p
	}
	if c.compiled == nil || len(c.compiled) >= maxPatterns || c.bytes+len(source) > maxPatternBytes {
		c.compiled, c.bytes = map[string]*pattern.Pattern{}, 0
	}
	c.compiled[source] = p
	c.bytes += len(source)
	return p
}

// newMatcher returns a matcher whose work counts.
func (e *Env) newMatcher() *pattern.Matcher {
	return &pattern.Matcher{Spend: func(steps int) error { return e.Budget.Spend(int64(steps / stepsPerInstruction)) }}
}

// matcher returns the matcher of functions that run no code of scripts while they use it.
func (e *Env) matcher() *pattern.Matcher {
	if e.patterns.matcher == nil {
		e.patterns.matcher = e.newMatcher()
	}
	return e.patterns.matcher
}

// takeMatcher returns a matcher that is the caller's until giveMatcher.
func (e *Env) takeMatcher() *pattern.Matcher {
	free := e.patterns.matchers
	if len(free) == 0 {
		return e.newMatcher()
	}
	e.patterns.matchers = free[:len(free)-1]
	return free[len(free)-1]
}

func (e *Env) giveMatcher(m *pattern.Matcher) { e.patterns.matchers = append(e.patterns.matchers, m) }

// takeBuffer returns room to make a string in.
func (e *Env) takeBuffer() []byte {
	b := e.patterns.buffer
	e.patterns.buffer = nil
	return b[:0]
}

// made returns what was made in a buffer, and takes the buffer back.
func (e *Env) made(b []byte) string {
	if cap(b) > maxBuffer {
		return givenUp(b)
	}
	e.patterns.buffer = b
	return string(b)
}

// raise raises an error of the matcher or the budget.
func (e *Env) raise(L *lua.LState, err error) { L.RaiseError("%s", err.Error()) }

// grow is asked before a string of that length is made.
func (e *Env) grow(L *lua.LState, bytes int) {
	if err := e.Budget.Grow(bytes); err != nil {
		e.raise(L, err)
	}
}

// room raises an error if a string would get too long by more bytes, of which made or grow have not been told yet.
func (e *Env) room(have, more int) error {
	if limit := e.Budget.MaxString; limit > 0 && have+more > limit {
		return e.Budget.Grow(have + more)
	}
	return nil
}
