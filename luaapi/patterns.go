package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/pattern"
)

const (
	// maxPattern is how long a pattern is that is kept: one that a script writes, not one that it makes of mail.
	maxPattern = 256

	// maxPatterns is how many a VM keeps, and maxPatternBytes how long they are together. With one more, it begins anew.
	maxPatterns     = 256
	maxPatternBytes = 16 << 10

	// longestPattern bounds the memory that a compiled pattern takes: up to 16 times its length.
	longestPattern = 64 << 10

	// stepsPerInstruction is what the steps of a match count as: a step takes some 4 ns, an instruction of the VM 30.
	stepsPerInstruction = 4

	// What compiling a pattern counts as.
	perPattern, perPatternByte = 16, 2

	// maxBuffer is the room that a VM keeps for making strings in.
	maxBuffer = 16 << 10
)

// patterns are what a VM keeps to match with, and to make strings. What a function takes of it while it runs code of a script is its own:
// that code takes another. If the code raises an error, what was taken does not come back, and is made anew when needed.
type patterns struct {
	compiled map[string]*pattern.Pattern
	bytes    int                 // of their sources
	last     [2]*pattern.Pattern // asked for

	shared        *pattern.Matcher // for what runs nothing in between
	substitutions []*substitution  // not in use
	buffer        []byte           // nil while in use
}

// pattern returns a compiled pattern, the same one for a text seen before.
func (e *Env) pattern(L *lua.LState, source string) *pattern.Pattern {
	c := &e.patterns
	for _, p := range c.last {
		if p != nil && p.Source() == source {
			return p
		}
	}
	p, ok := c.compiled[source]
	if !ok {
		p = e.compilePattern(L, source)
	}
	if len(source) <= maxPattern {
		c.last[1], c.last[0] = c.last[0], p
	}
	return p
}

// compilePattern compiles a pattern, and keeps it if it is not too long.
func (e *Env) compilePattern(L *lua.LState, source string) *pattern.Pattern {
	if len(source) > longestPattern {
		L.RaiseError("pattern too long (%d bytes, of at most %d)", len(source), longestPattern)
	}
	e.spend(L, perPattern+perPatternByte*len(source))
	if len(source) > maxPattern {
		return pattern.Compile(source)
	}
	c := &e.patterns
	if c.compiled == nil || len(c.compiled) >= maxPatterns || c.bytes+len(source) > maxPatternBytes {
		c.compiled, c.bytes = map[string]*pattern.Pattern{}, 0
	}
	source = strings.Clone(source) // it may be a word of a body
	p := pattern.Compile(source)
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
	if e.patterns.shared == nil {
		e.patterns.shared = e.newMatcher()
	}
	return e.patterns.shared
}

// takeBuffer returns room to make a string in.
func (e *Env) takeBuffer() []byte {
	b := e.patterns.buffer
	e.patterns.buffer = nil
	return b[:0]
}

// made returns what was made in a buffer, and takes the buffer back or gives it away.
func (e *Env) made(b []byte) string {
	switch {
	case cap(b) <= maxBuffer:
		e.patterns.buffer = b
		return string(b)
	case len(b) < cap(b)/2:
		return string(b)
	}
	return givenUp(b)
}

// grow is asked before a string of that length is made.
func (e *Env) grow(L *lua.LState, bytes int) { orRaisePlainly(L, e.Budget.Grow(bytes)) }

// room raises an error if a string would get too long by more bytes, of which made or grow have not been told yet.
func (e *Env) room(have, more int) error {
	if limit := e.Budget.MaxString; limit > 0 && have+more > limit {
		return e.Budget.Grow(have + more)
	}
	return nil
}
