package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

var tableModule = Module{
	"table", Library,
	"Arrays. Nothing here looks at metatables, but `sort` at `__lt`. An array has at most 1,048,575 values.",
	nil,
	[]Func{
		{"concat", "t: table, sep: string?, i: integer?, j: integer?", "string", "", "Joins the strings and numbers in the array `t` from `i` to `j`, by default all, with `sep` between them.", "One of them is neither; the string gets too long.", manualTable, (*Env).bindConcat},
		{"foreach", "t: table, f: function", "any", "", "Calls `f` with each key of `t` and its value, up to the first call that gives something, and gives that. Deprecated: write `for k, v in pairs(t)`.", "", manualTable, (*Env).bindForeach},
		{"foreachi", "t: table, f: function", "any", "", "Calls `f` with each index of the array `t` and its value, as `foreach` does. Deprecated: write `for i, v in ipairs(t)`.", "", manualTable, (*Env).bindForeachi},
		{"getn", "t: table", "integer", "", "The length of the array `t`. Deprecated: write `#t`.", "", manualTable, plainly(getN)},
		{"insert", "t: table, pos: integer, value: any?", "", "", "Inserts `value` at `pos` of the array `t` and moves up what is there; `table.insert(t, value)` appends.", "There are too many arguments, or only one.", manualTable, (*Env).bindInsert},
		{"maxn", "t: table", "number", "", "The largest positive number that is a key of `t`, 0 if there is none. It looks at all keys.", "", manualTable, (*Env).bindMaxn},
		{"move", "t: table, first: integer, last: integer, pos: integer, to: table?", "table", "", "Copies the values of `t` from `first` to `last` to `pos` and on, in `to` or else in `t`, and gives that.", "", manual3 + "table.move", (*Env).bindMove},
		{"pack", "...: any", "table", "", "An array of the arguments `...`, with their number as `n`.", "", manual2 + "table.pack", (*Env).bindPack},
		{"remove", "t: table, pos: integer?", "any", "", "Takes the value at `pos`, by default the last, out of the array `t`, moves down what is above, and gives it.", "", manualTable, (*Env).bindRemove},
		{"sort", "t: table, less: function?", "", "", "Sorts the array `t` so that `less(a, b)`, by default `a < b`, is never true of a later `a` and an earlier `b`. What is equal keeps its order. A `less` that contradicts itself gives some order.", "Two values cannot be compared.", manualTable, (*Env).bindSort},
		{"unpack", "t: table, i: integer?, j: integer?", "any", "", "The same as `unpack`: the values of the array `t` from `i` to `j`.", "There are tens of thousands of them.", manual2 + "table.unpack", (*Env).bindUnpack},
	},
}

const manualTable = "Lua 5.1 manual section 5.5"

// bindConcat makes table.concat(t, sep, i, j).
func (e *Env) bindConcat() lua.LGFunction {
	return func(L *lua.LState) int {
		sep := optString(L, "concat", 2, "")
		t := checkTable(L, "concat", 1)
		i := optInt(L, "concat", 3, 1)
		j := optInt(L, "concat", 4, t.Len())
		if i > j {
			L.Push(lua.LString(""))
			return 1
		}
		size := e.joinedSize(L, t, i, j) + (j-i)*len(sep)
		orRaisePlainly(L, e.Budget.Grow(size))
		out := make([]byte, 0, size)
		for ; i <= j; i++ {
			out = appendValue(out, rawIndex(t, i))
			if i < j {
				out = append(out, sep...)
			}
		}
		L.Push(lua.LString(out))
		return 1
	}
}

// joinedSize returns how long the values of an array are together. It raises an error at the first that has no text, so that it takes no
// more steps than there are values.
func (e *Env) joinedSize(L *lua.LState, t *lua.LTable, i, j int) int {
	size, steps := 0, 0
	var room [32]byte
	for ; i <= j; i++ {
		switch v := rawIndex(t, i).(type) {
		case lua.LString:
			size += len(v)
		case lua.LNumber:
			size += len(number.Append(room[:0], float64(v)))
		default:
			L.RaiseError("invalid value (%s) at index %d in table for 'concat'", v.Type(), i)
		}
		if steps++; steps%64 == 0 {
			e.spend(L, 16)
		}
	}
	return size
}

// appendValue appends a string or a number.
func appendValue(dst []byte, v lua.LValue) []byte {
	if n, ok := v.(lua.LNumber); ok {
		return number.Append(dst, float64(n))
	}
	return append(dst, v.(lua.LString)...)
}

func getN(L *lua.LState) int {
	L.Push(wholeNumber(checkTable(L, "getn", 1).Len()))
	return 1
}

