package address

import "strings"

// list divides tokens among mailboxes and groups.
type list struct {
	lexer
	decode func(string) string
	out    List

	// The mailbox that is being read.
	words    []token // outside its brackets: a name or a bare address, and all comments
	inside   []token // in its brackets
	brackets brackets
	colon    bool // there is one in the brackets: a route is over
	from, to int  // where it is
	odd      Problems

	held    []token // words and commas before it: more of its name, or local parts; see hold
	inGroup bool
	ended   bool // the last separator was one that nothing needs to follow
	full    bool
}

type brackets uint8

const (
	none brackets = iota
	open
	closed
)

// expected is for how many mailboxes room is made at once.
const expected = 32

func newList(text string, decode func(string) string) *list {
	l := &list{decode: decode, from: -1, ended: true}
	if len(text) > MaxText {
		text = text[:MaxText]
		l.out.Problems |= TooLong
	}
	l.text = text
	l.out.Mailboxes = make([]Mailbox, 0, min(strings.Count(text, ",")+1, expected))
	return l
}

func (l *list) read() {
	for !l.full {
		t := l.next()
		fresh := l.problems
		l.problems = 0
		if t.kind == end {
			l.odd |= fresh
			break
		}
		l.take(t)
		l.odd |= fresh
	}
	if l.empty() && !l.ended {
		l.odd |= ExtraComma
	}
	l.finish()
	l.release()
	if l.inGroup {
		l.closeGroup(len(l.text))
		l.out.Problems |= UnclosedGroup
	}
	l.out.Problems |= l.odd
}

// take takes one token.
func (l *list) take(t token) {
	if t.kind != special {
		l.word(t)
		return
	}
	switch l.text[t.start] {
	case '<':
		l.openBracket(t)
	case '>':
		if l.brackets != open {
			l.odd |= StrayCharacter
			return
		}
		l.brackets = closed
		l.extend(t)
	case ',':
		l.comma(t)
	case ';':
		l.semicolon(t)
	case ':':
		l.colonToken(t)
	default:
		l.word(t)
	}
}

// empty reports whether nothing of a mailbox was read yet.
func (l *list) empty() bool { return l.from < 0 }

func (l *list) extend(t token) {
	if l.from < 0 {
		l.from = t.start
	}
	l.to = t.end
}

// word takes what is part of a mailbox. Behind closed brackets a comment is part of the same one, anything else of the next.
func (l *list) word(t token) {
	switch {
	case t.kind == comment:
		l.words = append(l.words, t)
	case l.brackets == open:
		l.inside = append(l.inside, t)
	case l.brackets == closed:
		l.finish()
		l.odd |= NoComma
		fallthrough
	default:
		l.words = append(l.words, t)
	}
	l.extend(t)
}

func (l *list) openBracket(t token) {
	switch {
	case l.brackets == closed:
		l.finish()
		l.odd |= NoComma
	case l.brackets == open && len(l.inside) == 0:
		l.odd |= StrayCharacter
	case l.brackets == open: // what was in brackets is part of the name
		l.odd |= UnclosedBracket
		l.words = append(l.words, l.inside...)
		l.inside = l.inside[:0]
	}
	l.brackets, l.colon = open, false
	l.extend(t)
}

func (l *list) comma(t token) {
	if l.brackets == open && !l.colon && len(l.inside) > 0 && l.is(l.inside[0], '@') {
		l.inside = append(l.inside, t) // of a route
		l.extend(t)
		return
	}
	if l.empty() && !(l.ended && len(l.out.Groups) > 0) {
		l.odd |= ExtraComma
	}
	l.finish()
	if len(l.held) > 0 {
		l.held = append(l.held, t)
	}
	l.ended = false
}

func (l *list) semicolon(t token) {
	l.finish()
	l.release()
	if l.inGroup {
		l.closeGroup(t.end)
	} else {
		l.out.Problems |= Semicolon
	}
	l.ended = true
}

func (l *list) closeGroup(at int) {
	l.inGroup = false
	l.out.Groups[len(l.out.Groups)-1].At.End = at
}

// colonToken is the end of a group's name, or of what Prefix is about.
func (l *list) colonToken(t token) {
	if l.brackets == open {
		l.colon = true
		l.inside = append(l.inside, t)
		l.extend(t)
		return
	}
	name := l.plain(l.words)
	if l.brackets == closed || len(name) == 0 || l.hasAt(name) {
		l.finish()
		l.odd |= StrayCharacter
		return
	}
	if len(name) == 1 && strings.EqualFold(l.raw(name[0]), "mailto") {
		l.words = l.words[:0]
		l.odd |= Prefix
		return
	}
	l.release()
	if l.inGroup {
		l.closeGroup(l.from)
		l.out.Problems |= UnclosedGroup
	}
	l.out.Groups = append(l.out.Groups, Group{l.phrase(name), Span{l.from, t.end}})
	l.inGroup, l.ended = true, true
	l.out.Problems |= l.odd
	l.reset()
}

