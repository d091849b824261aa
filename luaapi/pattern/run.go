package pattern

// maxChoices bounds the memory that a match takes. Each optional or repeated part of a pattern can leave one choice.
const maxChoices = 1 << 16

// keptChoices is the room that a Matcher keeps for its next match.
const keptChoices = 1 << 10

// choice is a place to go back to when the match fails: another way for a repetition to end.
type choice struct {
	op int
	// The set has matched up to from. An opMax may also end before, at to and up to from; an opMin behind.
	from, to int
}

// run matches the program from an op on at a place, and returns where the match ends, or -1.
//
// Captures need not be put back when it tries again: each is set by one op, which is run again before anything sees the capture.
func (m *Matcher) run(pr *program, s string, pc, at int) (end int, err error) {
	m.choices = m.choices[:0]
	m.leadEnd = at
	for {
		o := &pr.ops[pc]
		m.steps++
		if len(m.choices) > maxChoices {
			return -1, ErrComplex
		}
		switch o.code {
		case opEnd:
			return at, nil
		case opRaise:
			return -1, Error(pr.texts[o.n])
		case opByte:
			if at < len(s) && s[at] == o.c {
				at++
				pc++
				continue
			}
		case opSet:
			if at < len(s) && o.in(s[at]) {
				at++
				pc++
				continue
			}
		case opOpen:
			m.begin[o.k] = at
			pc++
			continue
		case opClose:
			m.end[o.k] = at
			pc++
			continue
		case opMax:
			if to := m.most(o, s, at, pc); to >= 0 {
				at = to
				pc++
				continue
			}
		case opMin:
			if to := m.fewest(o, s, at, pc); to >= 0 {
				at = to
				pc++
				continue
			}
		default:
			if to := m.step(pr, s, at, pc); to >= 0 {
				at = to
				pc++
				continue
			}
		}
		if len(m.choices) == 0 {
			return -1, nil
		}
		if pc, at, err = m.again(pr, s); pc < 0 {
			return -1, err
		}
	}
}

// step is run for the ops that are rarer.
func (m *Matcher) step(pr *program, s string, at, pc int) int {
	switch o := &pr.ops[pc]; o.code {
	case opText:
		return m.text(s, at, pr.texts[o.n])
	case opAny:
		if at < len(s) {
			return at + 1
		}
	case opAtEnd:
		if at == len(s) {
			return at
		}
	case opPosition:
		m.begin[o.k], m.end[o.k] = at, at
		return at
	case opOptional:
		return m.optional(o, s, at, pc)
	case opFrontier:
		if isFrontier(o, s, at) {
			return at
		}
	case opBalance:
		return m.balance(o, s, at)
	case opBack:
		return m.back(pr, o, s, at)
	}
	return -1
}

// again goes back to the last choice that there still is. It returns the op and the place to go on with, or -1.
func (m *Matcher) again(pr *program, s string) (pc, at int, err error) {
	for len(m.choices) > 0 {
		if err := m.spent(); err != nil {
			return -1, 0, err
		}
		last := len(m.choices) - 1
		c := m.choices[last]
		m.choices = m.choices[:last]
		switch o := &pr.ops[c.op]; o.code {
		case opOptional:
			return c.op + 1, c.from, nil
		case opMax:
			at = m.giveBack(o, s, c)
		default:
			at = m.fewest(o, s, c.from+1, c.op)
		}
		if at >= 0 {
			return c.op + 1, at, nil
		}
	}
	return -1, 0, nil
}

// isFrontier tells whether the bytes before and at a place are outside and inside of a set. Both ends of the subject count as NUL.
func isFrontier(o *op, s string, at int) bool {
	var before, here byte
	if at > 0 {
		before = s[at-1]
	}
	if at < len(s) {
		here = s[at]
	}
	return !o.in(before) && o.in(here)
}

// balance returns where the text ends that begins with o.c and has as many o.k, or -1. If both are the same byte, it ends with the second.
func (m *Matcher) balance(o *op, s string, at int) int {
	if at >= len(s) || s[at] != o.c {
		return -1
	}
	open := 1
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case o.k:
			open--
			if open == 0 {
				m.steps += (i - at) >> slow
				return i + 1
			}
		case o.c:
			open++
		}
	}
	m.steps += (len(s) - at) >> slow
	return -1
}

// back returns where the text of a capture ends that is there once more, or -1.
func (m *Matcher) back(pr *program, o *op, s string, at int) int {
	if pr.position>>o.k&1 != 0 {
		return -1
	}
	return m.text(s, at, s[m.begin[o.k]:m.end[o.k]])
}

// text returns where a text ends that is at a place, or -1.
func (m *Matcher) text(s string, at int, text string) int {
	if len(text) == 0 {
		return at
	}
	if len(s)-at < len(text) || s[at] != text[0] {
		return -1
	}
	m.steps += len(text) >> fast
	if s[at:at+len(text)] != text {
		return -1
	}
	return at + len(text)
}
