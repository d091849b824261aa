package pattern

import (
	"strconv"
	"strings"
)

// Gsub is string.gsub: for each of at most most matches in s it calls add, which appends the replacement to dst, and around them it
// appends what is in s. It returns dst and the number of matches. Without a match it appends nothing: the result is s itself.
//
// Before it appends, add may use Start, End, Capture and Expand. It may run code that uses the Matcher for other matches, but then has
// to ask for the captures before.
func (m *Matcher) Gsub(dst []byte, p *Pattern, s string, most int, add func(dst []byte) ([]byte, error)) ([]byte, int, error) {
	before := len(dst)
	at, copied := 0, 0
	n := 0
	for n < most && at <= len(s) {
		found, err := m.Match(p, s, at)
		if err != nil {
			return dst, n, err
		}
		if !found {
			break
		}
		n++
		start, end := m.Start, m.End
		m.steps += (start - copied) >> fast
		dst = append(dst, s[copied:start]...)
		if dst, err = add(dst); err != nil {
			return dst, n, err
		}
		if err := m.fits(len(dst) - before); err != nil {
			return dst, n, err
		}
		copied, at = end, end
		if end == start {
			at++
		}
		if p.anchored {
			break
		}
	}
	if n == 0 {
		return dst, 0, nil
	}
	return append(dst, s[copied:]...), n, m.fits(len(dst) - before + len(s) - copied)
}

// Expand appends the replacement string repl for the last match, which was in s: %0 is the match, %1 to %9 are captures, and % with
// another character is that character. A lone % at the end is a NUL, as in PUC.
func (m *Matcher) Expand(dst []byte, s, repl string) ([]byte, error) {
	before := len(dst)
	for {
		i := strings.IndexByte(repl, '%')
		if i < 0 {
			m.steps += len(repl) >> fast
			return append(dst, repl...), nil
		}
		dst = append(dst, repl[:i]...)
		var c byte
		if i+1 < len(repl) {
			c = repl[i+1]
		}
		var err error
		if dst, err = m.expandOne(dst, s, c); err != nil {
			return dst, err
		}
		if err := m.fits(len(dst) - before); err != nil {
			return dst, err
		}
		m.steps += 1 + i>>fast
		repl = repl[min(i+2, len(repl)):]
	}
}

// expandOne appends what % and c stand for in a replacement.
func (m *Matcher) expandOne(dst []byte, s string, c byte) ([]byte, error) {
	switch {
	case c == '0':
		m.steps += (m.End - m.Start) >> fast
		return append(dst, s[m.Start:m.End]...), nil
	case c < '0' || c > '9':
		return append(dst, c), nil
	}
	start, end, isPosition, err := m.Capture(int(c) - '1')
	if err != nil {
		return dst, err
	}
	if isPosition {
		return strconv.AppendInt(dst, int64(start)+1, 10), nil
	}
	m.steps += (end - start) >> fast
	return append(dst, s[start:end]...), nil
}

// fits tells whether there may be so many bytes, and whether there are steps left.
func (m *Matcher) fits(n int) error {
	if m.Limit > 0 && n > m.Limit {
		return ErrSize
	}
	return m.spent()
}
