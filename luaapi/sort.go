package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
)

// bindSort makes table.sort(t, less). It sorts by merging: no order of values makes that slow, it asks less often than others, and a less
// that contradicts itself cannot lead it astray.
func (e *Env) bindSort() lua.LGFunction {
	return func(L *lua.LState) int {
		t := checkTable(L, "sort", 1)
		n := t.Len()
		s := sorter{L: L, budget: e.Budget}
		if !missing(L, 2) {
			s.function = checkFunction(L, "sort", 2)
		}
		e.Budget.Count(16 * (n + n/2))
		values := make([]lua.LValue, n+n/2)
		values, spare := values[:n], values[n:]
		for i := range values {
			values[i] = t.RawGetInt(i + 1)
		}
		s.sort(values, spare)
		for i, v := range values {
			t.RawSetInt(i+1, v)
		}
		return 0
	}
}

// sorter is one call of table.sort.
type sorter struct {
	L        *lua.LState
	budget   *budget.Budget
	function *lua.LFunction // nil for <
}

// fewValues are sorted by insertion.
const fewValues = 8

// sort sorts values. It needs spare room for half of them.
func (s *sorter) sort(values, spare []lua.LValue) {
	if len(values) <= fewValues {
		s.insert(values)
		return
	}
	half := len(values) / 2
	s.sort(values[:half], spare)
	s.sort(values[half:], spare)
	if !s.less(values[half], values[half-1]) {
		return
	}
	left, right := spare[:half], values[half:]
	copy(left, values)
	for i := range values {
		switch {
		case len(left) == 0: // the rest is in its place
			return
		case len(right) > 0 && s.less(right[0], left[0]):
			values[i], right = right[0], right[1:]
		default:
			values[i], left = left[0], left[1:]
		}
	}
}

func (s *sorter) insert(values []lua.LValue) {
	for i := 1; i < len(values); i++ {
		v := values[i]
		at := i
		for ; at > 0 && s.less(v, values[at-1]); at-- {
			values[at] = values[at-1]
		}
		values[at] = v
	}
}

// less reports whether a comes before b.
func (s *sorter) less(a, b lua.LValue) bool {
	L := s.L
	if s.budget.Step() {
		orRaisePlainly(L, s.budget.Look())
	}
	if s.function != nil {
		L.Push(s.function)
		L.Push(a)
		L.Push(b)
		L.Call(2, 1)
		result := L.ToBool(-1)
		L.Pop(1)
		return result
	}
	switch x := a.(type) {
	case lua.LNumber:
		if y, ok := b.(lua.LNumber); ok {
			return x < y
		}
	case lua.LString:
		if y, ok := b.(lua.LString); ok {
			return x < y
		}
	}
	return L.LessThan(a, b)
}