func (l *list) reset() {
	l.words, l.inside, l.brackets, l.from, l.odd = l.words[:0], l.inside[:0], none, -1, 0
}

// finish ends the mailbox that is being read.
func (l *list) finish() {
	words := l.plain(l.words)
	switch {
	case l.brackets != none:
		l.bracketed(words)
	case l.hasAt(words):
		l.release()
		l.bare(words)
	case len(words) == 1 && l.quotedAddress(words[0]):
	default:
		l.hold(words)
		return
	}
	l.reset()
}

// hold keeps words without an address. They turn out to be the first part of a name with a comma in it, or not: release.
func (l *list) hold(words []token) {
	if len(words) > 0 {
		l.held = append(l.held, l.words...)
	}
	l.out.Problems |= l.odd
	l.reset()
}

// bracketed ends a mailbox whose address is in brackets.
func (l *list) bracketed(words []token) {
	if l.brackets == open {
		l.odd |= UnclosedBracket
	}
	if len(words) == 0 {
		l.release()
	} else if len(l.held) > 0 {
		l.from = l.held[0].start
		l.words = append(l.held, l.words...)
		l.held = nil
		words = l.plain(l.words)
	}
	m := l.resolve(l.inside)
	if len(l.inside) == 0 {
		m.AddrAt = Span{l.to, l.to}
	}
	m.Name = l.phrase(words)
	m.Comment = l.comments(l.words)
	m.At = Span{l.from, l.to}
	l.emit(m)
}

// bare ends mailboxes without brackets: one, or several that nothing separates.
func (l *list) bare(words []token) {
	first := true
	for len(words) > 0 {
		from, to := l.bareAddress(words)
		if to == 0 {
			l.odd |= TextOnly
			break
		}
		m := l.resolve(words[from:to])
		if from > 0 {
			l.odd |= NoBrackets
			m.Name = l.phrase(words[:from])
		}
		m.At = Span{words[0].start, words[to-1].end}
		words = words[to:]
		if first {
			m.Comment = l.comments(l.words)
			m.At.Start = l.from
		} else {
			l.odd |= NoComma
		}
		if len(words) == 0 {
			m.At.End = l.to
		}
		first = false
		l.emit(m)
	}
	l.out.Problems |= l.odd
}

// quotedAddress ends a mailbox that is an address in quotes, and reports whether it is one.
func (l *list) quotedAddress(t token) bool {
	if t.kind != quoted || strings.IndexByte(l.inner(t), '@') < 0 {
		return false
	}
	content := l.content(t)
	l.steps += len(content)
	if Check(content, true) != nil {
		return false
	}
	l.release()
	local, domain, _ := Split(content)
	m := mailbox(Unquote(local), domain, true, content)
	m.Problems |= QuotedAddress
	m.AddrAt, m.At = Span{t.start, t.end}, Span{l.from, l.to}
	m.Comment = l.comments(l.words)
	l.emit(m)
	return true
}

// release ends what was held: each word alone is the local part of an address that lacks its domain, several are no address.
func (l *list) release() {
	held := l.held
	l.held = nil
	odd := l.odd
	for len(held) > 0 {
		n := 0
		for n < len(held) && !l.is(held[n], ',') {
			n++
		}
		l.odd = 0
		l.heldPiece(held[:n])
		held = held[min(n+1, len(held)):]
	}
	l.odd = odd
}

func (l *list) heldPiece(tokens []token) {
	words := l.plain(tokens)
	switch {
	case len(words) == 1 && words[0].kind != literal:
		m := l.resolve(words)
		m.Comment = l.comments(tokens)
		m.At = Span{tokens[0].start, tokens[len(tokens)-1].end}
		l.emit(m)
	case len(words) > 0:
		l.out.Problems |= TextOnly
	}
}

// emit adds a mailbox to the list.
func (l *list) emit(m Mailbox) {
	if len(l.out.Mailboxes) == MaxMailboxes {
		l.out.Problems |= TooLong
		l.full = true
		return
	}
	if l.inGroup {
		m.Group = l.out.Groups[len(l.out.Groups)-1].Name
	}
	m.Problems |= l.odd
	l.out.Problems |= m.Problems
	l.odd = 0
	l.out.Mailboxes = append(l.out.Mailboxes, m)
}
