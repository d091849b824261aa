package luaapi

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
	"luamilter/luaapi/pattern"
)

// substitution is a running gsub. Each has a matcher of its own, because what it calls may match in the middle of it.
type substitution struct {
	env     *Env
	matcher *pattern.Matcher
	// The methods expand, lookUp and call: each appends what takes the place of a match.
	expanded, lookedUp, called func(dst []byte) ([]byte, error)

	thread  *lua.LState
	subject string
	text    string     // that replaces
	with    lua.LValue // or a table or function
}

// takeSubstitution returns one that is not running. It is given back with done; one that ended with an error is not.
func (e *Env) takeSubstitution() *substitution {
	if free := e.patterns.substitutions; len(free) > 0 {
		e.patterns.substitutions = free[:len(free)-1]
		return free[len(free)-1]
	}
	r := &substitution{env: e, matcher: e.newMatcher()}
	r.expanded, r.lookedUp, r.called = r.expand, r.lookUp, r.call
	return r
}

// done keeps the substitution for another gsub, but nothing of a message.
func (r *substitution) done() {
	r.thread, r.subject, r.text, r.with = nil, "", "", nil
	r.env.patterns.substitutions = append(r.env.patterns.substitutions, r)
}

func (e *Env) stringGsub(L *lua.LState) int {
	s, text := subject(L, "gsub"), checkString(L, "gsub", 2)
	most := optInt(L, "gsub", 4, len(s)+1)
	checkReplacement(L)
	out, n, err := e.substitute(L, s, e.pattern(L, text), most)
	switch {
	case err != nil:
		orRaisePlainly(L, err)
	case n == 0:
		e.pushSubject(L, s)
	default:
		e.grow(L, len(out))
		L.Push(lua.LString(out))
	}
	L.Push(wholeNumber(n))
	return 2
}

func checkReplacement(L *lua.LState) {
	switch L.Get(3).Type() {
	case lua.LTString, lua.LTNumber, lua.LTTable, lua.LTFunction:
	default:
		argError(L, "gsub", 3, "string/function/table expected")
	}
}

// substitute replaces at most most matches, and returns the string that it makes, unless there are none, and how many those were.
func (e *Env) substitute(L *lua.LState, s string, p *pattern.Pattern, most int) (string, int, error) {
	r := e.takeSubstitution()
	r.thread, r.subject = L, s
	r.matcher.Limit = e.Budget.MaxString
	out, n, err := r.matcher.Gsub(e.takeBuffer(), p, s, most, r.choose(L.Get(3)))
	r.done()
	if err == pattern.ErrSize {
		err = e.Budget.Grow(len(out))
	}
	return e.made(out), n, err
}

// choose returns the method for a replacement.
func (r *substitution) choose(with lua.LValue) func(dst []byte) ([]byte, error) {
	switch v := with.(type) {
	case lua.LString:
		r.text = string(v)
		return r.expanded
	case lua.LNumber:
		r.text = luaNumber(v)
		return r.expanded
	case *lua.LTable:
		r.with = v
		return r.lookedUp
	}
	r.with = with
	return r.called
}

func (r *substitution) expand(dst []byte) ([]byte, error) {
	return r.matcher.Expand(r.roomy(dst), r.subject, r.text)
}

func (r *substitution) lookUp(dst []byte) ([]byte, error) {
	key := r.env.capture(r.thread, r.matcher, r.subject, 0)
	return r.put(dst, r.thread.GetTable(r.with, key))
}

func (r *substitution) call(dst []byte) ([]byte, error) {
	L := r.thread
	L.Push(r.with)
	n := r.env.pushCaptures(L, r.matcher, r.subject)
	L.Call(n, 1)
	value := L.Get(-1)
	L.Pop(1)
	return r.put(dst, value)
}

// put appends a value that a table or function gave for a match.
func (r *substitution) put(dst []byte, value lua.LValue) ([]byte, error) {
	dst = r.roomy(dst)
	switch v := value.(type) {
	case lua.LString:
		if err := r.env.room(len(dst), len(v)); err != nil {
			return dst, err
		}
		return append(dst, v...), nil
	case lua.LNumber:
		return number.Append(dst, float64(v)), nil
	}
	if lua.LVAsBool(value) {
		r.thread.RaiseError("invalid replacement value (a %s)", value.Type())
	}
	return append(dst, r.subject[r.matcher.Start:r.matcher.End]...), nil
}

// roomy makes room for a result as long as the subject: most are about as long.
func (r *substitution) roomy(dst []byte) []byte {
	if cap(dst) < len(r.subject) {
		return slices.Grow(dst, len(r.subject)-len(dst))
	}
	return dst
}
