package mime

// endHeaders ends all headers that have not come to their end when something else comes.
func (p *parser) endHeaders(at int64) {
	for p.top().state == inHeader {
		p.endHeader(at)
	}
}

// endHeader ends the header of the innermost part, learns from it what the content is, and goes into it.
func (p *parser) endHeader(at int64) {
	l := p.top()
	part := l.part
	switch {
	case l.other && !l.fields:
		part.flag(NoHeader)
		at = part.Header.Start
	case l.other:
		part.flag(BadHeader)
	}
	part.Header.End = at
	part.Content = Range{at, at}
	l.state, l.floor = inContent, at
	p.scan.steps += part.describe()
	if part.Has(Truncated) { // too many parameters
		p.msg.Truncated = true
	}
	switch {
	case part.IsMultipart():
		p.enterMultipart(l)
	case part.IsMessage() && !part.isEncoded():
		p.enterMessage(part)
	}
}

// tooDeep reports that a part must not be gone into, and flags it.
func (p *parser) tooDeep(part *Part) bool {
	if p.outside+len(p.open) < MaxDepth {
		return false
	}
	p.truncate(part)
	return true
}

func (p *parser) enterMultipart(l *level) {
	part := l.part
	boundary, found := part.boundary()
	switch {
	case !found || len(boundary) > lookAhead-4:
		part.flag(NoBoundary)
		return
	case p.tooDeep(part):
		return
	case len(boundary) > 70:
		part.flag(LongBoundary)
	}
	if part.isEncoded() {
		part.flag(EncodedMultipart)
	}
	l.state, l.boundary = inPreamble, boundary
	part.Preamble = part.Content
	if _, taken := p.boundaries[boundary]; taken {
		part.flag(SameBoundary)
		return
	}
	p.boundaries[boundary] = len(p.open) - 1
}

// enterMessage opens the message that the content of a part is.
func (p *parser) enterMessage(part *Part) {
	if p.tooDeep(part) {
		return
	}
	if p.count >= MaxParts {
		p.fill(part)
		return
	}
	at := part.Content.Start
	p.begin(part, Range{at, at})
}

// closeAbove closes all open parts inside of one; -1 closes all.
func (p *parser) closeAbove(at int, end int64) {
	for len(p.open) > at+1 {
		l := p.top()
		if i, ok := p.boundaries[l.boundary]; ok && i == len(p.open)-1 {
			delete(p.boundaries, l.boundary)
		}
		switch {
		case p.full: // who knows what would have come
		case l.state == inPreamble:
			l.part.flag(NoParts)
		case l.state == inParts:
			l.part.flag(NoEnd)
		}
		l.close(end)
		if part := l.part; part.IsMessage() && part.isEncoded() {
			p.enterEncoded(part)
		}
		p.open = p.open[:len(p.open)-1]
	}
}

// close ends a part.
func (l *level) close(end int64) {
	part := l.part
	part.Content.End = end
	if l.state == inPreamble {
		part.Preamble.End = end
	}
	switch l.state {
	case inPreamble, inParts:
		part.End, part.Epilogue = Range{end, end}, Range{end, end}
	case inEpilogue:
		part.Epilogue.End = end
	}
}

// enterEncoded reads a message that was attached in an encoding: a source of its own.
func (p *parser) enterEncoded(part *Part) {
	part.flag(EncodedMessage)
	if p.full || p.count >= MaxParts {
		p.fill(part)
		return
	}
	if p.decoded >= maxDecoded {
		p.truncate(part)
		return
	}
	if p.tooDeep(part) {
		return
	}
	p.scan.steps += part.Content.Len()
	inside, err := part.DecodedSource()
	if err != nil {
		p.truncate(part)
		return
	}
	root := &Part{Source: inside, Parent: part}
	part.Parts = []*Part{root}
	inner := newParser(p.msg, root.Source)
	inner.count, inner.outside, inner.decoded = p.count+1, p.outside+len(p.open), p.decoded+1
	inner.open = append(inner.open, level{part: root})
	inner.run()
	p.count, p.full = inner.count, inner.full
	p.scan.steps += inner.scan.steps
}
