package url

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// MaxShown is how much is kept of the text of a link, in bytes.
	MaxShown = 1000

	// maxToken is the longest tag or text that is looked at.
	maxToken = 4 << 20
)

// htmlFinder is a run through HTML.
type htmlFinder struct {
	options Options
	found   []Found
	base    *URL
	link    int // the place in found of the link that is open, -1 for none
	inLink  bool
	hidden  atom.Atom // the script or style that is open
}

// FindHTML returns the URLs in HTML: where links lead, with the text that is shown for them, what is loaded, where forms are sent, and what is
// shown as text. Links without a host count only if there is a <base>.
func FindHTML(text string, o Options) []Found {
	f := htmlFinder{options: o, link: -1}
	z := html.NewTokenizer(strings.NewReader(unquoted(text)))
	z.SetMaxBuf(maxToken)
	for len(f.found) < o.max() {
		switch z.Next() {
		case html.ErrorToken:
			f.closeLink()
			return f.found
		case html.TextToken:
			f.text(z)
		case html.StartTagToken, html.SelfClosingTagToken:
			f.tag(z.Token())
		case html.EndTagToken:
			f.end(z.Token().DataAtom)
		}
	}
	f.closeLink()
	return f.found
}

func (f *htmlFinder) text(z *html.Tokenizer) {
	if f.hidden != 0 {
		return
	}
	text := z.Token().Data
	if f.inLink {
		if f.link >= 0 && len(f.found[f.link].Text) < MaxShown {
			f.found[f.link].Text += text
		}
		return
	}
	findIn(text, &f.options, func(u Found) bool {
		f.found = append(f.found, u)
		return len(f.found) < f.options.max()
	})
}

func (f *htmlFinder) end(name atom.Atom) {
	switch name {
	case atom.A:
		f.closeLink()
	case f.hidden:
		f.hidden = 0
	}
}

// closeLink notes whether the text of a link shows another domain.
func (f *htmlFinder) closeLink() {
	if f.link >= 0 {
		link := &f.found[f.link]
		link.Text = strings.Join(strings.Fields(link.Text), " ")
		if len(link.Text) > MaxShown {
			link.Text = strings.ToValidUTF8(link.Text[:MaxShown], "")
		}
		if link.showsAnother() {
			link.note(NoteShown)
		}
	}
	f.link, f.inLink = -1, false
}

// showsAnother reports whether a link looks as if it led elsewhere.
func (f *Found) showsAnother() bool {
	if f.Host == "" {
		return false
	}
	for _, shown := range Find(f.Text, Options{Bare: true, Max: 1}) {
		return shown.Host != f.Host && (shown.Domain() == "" || shown.Domain() != f.Domain())
	}
	return false
}

// tag takes what a tag leads to.
func (f *htmlFinder) tag(t html.Token) {
	if t.DataAtom == atom.Script || t.DataAtom == atom.Style || t.DataAtom == atom.Title {
		f.hidden = t.DataAtom
	}
	for _, a := range t.Attr {
		switch {
		case t.DataAtom == atom.Base && a.Key == "href":
			if u, err := Parse(a.Val); err == nil && u.Host != "" {
				f.base = &u
			}
		case a.Key == "href" && (t.DataAtom == atom.A || t.DataAtom == atom.Area):
			f.closeLink()
			f.inLink = t.DataAtom == atom.A
			if f.add(a.Val, SourceLink) && f.inLink {
				f.link = len(f.found) - 1
			}
		case a.Key == "href", a.Key == "src", a.Key == "background", a.Key == "poster", t.DataAtom == atom.Object && a.Key == "data":
			f.add(a.Val, SourceLoad)
		case a.Key == "action", a.Key == "formaction":
			f.add(a.Val, SourceForm)
		case t.DataAtom == atom.Meta && a.Key == "content" && refreshes(t):
			if _, to, ok := strings.Cut(a.Val, "="); ok {
				f.add(strings.Trim(to, ` "'`), SourceLink)
			}
		}
	}
}

// refreshes reports whether a meta tag leads to another page.
func refreshes(t html.Token) bool {
	for _, a := range t.Attr {
		if a.Key == "http-equiv" && strings.EqualFold(strings.TrimSpace(a.Val), "refresh") {
			return true
		}
	}
	return false
}

// add takes a URL, and reports whether it is one.
func (f *htmlFinder) add(raw, source string) bool {
	if len(raw) > MaxLength || len(f.found) >= f.options.max() {
		return false
	}
	text := raw
	if f.options.Defanged {
		text = Refang(text)
	}
	u, err := Parse(f.resolved(clean(text)))
	if err != nil {
		return false
	}
	f.found = append(f.found, Found{URL: u, Raw: raw, Source: source})
	return true
}

// resolved completes a link by the base. "//host/path" is one of the web in any case.
func (f *htmlFinder) resolved(text string) string {
	if _, _, ok := cutScheme(text); ok || text == "" || text[0] == '#' {
		return text
	}
	switch {
	case strings.HasPrefix(text, "//"):
		return "https:" + text
	case f.base == nil:
		return text
	case text[0] == '/':
		return f.base.Scheme + "://" + f.base.Host + portOf(f.base) + text
	case text[0] == '?':
		return f.base.Scheme + "://" + f.base.Host + portOf(f.base) + f.base.Path + text
	}
	folder := f.base.Path[:strings.LastIndexByte(f.base.Path, '/')+1]
	return f.base.Scheme + "://" + f.base.Host + portOf(f.base) + folder + text
}

func portOf(u *URL) string {
	if u.Port == "" {
		return ""
	}
	return ":" + u.Port
}
