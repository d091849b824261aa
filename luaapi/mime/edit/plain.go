package edit

import "strings"

// addPlain adds to plain text, a blank line between.
func (c *content) addPlain(e *Edit, s string, where place) {
	if _, ok := c.text.encode(s); !ok && !c.recode() {
		s = toASCII(s)
	}
	flowed := strings.EqualFold(c.part.Param("format"), "flowed")
	s = fixed(s, flowed, where)
	seen := c.text.seen
	if where == above {
		if len(seen) > c.text.start() {
			s += "\n"
		}
		c.insert(e, c.text.start(), s+"\n", "")
		return
	}
	last := lastLineOf(seen)
	switch {
	case len(seen) == c.text.start():
	case !last.ended:
		s = "\n\n" + s
	case !last.blank:
		s = "\n" + s
	}
	if flowed && last.flows {
		s = "\n" + s // it takes the next line with it (RFC 3676 section 4.1)
	}
	if last.ended || seen == "" && c.part.Parent == nil {
		s += "\n"
	}
	c.insert(e, len(seen), s, "")
}

// fixed returns lines without blanks at their ends, which would make them flow; only the mark of a signature has one, and not in a banner, or
// all below would be the signature. In flowed text, lines are stuffed (RFC 3676 section 4.4).
func fixed(s string, flowed bool, where place) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		trimmed := strings.TrimRight(line, " \t")
		if line == "-- " && where == below {
			trimmed = line
		}
		if flowed && (strings.HasPrefix(trimmed, " ") || strings.HasPrefix(trimmed, ">") || strings.HasPrefix(trimmed, "From ")) {
			trimmed = " " + trimmed
		}
		lines[i] = trimmed
	}
	return strings.Join(lines, "\n")
}

// lastLine is how a text ends.
type lastLine struct {
	ended bool // with a line end
	blank bool // that of an empty line
	flows bool // the last line that is not empty ends with a blank
}

func lastLineOf(s string) lastLine {
	var l lastLine
	rest := withoutEOL(s)
	l.ended = len(rest) < len(s)
	l.blank = l.ended && (rest == "" || endsInLine(rest))
	last := rest[strings.LastIndexAny(rest, "\r\n")+1:]
	l.flows = strings.HasSuffix(last, " ") && strings.TrimLeft(last, ">") != "-- "
	return l
}

// withoutEOL takes one line end away.
func withoutEOL(s string) string {
	if rest, ok := strings.CutSuffix(s, "\r\n"); ok {
		return rest
	}
	if endsInLine(s) {
		return s[:len(s)-1]
	}
	return s
}