// bindInsert makes table.insert(t, pos, value).
func (e *Env) bindInsert() lua.LGFunction {
	return func(L *lua.LState) int {
		t := checkTable(L, "insert", 1)
		end := t.Len() + 1
		switch L.GetTop() {
		case 2:
			e.store(L, t, end, L.Get(2))
		case 3:
			e.insert(L, t, checkInt(L, "insert", 2), end, L.Get(3))
		default:
			L.RaiseError("wrong number of arguments to 'insert'")
		}
		return 0
	}
}

// insert moves everything from pos up to end, and sets t[pos].
func (e *Env) insert(L *lua.LState, t *lua.LTable, pos, end int, value lua.LValue) {
	switch {
	case pos >= end:
		e.store(L, t, pos, value)
	case pos > 0:
		orRaisePlainly(L, guardOf(L).set(t, lua.LNumber(end)))
		e.spend(L, (end-pos)/16)
		last := t.Remove(-1) // a value, or room left behind one that was set to nil: else there would be more of it with every call
		t.Insert(pos, value)
		if last != lua.LNil {
			t.RawSetInt(end, last)
		}
	default: // nobody means it, but Lua does it
		for ; end > pos; end-- {
			e.spend(L, 1)
			e.store(L, t, end, rawIndex(t, end-1))
		}
		e.store(L, t, pos, value)
	}
}

// store sets t[k] without metamethods.
func (e *Env) store(L *lua.LState, t *lua.LTable, k int, value lua.LValue) {
	if k >= smallArray {
		orRaisePlainly(L, guardOf(L).set(t, lua.LNumber(k)))
	}
	t.RawSetInt(k, value)
}

// bindRemove makes table.remove(t, pos).
func (e *Env) bindRemove() lua.LGFunction {
	return func(L *lua.LState) int {
		t := checkTable(L, "remove", 1)
		end := t.Len()
		pos := optInt(L, "remove", 2, end)
		if pos < 1 || pos > end {
			return 0
		}
		e.spend(L, (end-pos)/16)
		L.Push(t.Remove(pos))
		return 1
	}
}

// bindMaxn makes table.maxn(t).
func (e *Env) bindMaxn() lua.LGFunction {
	return func(L *lua.LState) int {
		t := checkTable(L, "maxn", 1)
		most, key := lua.LNumber(t.MaxN()), lua.LValue(lua.LNil)
		if most > 0 {
			key = most
		}
		for k, _ := t.Next(key); k != lua.LNil; k, _ = t.Next(k) {
			e.spend(L, 3)
			if n, ok := k.(lua.LNumber); ok {
				most = max(most, n)
			}
		}
		L.Push(most)
		return 1
	}
}

// bindPack makes table.pack(...).
func (e *Env) bindPack() lua.LGFunction {
	return func(L *lua.LState) int {
		n := L.GetTop()
		e.Budget.Count(tableSize + 16*n)
		t := L.CreateTable(n, 1)
		for i := 1; i <= n; i++ {
			t.RawSetInt(i, L.Get(i))
		}
		t.RawSetString("n", wholeNumber(n))
		L.Push(t)
		return 1
	}
}

// bindMove makes table.move(t, first, last, pos, to).
func (e *Env) bindMove() lua.LGFunction {
	return func(L *lua.LState) int {
		from, first, last, pos := checkTable(L, "move", 1), checkInt(L, "move", 2), checkInt(L, "move", 3), checkInt(L, "move", 4)
		to := from
		if !missing(L, 5) {
			to = checkTable(L, "move", 5)
		}
		i, step := first, 1
		if to == from && first < pos && pos <= last { // what is copied must not be overwritten first
			i, step = last, -1
		}
		for ; first <= i && i <= last; i += step {
			e.spend(L, 1)
			e.store(L, to, pos+i-first, rawIndex(from, i))
		}
		L.Push(to)
		return 1
	}
}

// bindForeach makes table.foreach(t, f).
func (e *Env) bindForeach() lua.LGFunction {
	return func(L *lua.LState) int {
		t, f := checkTable(L, "foreach", 1), checkFunction(L, "foreach", 2)
		for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
			if e.gives(L, f, k, v) {
				return 1
			}
		}
		return 0
	}
}

// bindForeachi makes table.foreachi(t, f).
func (e *Env) bindForeachi() lua.LGFunction {
	return func(L *lua.LState) int {
		t, f := checkTable(L, "foreachi", 1), checkFunction(L, "foreachi", 2)
		n := t.Len()
		for i := 1; i <= n; i++ {
			if e.gives(L, f, wholeNumber(i), rawIndex(t, i)) {
				return 1
			}
		}
		return 0
	}
}

// gives calls f(k, v) and reports whether it gives something, which is then on the stack.
func (e *Env) gives(L *lua.LState, f *lua.LFunction, k, v lua.LValue) bool {
	e.spend(L, 1)
	L.Push(f)
	L.Push(k)
	L.Push(v)
	L.Call(2, 1)
	if L.Get(-1) != lua.LNil {
		return true
	}
	L.Pop(1)
	return false
}
