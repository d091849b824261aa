package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	luanumber "luamilter/luaapi/number"
	"luamilter/luaapi/pattern"
)

// substitution is a running gsub. Its methods append what takes the place of a match.
type substitution struct {
	env     *Env
	thread  *lua.LState
	matcher *pattern.Matcher
	subject string
	with    lua.LValue // table or function
	text    string     // or a string
}

func (e *Env) stringGsub(L *lua.LState) int {
	r := substitution{env: e, thread: L, subject: subject(L, "gsub")}
	p := e.pattern(checkText(L, "gsub", 2))
	most := optInteger(L, "gsub", 4, len(r.subject)+1)
	add := r.choose()
	r.matcher = e.takeMatcher()
	r.matcher.Limit = e.Budget.MaxString
	out, n, err := r.matcher.Gsub(e.takeBuffer(), p, r.subject, most, add)
	e.giveMatcher(r.matcher)
	if err == pattern.ErrSize {
		err = e.Budget.Grow(len(out))
	}
	if err != nil {
		e.raise(L, err)
	}
	if n == 0 {
		e.made(out)
		pushSubject(L, r.subject)
	} else {
		e.grow(L, len(out))
		L.Push(lua.LString(e.made(out)))
	}
	L.Push(numberValue(n))
	return 2
}

// choose returns the method for what the third argument is.
func (r *substitution) choose() func(dst []byte) ([]byte, error) {
	switch v := r.thread.Get(3).(type) {
	case lua.LString:
		r.text = string(v)
		return r.expand
	case lua.LNumber:
		r.text = luanumber.Text(float64(v))
		return r.expand
	case *lua.LTable:
		r.with = v
		return r.lookUp
	case *lua.LFunction:
		r.with = v
		return r.call
	}
	argError(r.thread, "gsub", 3, "string/function/table expected")
	return nil
}

func (r *substitution) expand(dst []byte) ([]byte, error) {
	return r.matcher.Expand(dst, r.subject, r.text)
}

func (r *substitution) lookUp(dst []byte) ([]byte, error) {
	key := r.env.capture(r.thread, r.matcher, r.subject, 0)
	start, end := r.matcher.Start, r.matcher.End // before __index runs
	return r.put(dst, r.thread.GetTable(r.with, key), start, end)
}

func (r *substitution) call(dst []byte) ([]byte, error) {
	L := r.thread
	L.Push(r.with)
	n := r.env.pushCaptures(L, r.matcher, r.subject)
	L.Call(n, 1)
	value := L.Get(-1)
	L.Pop(1)
	return r.put(dst, value, r.matcher.Start, r.matcher.End)
}

// put appends a value that a table or function gave for the match from start to end.
func (r *substitution) put(dst []byte, value lua.LValue, start, end int) ([]byte, error) {
	switch v := value.(type) {
	case lua.LString:
		if err := r.env.room(len(dst), len(v)); err != nil {
			return dst, err
		}
		return append(dst, v...), nil
	case lua.LNumber:
		return luanumber.Append(dst, float64(v)), nil
	}
	if lua.LVAsBool(value) {
		r.thread.RaiseError("invalid replacement value (a %s)", value.Type())
	}
	return append(dst, r.subject[start:end]...), nil
}
