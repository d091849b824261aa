package mail

import (
	"slices"
	"strings"

	"luamilter/luaapi/fieldvalue"
)

// layOut writes tokens in lines up to a limit, as far as there are blanks to break at; used is what already stands in the first
// line. Foreign tokens are encoded in that charset; without one they go out as they are.
func layOut(tokens []token, used, limit int, charset string) string {
	l := lines{limit: limit, used: used}
	measure(tokens)
	for _, t := range tokens {
		switch {
		case t.kind == nothing:
			l.end(t.gap)
		case t.kind == foreign && charset != "":
			l.encode(t.gap, t.text, min(fewest, t.unit-len(t.text)), encoderFor(charset, t.text))
		default:
			l.begin(t.gap, t.unit)
			l.text(t.text)
		}
	}
	return l.out.String()
}

// measure sets how much stands together without a blank between, which cannot be broken.
func measure(tokens []token) {
	for i, t := range slices.Backward(tokens) {
		tokens[i].unit = len(t.text)
		if i+1 < len(tokens) && tokens[i+1].gap == "" && tokens[i+1].kind != foreign {
			tokens[i].unit += tokens[i+1].unit
		}
	}
}

// lines is a header value being laid out.
type lines struct {
	out    strings.Builder
	limit  int  // of a line in bytes
	used   int  // of the current line
	filled bool // the current line has more than blanks of this value
}

// begin writes the blanks before a piece of text of that size, and a line break before them if it would not fit.
func (l *lines) begin(gap string, size int) {
	if l.filled && gap != "" && l.used+len(gap)+size > l.limit && !strings.Contains(gap, "\n") {
		l.breakLine()
	}
	l.gap(gap)
}

// fewest is how little of an encoded-word is worth the rest of a line.
const fewest = 16

// encode writes a text as encoded-words, each on a line of its own but for the first, and leaves room for what must follow at once.
func (l *lines) encode(gap, text string, follows int, e encoder) {
	if unfolded := fieldvalue.Unfold(gap); len(unfolded) > fewest {
		gap, text = unfolded[:1], unfolded[1:]+text // too many blanks to stand in front of it
	}
	room := l.limit - l.used - len(gap) - follows - e.overhead()
	if !strings.Contains(gap, "\n") && room < min(fewest, e.size(text)) {
		if gap == "" {
			gap = " "
		}
		l.breakLine()
	}
	for text != "" {
		l.gap(gap)
		n := e.cut(text, min(maxEncodedWord, l.limit-l.used-follows)-e.overhead())
		if i := strings.LastIndexByte(text[:n], ' '); n < len(text) && i > n/2 {
			n = i // readers that wrongly show a blank between encoded-words do least harm there
		}
		l.text(e.word(text[:n]))
		if text, gap = text[n:], " "; text != "" {
			l.breakLine()
		}
	}
}

// breakLine ends the line; a gap follows.
func (l *lines) breakLine() {
	l.out.WriteByte('\n')
	l.used, l.filled = 0, false
}

// gap writes blanks. Of line breaks among them only the last one stays, so that no line has nothing but blanks (RFC 5322 section 2.2.3).
func (l *lines) gap(gap string) {
	if i := strings.LastIndexByte(gap, '\n'); i >= 0 {
		l.blank(strings.ReplaceAll(gap[:i], "\n", ""))
		l.breakLine()
		gap = gap[i+1:]
	}
	l.blank(gap)
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
