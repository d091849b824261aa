package luaapi

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"
)

var mathModule = Module{
	"math", Library,
	"Numbers, which are floating-point numbers of 64 bits: whole ones are exact to 2^53. Angles are in radians.",
	[]Property{
		{"pi", "number", "The circumference of a circle by its diameter.", manualMath},
		{"huge", "number", "Infinity.", manualMath},
	},
	[]Func{
		{"abs", "x: number", "number", "", "`x` without its sign.", "", manualMath, ofOne("abs", math.Abs)},
		{"acos", "x: number", "number", "", "The arc cosine of `x`.", "", manualMath, ofOne("acos", math.Acos)},
		{"asin", "x: number", "number", "", "The arc sine of `x`.", "", manualMath, ofOne("asin", math.Asin)},
		{"atan", "x: number", "number", "", "The arc tangent of `x`.", "", manualMath, ofOne("atan", math.Atan)},
		{"atan2", "y: number, x: number", "number", "", "The arc tangent of `y`/`x`, in the right quadrant.", "", manualMath, ofTwo("atan2", math.Atan2)},
		{"ceil", "x: number", "number", "", "The smallest whole number that is not below `x`.", "", manualMath, ofOne("ceil", math.Ceil)},
		{"cos", "x: number", "number", "", "The cosine of `x`.", "", manualMath, ofOne("cos", math.Cos)},
		{"cosh", "x: number", "number", "", "The hyperbolic cosine of `x`.", "", manualMath, ofOne("cosh", math.Cosh)},
		{"deg", "x: number", "number", "", "The angle `x` in degrees.", "", manualMath, ofOne("deg", func(x float64) float64 { return x / degree })},
		{"exp", "x: number", "number", "", "e to the power of `x`.", "", manualMath, ofOne("exp", math.Exp)},
		{"floor", "x: number", "number", "", "The largest whole number that is not above `x`.", "", manualMath, ofOne("floor", math.Floor)},
		{"fmod", "x: number, y: number", "number", "", "What is left of `x` divided by `y`, with the sign of `x`; `%` has that of `y`.", "", manualMath, ofTwo("fmod", math.Mod)},
		{"frexp", "x: number", "number", "", "m and e so that `x` is m*2^e and m is 0 or of 0.5 and more and below 1, but for its sign.", "", manualMath, plainly(mathFrexp)},
		{"ldexp", "m: number, e: integer", "number", "", "`m`*2^`e`.", "", manualMath, plainly(mathLdexp)},
		{"log", "x: number", "number", "", "The natural logarithm of `x`.", "", manualMath, ofOne("log", math.Log)},
		{"log10", "x: number", "number", "", "The logarithm of `x` to base 10.", "", manualMath, ofOne("log10", math.Log10)},
		{"max", "x: number, ...: number?", "number", "", "The largest of `x` and `...`.", "", manualMath, pick("max", func(a, b float64) bool { return a > b })},
		{"min", "x: number, ...: number?", "number", "", "The smallest of `x` and `...`.", "", manualMath, pick("min", func(a, b float64) bool { return a < b })},
		{"mod", "x: number, y: number", "number", "", "What is left of `x` divided by `y`: the old name of `fmod`.", "", manualMath, ofTwo("mod", math.Mod)},
		{"modf", "x: number", "number", "", "The whole part of `x`, and the rest.", "", manualMath, plainly(mathModf)},
		{"pow", "x: number, y: number", "number", "", "`x` to the power of `y`, as `x^y`.", "", manualMath, ofTwo("pow", math.Pow)},
		{"rad", "x: number", "number", "", "The angle `x`, given in degrees, in radians.", "", manualMath, ofOne("rad", func(x float64) float64 { return x * degree })},
		{"random", "m: integer?, n: integer?", "number", "", "A random number: without arguments from 0 up to, not including, 1; with `m` a whole one from 1 to `m`; with both from `m` to `n`. Nobody can foresee it, unless the script calls `randomseed`.", "There is no number between them.", manualMath, (*Env).bindRandom},
		{"randomseed", "x: number", "", "", "Makes `random` give the series that belongs to `x`, in this VM only. Scripts do not need it, and secrets must not come from it.", "", manualMath, (*Env).bindRandomSeed},
		{"sin", "x: number", "number", "", "The sine of `x`.", "", manualMath, ofOne("sin", math.Sin)},
		{"sinh", "x: number", "number", "", "The hyperbolic sine of `x`.", "", manualMath, ofOne("sinh", math.Sinh)},
		{"sqrt", "x: number", "number", "", "The square root of `x`.", "", manualMath, ofOne("sqrt", math.Sqrt)},
		{"tan", "x: number", "number", "", "The tangent of `x`.", "", manualMath, ofOne("tan", math.Tan)},
		{"tanh", "x: number", "number", "", "The hyperbolic tangent of `x`.", "", manualMath, ofOne("tanh", math.Tanh)},
	},
}

