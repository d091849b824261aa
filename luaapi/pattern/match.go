package pattern

import "strings"

// quantum is after how many steps a Matcher asks whether it may go on.
const quantum = 4096

// Matcher matches patterns, one after the other, and holds the captures of the last match. It is used by one goroutine at a time; the
// zero Matcher is ready.
type Matcher struct {
	// Spend is told of every few thousand steps, including those left over from earlier matches. Its error ends the match, and is
	// returned as it is. A step is one op of a pattern on one place of a subject, or a few dozen bytes skipped, searched or copied:
	// about 5 to 50 ns. Nil lets every match go on to its end, which may be never.
	Spend func(steps int) error
	// Limit is the most bytes that Gsub makes of a subject; 0 is no limit.
	Limit int

	// Start and End are where the last match begins and ends in the subject.
	Start, End int

	program    *program // of the last match
	begin, end [MaxCaptures]int
	steps      int // not spent yet
	leadEnd    int // where the repetition ended that the program begins with
	choices    []choice
}

// Find is string.find without plain, from the offset init on, at most len(s): it tells whether there is a match. A pattern without
// any of ^$*+?.([%- is a text to look for.
func (m *Matcher) Find(p *Pattern, s string, init int) (bool, error) {
	if p.plain {
		return m.FindText(p.source, s, init)
	}
	return m.Match(p, s, init)
}

// Match is string.match from the offset init on, at most len(s): it tells whether there is a match.
func (m *Matcher) Match(p *Pattern, s string, init int) (bool, error) {
	if p.anchored {
		return m.try(p.program, s, init)
	}
	found, err := m.search(p.program, s, init)
	m.trim()
	return found, err
}

// Next is a step of string.gmatch from the offset init on: it tells whether there is another match. A ^ at the beginning of the pattern
// is a character like others. The next step is from After on.
func (m *Matcher) Next(p *Pattern, s string, init int) (bool, error) {
	if init > len(s) {
		return false, nil
	}
	found, err := m.search(p.forGmatch(), s, init)
	m.trim()
	return found, err
}

// After returns where gmatch goes on after the last match: at its end, or one byte behind an empty one.
func (m *Matcher) After() int {
	if m.End == m.Start {
		return m.End + 1
	}
	return m.End
}

// textProgram is one without captures.
var textProgram = compile("")

// FindText is string.find with plain, from the offset init on.
func (m *Matcher) FindText(text, s string, init int) (bool, error) {
	m.program = textProgram
	return m.find(text, s, init)
}

// find makes a match of the first place of a text.
func (m *Matcher) find(text, s string, init int) (bool, error) {
	i := m.index(s[init:], text)
	if i < 0 {
		return false, m.spent()
	}
	m.Start, m.End = init+i, init+i+len(text)
	return true, m.spent()
}

// Captures returns how many captures the last match has.
func (m *Matcher) Captures() int {
	return m.program.captures
}

// Capture returns what capture i of the last match has, counted from 0: offsets in the subject, or the one offset start of a position.
// Without captures, the first is the whole match. Errors are ErrIndex and ErrUnfinished.
func (m *Matcher) Capture(i int) (start, end int, isPosition bool, err error) {
	switch pr := m.program; {
	case uint(i) >= uint(pr.captures):
		if i == 0 {
			return m.Start, m.End, false, nil
		}
		return 0, 0, false, ErrIndex
	case pr.open>>i&1 != 0:
		return 0, 0, false, ErrUnfinished
	default:
		return m.begin[i], m.end[i], pr.position>>i&1 != 0, nil
	}
}

// Offset makes an offset in a string of the given length of the argument init that Lua's functions take.
func Offset(init, length int) int {
	if init < 0 {
		init += length + 1
	}
	return min(max(init-1, 0), length)
}

// spent asks whether to go on, if there is something to ask for.
func (m *Matcher) spent() error {
	if m.steps < quantum || m.Spend == nil {
		return nil
	}
	steps := m.steps
	m.steps = 0
	return m.Spend(steps)
}

// index is strings.Index, counted.
func (m *Matcher) index(s, text string) int {
	i := strings.Index(s, text)
	m.steps++
	m.before(i, len(s))
	return i
}

// trim gives up the room that a match of an uncommon pattern took.
func (m *Matcher) trim() {
	if cap(m.choices) > keptChoices {
		m.choices = nil
	}
}

// try matches at one place.
func (m *Matcher) try(pr *program, s string, at int) (bool, error) {
	m.program = pr
	if len(s)-at < pr.shortest {
		return false, nil
	}
	end, err := m.run(pr, s, 0, at)
	m.trim()
	if end < 0 {
		return false, err
	}
	m.Start, m.End = at, end
	return true, m.spent()
}

// search matches at the first place it can.
//
// A repetition at the beginning that ran from i to j, and then found no match, had the rest tried at each place between: what would begin
// between i and j would try the same again. That the rest looks back at what was captured is the exception. So .*b on a text without
// a b is done after one try.
func (m *Matcher) search(pr *program, s string, at int) (bool, error) {
	m.program = pr
	if pr.whole {
		return m.find(pr.prefix, s, at)
	}
	for len(s)-at >= pr.shortest {
		at = m.candidate(pr, s, at)
		if at < 0 {
			break
		}
		from := at
		if pr.resume > 0 {
			from += len(pr.prefix)
		}
		end, err := m.run(pr, s, pr.resume, from)
		if end >= 0 {
			m.Start, m.End = at, end
			return true, m.spent()
		}
		if err != nil {
			return false, err
		}
		at++
		if pr.lead {
			at = max(at, m.leadEnd)
		}
		if err := m.spent(); err != nil {
			return false, err
		}
	}
	return false, m.spent()
}

// candidate returns the first place at or behind at where a match may begin, or -1.
func (m *Matcher) candidate(pr *program, s string, at int) int {
	if pr.prefix != "" {
		i := m.index(s[at:], pr.prefix)
		if i < 0 {
			return -1
		}
		return at + i
	}
	if pr.beginTable == nil {
		return at
	}
	i := at
	for t, bit := pr.beginTable, pr.beginBit; i < len(s) && t[s[i]]&bit == 0; i++ {
	}
	m.steps += (i - at) >> slow
	if i == len(s) && pr.shortest > 0 {
		return -1
	}
	return i
}
