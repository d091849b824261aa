package lua_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// programs returns random pieces of Lua: what a compiler can get wrong are combinations that nobody thinks of.
func programs(n int) []string {
	r := rand.New(rand.NewPCG(2026, 11))
	out := make([]string, n)
	for i := range out {
		p := &program{Rand: r}
		p.block(0, 4+r.IntN(6))
		out[i] = "local log = {} local function put(...) log[#log + 1] = select('#', ...) for i = 1, select('#', ...) do log[#log + 1] = tostring((select(i, ...))) end return ... end " +
			"local x, y, z, t, f = 1, 2, nil, {3, 4, k = 5}, function(...) return ... end " +
			"local ok, e = pcall(function() " + p.String() + " end) return ok, table.concat(log, ' '), x, y, z, tostring(e):gsub('.*:%d+: ', '')"
	}
	return out
}

// program is a random piece of Lua, written so that it ends.
type program struct {
	*rand.Rand
	strings.Builder
	loops, functions, names int
	scope                   []string // local variables besides the five that always exist
}

func (p *program) pick(of ...string) string { return of[p.IntN(len(of))] }

func (p *program) block(depth, n int) {
	kept := len(p.scope)
	for range n {
		p.statement(depth)
	}
	p.scope = p.scope[:kept]
}

func (p *program) variable() string {
	if len(p.scope) > 0 && p.IntN(2) == 0 {
		return p.scope[p.IntN(len(p.scope))]
	}
	return p.pick("x", "y", "z")
}

func (p *program) target() string {
	if p.IntN(4) == 0 {
		return p.pick("t.k", "t.m", "t[type(x)]", "t['k']", "g")
	}
	return p.variable()
}

func (p *program) statement(depth int) {
	if depth > 3 {
		fmt.Fprintf(p, "put(%s) ", p.expressions(0))
		return
	}
	switch p.IntN(16) {
	case 0, 1:
		fmt.Fprintf(p, "%s = %s ", p.target(), p.expression(0))
	case 2:
		fmt.Fprintf(p, "%s, %s = %s ", p.target(), p.target(), p.expressions(0))
	case 3:
		fmt.Fprintf(p, "%s, %s, %s = %s ", p.target(), p.target(), p.target(), p.expressions(0))
	case 4, 5:
		values := p.expressions(0)
		var names []string
		for range 1 + p.IntN(3) {
			p.names++
			names = append(names, fmt.Sprintf("v%d", p.names))
		}
		fmt.Fprintf(p, "local %s = %s ", strings.Join(names, ", "), values)
		p.scope = append(p.scope, names...)
	case 6:
		fmt.Fprintf(p, "if %s then ", p.expression(0))
		p.block(depth+1, 1+p.IntN(2))
		if p.IntN(3) == 0 {
			fmt.Fprintf(p, "elseif %s then ", p.expression(0))
			p.block(depth+1, 1)
		}
		if p.IntN(2) == 0 {
			p.WriteString("else ")
			p.block(depth+1, 1)
		}
		p.WriteString("end ")
	case 7:
		p.loop(depth)
	case 8:
		p.WriteString("do ")
		p.block(depth+1, 1+p.IntN(3))
		p.WriteString("end ")
	case 9:
		p.closure(depth)
	case 10:
		fmt.Fprintf(p, "put(pcall(function() ")
		p.block(depth+1, 1+p.IntN(2))
		p.WriteString(p.pick("", "error('e', 0) ", "error({}) ", "return x, y "))
		p.WriteString("end)) ")
	case 11:
		fmt.Fprintf(p, "put(coroutine.wrap(function(...) ")
		p.block(depth+1, 1)
		p.WriteString(p.pick("", "coroutine.yield(x, y) ", "return coroutine.yield(...) "))
		p.WriteString("end)(" + p.expressions(1) + ")) ")
	default:
		fmt.Fprintf(p, "put(%s) ", p.expressions(0))
	}
}

