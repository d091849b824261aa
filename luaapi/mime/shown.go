package mime

import "strings"

// IsAttachment reports whether a reader offers a part as a file: it says so, has a file name, or is no text that people read. An attached
// message is one; so is a multipart in which no parts were found, but not if it is the message itself.
func (p *Part) IsAttachment() bool {
	if p.IsMultipart() && (p.Parent == nil || len(p.Parts) > 0) {
		return false
	}
	return p.Disposition == "attachment" || p.Filename != "" || !isPlain(p) && !isHTML(p)
}

// Attachments returns the parts that are attachments, also those in attached messages, and the files in texts (Part.Inline).
func (m *Message) Attachments() []*Part {
	var out []*Part
	for p := range m.Walk() {
		if p.IsAttachment() {
			out = append(out, p)
		}
		out = append(out, p.Inline()...)
	}
	return out
}

// Text returns the text of TextParts as UTF-8, with a line end between two.
func (m *Message) Text() string { return join(m.TextParts()) }

// HTML returns the text of HTMLParts as UTF-8, with a line end between two.
func (m *Message) HTML() string { return join(m.HTMLParts()) }

// TextParts returns the parts that somebody reads whose reader prefers plain text: every text that is no HTML and no attachment, nor
// meant for programs as text/calendar is. Of
// multipart/alternative it is the last alternative that has such text, of multipart/related the root, of multipart/signed what is signed, of
// others all. Attached messages are not gone into. A message that is HTML only has none.
func (m *Message) TextParts() []*Part { return shown(m.Root, false) }

// HTMLParts returns the parts of HTML that somebody reads whose reader prefers that, found as TextParts finds text.
func (m *Message) HTMLParts() []*Part { return shown(m.Root, true) }

// isPlain reports whether a part is text that people read and no HTML. What is not known is (RFC 2046 section 4.1.4).
func isPlain(p *Part) bool {
	switch p.Type {
	case "text/calendar", "text/css", "text/csv", "text/directory", "text/ecmascript", "text/javascript", "text/rfc822-headers",
		"text/vcard", "text/x-amp-html", "text/x-vcard", "text/xml":
		return false
	}
	return p.IsText() && !isHTML(p)
}

func isHTML(p *Part) bool { return p.Type == "text/html" || p.Type == "application/xhtml+xml" }

// shown returns the parts within p that are read: either HTML or other text.
func shown(p *Part, html bool) []*Part {
	if !p.IsMultipart() {
		if (html && isHTML(p) || !html && isPlain(p)) && p.Disposition != "attachment" && p.Filename == "" {
			return []*Part{p}
		}
		return nil
	}
	switch p.Type {
	case "multipart/alternative":
		for i := len(p.Parts) - 1; i >= 0; i-- {
			if out := shown(p.Parts[i], html); len(out) > 0 {
				return out
			}
		}
		return nil
	case "multipart/related":
		if root := relatedRoot(p); root != nil {
			return shown(root, html)
		}
		return nil
	case "multipart/signed":
		return shownIn(p.Parts[:min(1, len(p.Parts))], html)
	case "multipart/encrypted":
		return nil
	}
	return shownIn(p.Parts, html)
}

func shownIn(parts []*Part, html bool) []*Part {
	var out []*Part
	for _, part := range parts {
		out = append(out, shown(part, html)...)
	}
	return out
}

// relatedRoot returns the part that the others belong to: the one that the parameter start names, or the first (RFC 2387 section 3.2).
func relatedRoot(p *Part) *Part {
	if len(p.Parts) == 0 {
		return nil
	}
	if start := strings.Trim(p.Param("start"), " <>"); start != "" {
		for _, part := range p.Parts {
			if part.ContentID == start {
				return part
			}
		}
	}
	return p.Parts[0]
}

func join(parts []*Part) string {
	if len(parts) == 1 {
		text, _ := parts[0].DecodedText()
		return text
	}
	var out strings.Builder
	for i, p := range parts {
		text, _ := p.DecodedText()
		if i > 0 {
			out.WriteString("\r\n")
		}
		out.WriteString(text)
	}
	return out.String()
}
