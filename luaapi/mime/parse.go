package mime

import (
	"strings"

	"luamilter/protocol"
)

// Limits. Beyond them a part is flagged as truncated, and what is inside is left as it is.
const (
	MaxParts   = 10_000  // in a message
	MaxDepth   = 100     // of parts in parts
	MaxHeader  = 1 << 20 // bytes of the header of a part; what follows counts as content
	maxDecoded = 4       // encoded messages in encoded messages
)

// Parse takes a message apart whose header fields are known. It never fails: what is wrong is in Part.Problems.
func Parse(header []protocol.Field, body Source) *Message {
	if header == nil {
		header = []protocol.Field{}
	}
	root := &Part{Source: body, fields: header}
	m := &Message{Root: root}
	p := newParser(m, body)
	p.count = 1
	p.open = append(p.open, level{part: root})
	p.endHeader(0)
	p.run()
	m.steps = p.scan.steps
	return m
}

// ParseRaw takes a message apart of which header and body stand together, as in a file.
func ParseRaw(raw Source) *Message {
	m := &Message{Root: &Part{Source: raw}}
	p := newParser(m, raw)
	p.count = 1
	p.open = append(p.open, level{part: m.Root})
	p.run()
	m.steps = p.scan.steps
	return m
}

// parser reads the lines of a source once. It has the parts open that the current line is in.
type parser struct {
	scan       *scanner
	msg        *Message
	open       []level        // outermost first
	boundaries map[string]int // those of open multiparts, and which it is; the outermost if several have the same
	lastEOL    int64          // where the line end before the current line begins, -1 for none
	count      int            // parts so far
	outside    int            // depth of what this source is in
	decoded    int            // encoded messages that this source is in
	full       bool           // there are MaxParts
}

// level is an open part.
type level struct {
	part     *Part
	state    state
	boundary string // of a multipart
	floor    int64  // a delimiter begins here at the earliest: what is before is no content
	fields   bool   // a header field was seen
	other    bool   // something else was seen in the header
}

// state is what the lines of an open part are.
type state uint8

const (
	inHeader state = iota
	inContent
	inPreamble
	inParts // and one of them is open
	inEpilogue
)

func newParser(m *Message, src Source) *parser {
	return &parser{scan: newScanner(src), msg: m, lastEOL: -1, boundaries: map[string]int{}}
}

func (p *parser) top() *level { return &p.open[len(p.open)-1] }

// run reads all lines, and closes what is open at the end.
func (p *parser) run() {
	for !p.full {
		ln, ok := p.scan.next()
		if !ok {
			break
		}
		if at, last, ok := p.delimiter(ln); ok {
			p.delimit(at, ln, last)
		} else if p.top().state == inHeader {
			p.headerLine(ln)
		}
		p.lastEOL = ln.eol
	}
	end := p.scan.src.Len()
	p.endHeaders(end)
	p.closeAbove(-1, end)
}

// delimiter reports whether a line is a boundary line: of which open multipart, and whether its last. As in Thunderbird and Python it is
// dashes, the boundary, perhaps dashes, perhaps blanks, and nothing else; so a boundary that is the beginning of another does
// no harm. The outermost multipart that has it wins.
func (p *parser) delimiter(ln line) (at int, last, ok bool) {
	if len(p.boundaries) == 0 || !strings.HasPrefix(ln.text, "--") {
		return 0, false, false
	}
	text := strings.TrimRight(ln.text[2:], " \t")
	p.scan.steps += int64(len(text))
	at, ok = p.boundaries[text]
	if short, dashed := strings.CutSuffix(text, "--"); dashed {
		if outer, found := p.boundaries[short]; found && (!ok || outer < at) {
			at, last, ok = outer, true, true
		}
	}
	if ok && p.open[at].state == inEpilogue {
		p.open[at].part.flag(AfterEnd)
		return 0, false, false
	}
	return at, last, ok
}

// delimit ends what is open inside a multipart, and begins its next part or its epilogue.
func (p *parser) delimit(at int, ln line, last bool) {
	p.endHeaders(ln.start)
	cut := ln.start
	if p.lastEOL >= p.top().floor {
		cut = p.lastEOL // RFC 2046 section 5.1.1: the line end before it belongs to the delimiter
	}
	p.closeAbove(at, cut)
	l := p.top()
	if l.state == inPreamble {
		l.part.Preamble.End = cut
	}
	if !last && p.count >= MaxParts {
		p.fill(l.part)
		last, ln.eol = true, cut // all that follows is left as it is
	}
	if last {
		l.state, l.floor = inEpilogue, ln.eol
		l.part.End, l.part.Epilogue.Start = Range{cut, ln.eol}, ln.eol
		return
	}
	l.state = inParts
	p.begin(l.part, Range{cut, ln.end})
}

// begin opens a part behind a delimiter.
func (p *parser) begin(parent *Part, boundary Range) {
	p.count++
	part := &Part{Source: parent.Source, Parent: parent, Boundary: boundary, Header: Range{boundary.End, boundary.End}}
	parent.Parts = append(parent.Parts, part)
	p.open = append(p.open, level{part: part})
}

// fill notes that there is no room for a part of part.
func (p *parser) fill(part *Part) {
	p.full = true
	p.truncate(part)
}

func (p *parser) truncate(part *Part) {
	part.flag(Truncated)
	p.msg.Truncated = true
}

// headerLine reads a line of a header. Only an empty line ends it, as in mail readers: a filter that took a line without colon for its end
// would not see the content type behind it.
func (p *parser) headerLine(ln line) {
	l := p.top()
	switch {
	case ln.eol == ln.start:
		p.endHeader(ln.end)
	case ln.end-l.part.Header.Start > MaxHeader:
		p.truncate(l.part)
		p.endHeader(ln.start)
		if p.top().state == inHeader { // of an attached message
			p.headerLine(ln)
		}
	case ln.text[0] == ' ' || ln.text[0] == '\t':
	case fieldName(ln.text) != "":
		l.fields = true
	case !l.other && p.beginsParts(ln):
		l.part.flag(NoEmptyLine)
		p.endHeader(ln.start)
		if at, last, ok := p.delimiter(ln); ok {
			p.delimit(at, ln, last)
		}
	default:
		l.other = true
	}
}

// beginsParts reports whether a line of a header is a boundary line of the multipart that the header is of: then the empty line was forgotten.
// That is asked of the first line only that is no field, so that it costs no more than reading the header twice.
func (p *parser) beginsParts(ln line) bool {
	if !strings.HasPrefix(ln.text, "--") {
		return false
	}
	part := p.top().part
	looked := Part{Source: part.Source, Parent: part.Parent, Header: Range{part.Header.Start, ln.start}}
	p.scan.steps += looked.describe()
	boundary, ok := looked.boundary()
	return ok && looked.IsMultipart() && strings.TrimRight(ln.text[2:], " \t") == boundary
}
