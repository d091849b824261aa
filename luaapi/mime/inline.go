package mime

import (
	"strings"

	"luamilter/luaapi/fieldvalue"
)

// Inline returns the files that stand in the text of a part, between lines of their own: uuencode and yEnc. Each is a part without header;
// its Source is that of the part, or the part's decoded content if it was encoded. They are no parts of the tree.
func (p *Part) Inline() []*Part {
	if !p.IsText() || !p.IsLeaf() {
		return nil
	}
	if !p.contains("begin ") {
		return nil
	}
	src, at := p.Source, p.Content
	if p.isEncoded() {
		decoded, err := p.DecodedSource()
		if err != nil {
			p.flag(Truncated)
			return nil
		}
		src, at = decoded, Range{0, decoded.Len()}
	}
	return p.filesIn(src, at)
}

// filesIn returns the files that stand in a range of a source.
func (p *Part) filesIn(src Source, at Range) []*Part {
	var out []*Part
	var file *Part // the one that is being read
	lines := newScanner(at.within(src))
	ln, more := lines.next()
	for more && len(out) < MaxParts {
		if file != nil {
			switch last, inside := endsFile(file.Encoding, ln.text); {
			case last:
				file.Content.End = at.Start + ln.end
				file = nil
			case inside:
				file.Content.End = at.Start + ln.end
			default:
				file = nil
				continue // it may begin another
			}
			ln, more = lines.next()
			continue
		}
		first := ln
		first.text = strings.Clone(ln.text[:min(len(ln.text), maxBegin)])
		ln, more = lines.next()
		name, encoding := begins(first.text, ln.text)
		if encoding == "" {
			continue
		}
		start := at.Start + first.start
		file = &Part{Type: "application/octet-stream", Encoding: encoding, Disposition: "attachment", Parent: p,
			Source: src, Header: Range{start, start}, Content: Range{start, at.Start + first.end}}
		name, _ = fieldvalue.Words(name)
		file.addOne(name)
		file.describeName(nil)
		out = append(out, file)
	}
	return out
}

// maxBegin is how long the first line of a file may be, in bytes.
const maxBegin = 4 << 10

// begins reports whether a file begins with a line, and what its name and encoding are. In uuencode the next line must look like it, since
// "begin 100 miles away" may be text.
func begins(line, next string) (name, encoding string) {
	if name, ok := uuBegin(line); ok && next != "" && (isUU(next) || next == "end") {
		return name, "x-uuencode"
	}
	if name, ok := yencBegin(line); ok {
		return name, "x-yencode"
	}
	return "", ""
}

// endsFile reports whether a line is the last of a file, or else belongs to it.
func endsFile(encoding, line string) (last, inside bool) {
	if encoding == "x-uuencode" {
		return isUUEnd(line), isUU(line)
	}
	return isYencEnd(line), true
}
