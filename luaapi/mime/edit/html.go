package edit

import (
	"fmt"
	"strings"
)

// addHTML adds to HTML, on lines of its own.
func (c *content) addHTML(e *Edit, s string, where place) {
	seen := c.text.seen
	at := footerAt(seen)
	if where == above {
		at = max(bannerAt(seen), c.text.start())
	}
	s = c.withEntities(s)
	if at > c.text.start() && !endsInLine(seen[:at]) {
		s = "\n" + s
	}
	dashes := strings.HasPrefix(seen[at:], "--") // at the beginning of a line they could be a boundary
	if !dashes && (at < len(seen) || endsInLine(seen) || seen == "" && c.part.Parent == nil) {
		s += "\n"
	}
	c.insert(e, at, s, "\n")
}

// withEntities writes characters that the part has no place for as numbers.
func (c *content) withEntities(s string) string {
	if c.fits(s) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if r < 0x80 || c.fits(string(r)) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "&#%d;", r)
		}
	}
	return out.String()
}

// footerAt returns where the body of HTML ends.
func footerAt(s string) int {
	body, html := -1, -1
	end := eachTag(s, func(t tag) {
		switch {
		case t.closing && t.name == "body":
			body = t.start
		case t.closing && t.name == "html":
			html = t.start
		}
	})
	switch {
	case body >= 0:
		return body
	case html >= 0:
		return html
	}
	return end
}

// bannerAt returns where the body of HTML begins: behind <body>, or the head, or what comes before that.
func bannerAt(s string) int {
	at, found := 0, false
	eachTag(s, func(t tag) {
		switch {
		case found:
		case t.name == "body" && !t.closing:
			at, found = t.end, true
		case t.name == "head" && t.closing, t.name == "html" && !t.closing:
			at = t.end
		case t.name == "!" && at == 0 && strings.HasPrefix(strings.ToLower(s[t.start:t.end]), "<!doctype"):
			at = t.end
		}
	})
	return at
}