// loop writes a loop that ends after a few rounds.
func (p *program) loop(depth int) {
	p.loops++
	i := fmt.Sprintf("i%d", p.loops)
	kept := len(p.scope)
	end := "end "
	head := ""
	switch p.IntN(5) {
	case 0:
		head = fmt.Sprintf("for %s = %s do ", i, p.pick("1, 3", "3, 1, -1", "0, 1, 0.5", "tonumber(x) or 1, 4", "1, 0"))
	case 1:
		head = fmt.Sprintf("for %s, w in ipairs{%s} do ", i, p.expressions(1))
	case 2:
		head = fmt.Sprintf("for %s in next, {%s} do ", i, p.expressions(1))
	case 3:
		head = fmt.Sprintf("local %s = 0 while %s < 3 do %s = %s + 1 ", i, i, i, i)
	case 4:
		head = fmt.Sprintf("local %s = 0 repeat %s = %s + 1 ", i, i, i)
		end = fmt.Sprintf("until %s > 2 or %s ", i, p.pick("false", i+" == x", "not "+i, "t[2] == 7"))
	}
	p.WriteString(head)
	if !strings.HasPrefix(head, "local") { // or else it might be set, and the loop not end
		p.scope = append(p.scope, i)
	}
	p.block(depth+1, 1+p.IntN(3))
	if p.IntN(4) == 0 {
		fmt.Fprintf(p, "if %s then break end ", p.expression(1))
	}
	p.WriteString(end)
	p.scope = p.scope[:kept]
}

// closure writes a function that uses what is around it, and calls it.
func (p *program) closure(depth int) {
	p.functions++
	name := fmt.Sprintf("f%d", p.functions)
	kept := len(p.scope)
	fmt.Fprintf(p, "local function %s(a, ...) ", name)
	p.scope = append(p.scope, "a")
	p.block(depth+1, 1+p.IntN(2))
	if p.IntN(3) > 0 {
		fmt.Fprintf(p, "return %s ", p.pick(p.expressions(1), "...", "a, ...", "(...)", "put(a)"))
	}
	p.scope = p.scope[:kept]
	fmt.Fprintf(p, "end put(%s(%s)) ", name, p.expressions(1))
	if p.IntN(3) == 0 {
		fmt.Fprintf(p, "put(pcall(%s, %s)) ", name, p.expressions(1))
	}
}

func (p *program) expressions(depth int) string {
	var out []string
	for range 1 + p.IntN(3) {
		out = append(out, p.expression(depth))
	}
	return strings.Join(out, ", ")
}

func (p *program) expression(depth int) string {
	if depth > 3 || p.IntN(3) == 0 {
		return p.pick(p.variable(), p.variable(), "1", "2", "0.5", "'s'", "'7'", "nil", "true", "false", "t[1]", "t.k", "#t")
	}
	a, b := p.expression(depth+1), p.expression(depth+1)
	switch p.IntN(14) {
	case 0, 1:
		return a + " and " + b
	case 2, 3:
		return a + " or " + b
	case 4:
		return "not " + a
	case 5:
		return "(" + a + ")"
	case 6:
		return "(" + a + " and " + b + " or " + p.expression(depth+1) + ")"
	case 7:
		return a + p.pick(" == ", " ~= ") + b
	case 8:
		return "(" + p.pick("x", "1", "2") + p.pick(" + ", " - ", " * ", " / ", " % ", " < ", " <= ", " > ", " >= ", " .. ") + p.pick("2", "x", "#t", "3") + ")"
	case 9:
		return "f(" + p.expressions(depth+1) + ")"
	case 10:
		return "(f(" + p.expressions(depth+1) + "))"
	case 11:
		return "#{" + p.pick("1, 2", "f(x, y)", "f(1, 2), 3") + "}"
	case 12:
		return "type(" + a + ")"
	}
	return "put(" + a + ")"
}
