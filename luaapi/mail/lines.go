package mail

import "strings"

// layOut writes tokens in lines up to a limit, as far as there are blanks to break at; used is what already stands in the first
// line. Foreign tokens are encoded in that charset.
func layOut(tokens []token, used, limit int, charset string) string {
	l := lines{limit: limit, used: used}
	last := token{kind: nothing}
	for _, t := range tokens {
		if t.gap == "" && !t.comment && (last.kind == special && t.kind == foreign || last.kind == foreign && t.kind == special) {
			t.gap = " " // RFC 2047 section 5 (3): blanks around an encoded-word
		}
		switch t.kind {
		case foreign:
			l.encode(t, encoderFor(charset, t.text))
		case special:
			l.special(t)
		case nothing:
			l.end(t.gap)
		default:
			l.word(t.gap, t.text)
		}
		last = t
	}
	return l.out.String()
}

// lines is a header value being laid out.
type lines struct {
	out    strings.Builder
	limit  int  // of a line in bytes
	used   int  // of the current line
	filled bool // the current line has more than blanks of this value
}

// word writes a word and the blanks before it, on a new line if it does not fit.
func (l *lines) word(gap, word string) {
	if l.filled && gap != "" && l.used+len(gap)+len(word) > l.limit {
		l.breakLine()
	}
	l.gap(gap)
	l.text(word)
}

// special writes a character that may also begin a line.
func (l *lines) special(t token) {
	if l.filled && t.gap == "" && l.limit == maxEncodedLine && l.used >= l.limit {
		t.gap = " "
	}
	l.word(t.gap, t.text)
}

// fewest is how little of an encoded-word is worth the rest of a line.
const fewest = 16

// encode writes a token as encoded-words, each on a line of its own but for the first.
func (l *lines) encode(t token, e encoder) {
	gap, text := t.gap, t.text
	if const_ := Unfold(gap); len(const_) > fewest {
		gap, text = " ", const_[1:]+text // too many blanks to stand in front of it
	}
	if !strings.Contains(gap, "\n") && l.room(gap, e) < min(fewest, e.size(text)) {
		if gap == "" {
			gap = " "
		}
		l.breakLine()
	}
	for text != "" {
		l.gap(gap)
		n := e.cut(text, min(maxEncodedWord-e.overhead(), l.limit-l.used-e.overhead()))
		l.text(e.word(text[:n]))
		if text, gap = text[n:], " "; text != "" {
			l.breakLine()
		}
	}
}

// room returns how much encoded text fits into the current line behind the gap.
func (l *lines) room(gap string, e encoder) int { return l.limit - l.used - len(gap) - e.overhead() }

// breakLine ends the line; a gap follows.
func (l *lines) breakLine() {
	l.out.WriteByte('\n')
	l.used, l.filled = 0, false
}

// gap writes blanks. Of line breaks among them the last one stays, so that no line has nothing but blanks (RFC 5322 section 2.2.3), and
// none where the line has just begun.
func (l *lines) gap(gap string) {
	i := strings.LastIndexByte(gap, '\n')
	if i < 0 {
		l.blank(gap)
		return
	}
	l.blank(strings.ReplaceAll(gap[:i], "\n", ""))
	l.breakLine()
	l.blank(gap[i+1:])
}

func (l *lines) blank(s string) {
	l.out.WriteString(s)
	l.used += len(s)
}

func (l *lines) text(s string) {
	l.blank(s)
	l.filled = true
}

// end writes the blanks at the end, without line breaks and as far as they fit.
func (l *lines) end(gap string) {
	gap = strings.ReplaceAll(gap, "\n", "")
	l.blank(gap[:min(len(gap), max(0, l.limit-l.used))])
}