const (
	manualMath = "Lua 5.1 manual section 5.6"
	degree     = math.Pi / 180
)

// ofOne binds a function of one number.
func ofOne(name string, f func(float64) float64) func(*Env) lua.LGFunction {
	return plainly(func(L *lua.LState) int {
		L.Push(lua.LNumber(f(checkNumber(L, name, 1))))
		return 1
	})
}

// ofTwo binds a function of two numbers.
func ofTwo(name string, f func(a, b float64) float64) func(*Env) lua.LGFunction {
	return plainly(func(L *lua.LState) int {
		L.Push(lua.LNumber(f(checkNumber(L, name, 1), checkNumber(L, name, 2))))
		return 1
	})
}

// pick binds a function that picks one of its arguments.
func pick(name string, better func(a, b float64) bool) func(*Env) lua.LGFunction {
	return plainly(func(L *lua.LState) int {
		out := checkNumber(L, name, 1)
		for i := 2; i <= L.GetTop(); i++ {
			if x := checkNumber(L, name, i); better(x, out) {
				out = x
			}
		}
		L.Push(lua.LNumber(out))
		return 1
	})
}

func mathFrexp(L *lua.LState) int {
	m, exponent := math.Frexp(checkNumber(L, "frexp", 1))
	L.Push(lua.LNumber(m))
	L.Push(lua.LNumber(exponent))
	return 2
}

func mathLdexp(L *lua.LState) int {
	L.Push(lua.LNumber(math.Ldexp(checkNumber(L, "ldexp", 1), checkInt(L, "ldexp", 2))))
	return 1
}

func mathModf(L *lua.LState) int {
	x := checkNumber(L, "modf", 1)
	whole, rest := math.Modf(x)
	if math.IsInf(x, 0) {
		rest = math.Copysign(0, x)
	}
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(rest))
	return 2
}

// bindRandom makes math.random(m, n).
func (e *Env) bindRandom() lua.LGFunction {
	return func(L *lua.LState) int {
		low, high := 1, 0
		switch L.GetTop() {
		case 0:
			L.Push(lua.LNumber(e.random()))
			return 1
		case 1:
			high = checkInt(L, "random", 1)
		case 2:
			low, high = checkInt(L, "random", 1), checkInt(L, "random", 2)
		default:
			L.RaiseError("wrong number of arguments")
		}
		if low > high {
			argError(L, "random", L.GetTop(), "interval is empty")
		}
		L.Push(lua.LNumber(math.Floor(e.random()*float64(high-low+1)) + float64(low)))
		return 1
	}
}

// random returns a random number below 1: of the VM's own series if it has one, or else of Go's, which takes no lock.
func (e *Env) random() float64 {
	if e.series != nil {
		return e.series.Float64()
	}
	return rand.Float64()
}

// bindRandomSeed makes math.randomseed(x).
func (e *Env) bindRandomSeed() lua.LGFunction {
	return func(L *lua.LState) int {
		e.series = rand.New(rand.NewPCG(math.Float64bits(checkNumber(L, "randomseed", 1)), 0))
		return 0
	}
}
