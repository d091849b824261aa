package pattern

import "strings"

// A step for each 1<<slow bytes that are looked at one by one; for each 1<<fast that the processor takes many at a time.
const (
	slow = 3
	fast = 5
)

// most runs over the bytes of an opMax's set. It returns the last place where what follows can begin, or -1, and leaves a choice if
// there may be others.
func (m *Matcher) most(o *op, s string, at, pc int) int {
	end := m.span(o, s, at)
	if o.lead {
		m.leadEnd = end
	}
	least := at + int(o.least)
	if end < least {
		return -1
	}
	if o.sole {
		return end
	}
	return m.giveBack(o, s, choice{op: pc, from: end, to: least})
}

// span returns the end of the bytes in a set.
func (m *Matcher) span(o *op, s string, at int) int {
	switch o.scan {
	case scanAny:
		return len(s)
	case scanNot:
		return at + m.before(strings.IndexByte(s[at:], o.c), len(s)-at)
	}
	i := at
	for t, bit := o.inTable, o.inBit; i < len(s) && t[s[i]]&bit != 0; i++ {
	}
	m.steps += (i - at) >> slow
	return i
}

// giveBack returns the last place of a choice of an opMax where what follows can begin, or -1, and leaves a choice for those before.
func (m *Matcher) giveBack(o *op, s string, c choice) int {
	i := c.from
	if i == len(s) {
		i -= int(o.rest)
	}
	t, bit := o.followTable, o.followBit
	for i >= c.to && i < len(s) && t[s[i]]&bit == 0 {
		i--
	}
	m.steps += (c.from - i) >> slow
	if i < c.to {
		return -1
	}
	if i > c.to {
		m.choices = append(m.choices, choice{op: c.op, from: i - 1, to: c.to})
	}
	return i
}

// fewest runs over the bytes of an opMin's set to the first place where what follows can begin. It returns that place, or -1, and leaves
// a choice if there may be others.
func (m *Matcher) fewest(o *op, s string, at, pc int) int {
	i, ok := m.seek(o, s, at)
	if o.lead {
		m.leadEnd = i
	}
	if !ok {
		return -1
	}
	if i < len(s) && o.in(s[i]) {
		m.choices = append(m.choices, choice{op: pc, from: i})
	}
	return i
}

// seek returns the first place where what follows an opMin can begin, or where its set ends.
func (m *Matcher) seek(o *op, s string, at int) (i int, ok bool) {
	switch o.scan {
	case scanByte:
		i = at + m.before(strings.IndexByte(s[at:], o.c), len(s)-at)
	case scanText:
		i = at + m.before(strings.Index(s[at:], m.program.texts[o.n]), len(s)-at)
	case scanAny:
		i = at
		for t, bit := o.followTable, o.followBit; i < len(s) && t[s[i]]&bit == 0; i++ {
		}
		m.steps += (i - at) >> slow
	default:
		for i = at; i < len(s) && !o.follows(s[i]) && o.in(s[i]); i++ {
		}
		m.steps += (i - at) >> slow
	}
	if i == len(s) {
		return i, o.rest == 0
	}
	return i, o.follows(s[i])
}

// before returns the result of an index function on n bytes, counted, with n for nothing found.
func (m *Matcher) before(i, n int) int {
	if i < 0 {
		i = n
	}
	m.steps += i >> fast
	return i
}

// optional takes a byte of the set if there is one, and leaves a choice if the match could also go on without.
func (m *Matcher) optional(o *op, s string, at, pc int) int {
	if at == len(s) || !o.in(s[at]) {
		return at
	}
	if o.follows(s[at]) {
		m.choices = append(m.choices, choice{op: pc, from: at})
	}
	return at + 1
}
