package main

import (
	"fmt"
	"strings"
)

// page is a manual page in the making, in the man macros of roff. See groff_man(7).
type page struct{ roff strings.Builder }

// request writes a line that is a macro, with its arguments quoted by the caller.
func (p *page) request(format string, args ...any) { fmt.Fprintf(&p.roff, format+"\n", args...) }

// line writes a line that is roff already.
func (p *page) line(text string) { p.roff.WriteString(text + "\n") }

func (p *page) section(title string) { p.request(".SH %s", quoteRoff(title)) }

// item writes a term, which is roff already, and below it what it means.
func (p *page) item(term, text string) {
	p.line(".TP")
	p.line(term)
	p.text(text)
}

// text writes paragraphs as --help has them: an empty line begins the next, and indented lines are shown as they are.
func (p *page) text(text string) {
	shown, pending := false, false // a display is open; a paragraph has ended
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		indented := strings.HasPrefix(line, "  ")
		if shown && !indented {
			p.line(".RE\n.fi")
			pending = true
		}
		if line == "" {
			pending = !shown || pending
			shown = false
			continue
		}
		if pending || indented && !shown {
			p.line(".PP")
		}
		if indented && !shown {
			p.line(".nf\n.RS 4")
		}
		shown, pending = indented, false
		p.line(escapeRoff(strings.TrimPrefix(line, "  ")))
	}
	if shown {
		p.line(".RE\n.fi")
	}
}

// escapeRoff makes a text mean itself: backslashes, dashes that shall be copied as such, and what begins a request.
func escapeRoff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return text
}

// quoteRoff makes one argument of a macro.
func quoteRoff(text string) string {
	return `"` + strings.ReplaceAll(escapeRoff(text), `"`, `\(dq`) + `"`
}

func bold(text string) string   { return `\fB` + escapeRoff(text) + `\fR` }
func italic(text string) string { return `\fI` + escapeRoff(text) + `\fR` }
