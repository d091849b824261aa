package edit

import (
	"html"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// toHTML makes paragraphs of a text, at its blank lines.
func toHTML(text string) string {
	if text == "" {
		return ""
	}
	var out strings.Builder
	open := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		switch {
		case line == "" && open:
			out.WriteString("</p>\n")
			open = false
		case line == "":
		case open:
			out.WriteString("<br />\n" + html.EscapeString(line))
		default:
			out.WriteString("<p>" + html.EscapeString(line))
			open = true
		}
	}
	if open {
		out.WriteString("</p>")
	}
	return strings.TrimRight(out.String(), "\n")
}

// toText takes tags, comments, scripts and styles away. The elements that are blocks end a line, a link is followed by where it goes.
func toText(s string) string {
	w := textWriter{html: s}
	end := eachTag(s, w.tag)
	if !w.hidden {
		w.text(s[w.at:end])
	}
	return strings.TrimSpace(w.out.String())
}

type textWriter struct {
	html   string
	at     int // behind the last tag
	hidden bool
	link   string
	linked int // where its text begins in out
	out    strings.Builder
}

func (w *textWriter) tag(t tag) {
	if !w.hidden && t.start >= w.at {
		w.text(w.html[w.at:t.start])
	}
	w.at = t.end
	switch t.name {
	case "script", "style", "title":
		w.hidden = !t.closing
	case "br":
		w.out.WriteByte('\n')
	case "div", "tr", "li", "table", "blockquote", "hr", "pre":
		w.endLine("\n")
	case "p", "h1", "h2", "h3", "h4", "h5", "h6":
		w.endLine("\n\n")
	case "a":
		if !t.closing {
			w.link, w.linked = attribute(w.html[t.start:t.end], "href"), w.out.Len()
			return
		}
		address := strings.TrimPrefix(w.link, "mailto:")
		if address != "" && address[0] != '#' && !strings.Contains(w.out.String()[w.linked:], address) {
			w.out.WriteString(" <" + address + ">")
		}
		w.link = ""
	}
}

// endLine ends the line unless something has ended it; with two line ends it ends a paragraph.
func (w *textWriter) endLine(with string) {
	s := w.out.String()
	for n := len(with); n > 0 && s != ""; n-- {
		if strings.HasSuffix(s, with[:n]) {
			w.out.WriteString(with[n:])
			return
		}
	}
	if s != "" {
		w.out.WriteString(with)
	}
}

// text adds what is between tags: line ends and blanks are one blank.
func (w *textWriter) text(s string) {
	blank := w.out.Len() == 0 || strings.HasSuffix(w.out.String(), "\n") || strings.HasSuffix(w.out.String(), " ")
	for _, r := range html.UnescapeString(s) {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			if !blank {
				w.out.WriteByte(' ')
			}
			blank = true
			continue
		}
		blank = false
		w.out.WriteRune(r)
	}
}

// attribute returns the value of an attribute of a tag.
func attribute(tag, name string) string {
	i := strings.Index(strings.ToLower(tag), name+"=")
	if i < 0 || i+len(name)+1 >= len(tag) {
		return ""
	}
	value := tag[i+len(name)+1:]
	end := strings.IndexAny(value, " \t\r\n>")
	if value[0] == '"' || value[0] == '\'' {
		quote := value[0]
		value = value[1:]
		end = strings.IndexByte(value, quote)
	}
	if end < 0 {
		return ""
	}
	return html.UnescapeString(value[:end])
}

// toASCII takes accents away; what is then not ASCII becomes a question mark.
func toASCII(s string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r < 0x80:
			out.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			out.WriteByte('?')
		}
	}
	return out.String()
}
