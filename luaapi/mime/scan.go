package mime

import "strings"

const (
	// lookAhead is how many bytes of a line are looked at. A longer line is no boundary line, and no header that matters begins later.
	lookAhead = 64 << 10
	// windowSize is how much of a file is read at a time.
	windowSize = 4 * lookAhead
)

// line is a line of a source. CRLF, LF and CR end lines, as they do in Thunderbird and in Python.
type line struct {
	start int64
	eol   int64  // where its line end begins
	end   int64  // behind its line end
	text  string // without its line end, at most lookAhead bytes; of a file, valid until the next line
}

// scanner reads a source line by line, each byte at most twice.
type scanner struct {
	src    Source
	window string // what is read of it: all of a Text, else what is in buf
	buf    []byte
	long   []byte // the beginning of a line that is longer than the window
	base   int64  // where that is
	pos    int    // the next line, in the window
	lf, cr int    // the next of each from pos, or the end of the window
	short  bool   // the source ended before its length
	steps  int64  // bytes looked at
}

func newScanner(src Source) *scanner {
	s := &scanner{src: src, lf: -1, cr: -1}
	if t, ok := src.(Text); ok {
		s.window = string(t)
	}
	return s
}

// next returns the next line.
func (s *scanner) next() (line, bool) {
	if len(s.window)-s.pos < lookAhead+2 {
		s.slide(s.pos)
	}
	if s.pos == len(s.window) {
		return line{}, false
	}
	ln := line{start: s.base + int64(s.pos)}
	eol := s.lineEnd()
	ln.text = s.window[s.pos:min(eol, s.pos+lookAhead)]
	for eol >= len(s.window)-1 && s.more(eol) {
		if len(s.long) == 0 {
			s.long = append(s.long, ln.text...)
			ln.text = asString(s.long)
		}
		s.slide(eol)
		eol = s.lineEnd()
	}
	s.long = s.long[:0]
	ln.eol = s.base + int64(eol)
	s.pos = eol
	if rest := s.window[eol:]; strings.HasPrefix(rest, "\r\n") {
		s.pos += 2
	} else if rest != "" {
		s.pos++
	}
	ln.end = s.base + int64(s.pos)
	s.steps += ln.end - ln.start
	return ln, true
}

// lineEnd returns where the line ends, in the window: at its end if there is none in it.
func (s *scanner) lineEnd() int {
	if s.lf < s.pos {
		s.lf = indexFrom(s.window, s.pos, '\n')
	}
	if s.cr < s.pos {
		s.cr = indexFrom(s.window, s.pos, '\r')
	}
	return min(s.lf, s.cr)
}

func indexFrom(s string, from int, b byte) int {
	if i := strings.IndexByte(s[from:], b); i >= 0 {
		return from + i
	}
	return len(s)
}

// more reports whether the window can move on, so that it begins where from is and has anything new.
func (s *scanner) more(from int) bool {
	end := min(s.base+int64(from)+windowSize, s.src.Len())
	return !s.short && end > s.base+int64(len(s.window))
}

// slide moves the window on if it can.
func (s *scanner) slide(from int) {
	if !s.more(from) {
		return
	}
	if s.buf == nil {
		s.buf = make([]byte, 0, windowSize)
	}
	start := s.base + int64(from)
	end := min(start+windowSize, s.src.Len())
	s.window, s.base, s.pos, s.lf, s.cr = asString(Range{start, end}.read(s.src, s.buf)), start, 0, -1, -1
	s.short = int64(len(s.window)) < end-start
}
