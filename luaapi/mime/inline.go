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
	src, at := p.Source, p.Content
	if p.isEncoded() {
		src = Text(p.Decoded())
		at = Range{0, src.Len()}
	}
	text := at.Of(src)
	if !strings.Contains(text, "begin ") {
		return nil
	}
	var out []*Part
	for pos := 0; pos < len(text) && len(out) < MaxParts; {
		line, n, _ := cutLine(text[pos:], true)
		name, encoding := begins(line, text[pos+n:])
		if encoding == "" {
			pos += n
			continue
		}
		size := inlineSize(text[pos:], encoding)
		start := at.Start + int64(pos)
		file := &Part{Type: "application/octet-stream", Encoding: encoding, Disposition: "attachment", Parent: p,
			Source: src, Header: Range{start, start}, Content: Range{start, start + int64(size)}}
		name, _ = fieldvalue.Words(name)
		file.addOne(name)
		file.describeName(nil)
		out = append(out, file)
		pos += size
	}
	return out
}

// begins reports whether a file begins with a line, and what its name and encoding are. In uuencode the next line must look like it, since
// "begin 100 miles away" may be text.
func begins(line, next string) (name, encoding string) {
	if name, ok := uuBegin(line); ok {
		second, _, _ := cutLine(next, true)
		if second != "" && (isUU(second) || second == "end") {
			return name, "x-uuencode"
		}
	}
	if name, ok := yencBegin(line); ok {
		return name, "x-yencode"
	}
	return "", ""
}

// inlineSize returns how long the file is that text begins with: with its last line, or up to what cannot be part of it.
func inlineSize(text, encoding string) int {
	_, pos, _ := cutLine(text, true)
	for pos < len(text) {
		line, n, _ := cutLine(text[pos:], true)
		switch encoding {
		case "x-uuencode":
			if strings.TrimRight(line, " \t") == "end" {
				return pos + n
			}
			if !isUU(line) {
				return pos
			}
		case "x-yencode":
			if strings.HasPrefix(line, "=yend") {
				return pos + n
			}
		}
		pos += n
	}
	return pos
}
