package lua_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"luamilter/luaapi/format"
)

const formatScript = `
for line in io.lines() do
  local layout, rest = line:match("^(%S+)(.*)$")
  local args, n = {}, 0
  for a in rest:gmatch("%S+") do
    n = n + 1
    args[n] = a:sub(1, 1) == "x" and unhex(a) or tonumber((a:sub(2)))
  end
  local ok, s = pcall(string.format, unhex(layout), unpack(args, 1, n))
  io.write(ok and "ok " or "error ", hex(s), "\n")
end`

// TestFormat compares package format with string.format, errors included.
func TestFormat(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 3))
	var layouts, questions []string
	var arguments [][]any
	for range 30000 {
		layout, args := anyLayout(r)
		layouts = append(layouts, layout)
		arguments = append(arguments, args)
		q := hexOf(layout)
		for _, a := range args {
			if s, ok := a.(string); ok {
				q += " " + hexOf(s)
			} else {
				q += " n" + strconv.FormatFloat(a.(float64), 'x', -1, 64)
			}
		}
		questions = append(questions, q)
	}
	failed := 0
	for i, want := range ask(t, "UTC", formatScript, questions) {
		got := "ok "
		s, err := sprintf(layouts[i], arguments[i])
		if err != nil {
			got, s = "error ", err.Error()
			failed++
		}
		got += hexOf(s)
		if got != want {
			t.Errorf("format(%q, %q) = %q, %v, lua5.1 says %s", layouts[i], arguments[i], s, err, want)
		}
	}
	t.Logf("%d of %d are errors", failed, len(layouts))
}

// sprintf does with package format what string.format does when pcall calls it, so that it does not know its name.
func sprintf(layout string, args []any) (string, error) {
	var out []byte
	for arg := 0; layout != ""; {
		literal, d, rest, err := format.Next(layout)
		out = append(out, literal...)
		layout = rest
		if d.Verb == 0 && err == nil {
			continue
		}
		if arg == len(args) {
			return "", fmt.Errorf("bad argument #%d to '?' (no value)", arg+2)
		}
		if err != nil {
			return "", err
		}
		switch a := args[arg].(type) {
		case float64:
			if !d.TakesNumber() {
				return "", errors.New("not generated")
			}
			out = d.AppendNumber(out, a)
		case string:
			if d.TakesNumber() {
				return "", fmt.Errorf("bad argument #%d to '?' (number expected, got string)", arg+2)
			}
			out = d.AppendString(out, a)
		}
		arg++
	}
	return string(out), nil
}

// anyLayout returns a format and arguments for it. What C leaves undefined, and what is different on purpose, is left out.
func anyLayout(r *rand.Rand) (string, []any) {
	if r.IntN(10) == 0 { // nonsense, and strings for all that takes one
		return strings.ReplaceAll(someOf(r, "%%%%05.-+# sqyFlap\xe9", 9), "%%", "%"), []any{"spam", "ham"}
	}
	layout := ""
	var args []any
	for range 1 + r.IntN(3) {
		layout += someOf(r, "ab: \n\xe9", 4)
		if r.IntN(8) == 0 {
			layout += "%%"
		}
		verb := "cdiouxXeEfgGeEfgGeEfgGsq"[r.IntN(24)]
		directive := "%" + modifiers(r) + string(rune(verb))
		layout += directive
		switch verb {
		case 's', 'q':
			args = append(args, anyString(r, verb))
		default:
			f := anyNumber(r, verb)
			for carries(directive, f) {
				f = anyNumber(r, verb)
			}
			args = append(args, f)
		}
	}
	if r.IntN(20) == 0 {
		args = args[1:]
		for i := range args {
			args[i] = "spam"
		}
	}
	return layout + someOf(r, "ab: ", 3), args
}

// carries reports whether %#g rounds f up to a power of ten, of which glibc drops the zeros.
func carries(directive string, f float64) bool {
	_, d, _, _ := format.Next(directive)
	if !d.Alternate || d.Verb != 'g' && d.Verb != 'G' {
		return false
	}
	precision := d.Precision
	if precision < 0 {
		precision = 6
	}
	rounded := strconv.FormatFloat(f, 'e', max(precision, 1)-1, 64)
	exact := strconv.FormatFloat(f, 'e', -1, 64)
	_, rounded, _ = strings.Cut(rounded, "e")
	_, exact, _ = strings.Cut(exact, "e")
	return rounded != exact
}

func modifiers(r *rand.Rand) string {
	s := someOf(r, "-+ #0", r.IntN(6))
	if r.IntN(40) == 0 {
		s += "-+ #0-"
	}
	if r.IntN(2) == 0 {
		s += strconv.Itoa(r.IntN(40))
	}
	if r.IntN(2) == 0 {
		s += "." + []string{"", "0", "1", "99", strconv.Itoa(r.IntN(30)), strconv.Itoa(r.IntN(110))}[r.IntN(6)]
	}
	return s
}

func anyString(r *rand.Rand, verb byte) string {
	alphabet := "abc \t\r\n\"\\\x01\x7f\xe9\xff"
	if verb == 'q' {
		alphabet += "\x00"
	}
	return someOf(r, alphabet, []int{5, 30, 150}[r.IntN(3)])
}

func anyNumber(r *rand.Rand, verb byte) float64 {
	for {
		f := anyFloat(r)
		switch verb {
		case 'c':
			if math.Abs(f) < 1<<31 && byte(int64(f)) != 0 {
				return f
			}
		case 'd', 'i':
			if math.Abs(f) < 1<<63 {
				return f
			}
		case 'o', 'u', 'x', 'X':
			if f < 1<<64 && f >= -1<<63 {
				return f
			}
		default:
			return math.Abs(f) * float64(1-2*r.IntN(2))
		}
	}
}
