package edit

import (
	"strings"

	"luamilter/luaapi/mime"
)

// Footer is what is added to the texts of a message, at their end or, as a banner, at their beginning. Text and HTML are UTF-8; if one of them
// is "", it is made from the other. Lines end with LF or CRLF.
type Footer struct {
	Text string
	HTML string // a fragment, such as <p>Hello</p>

	Once   bool   // not where it is already, also quoted, in another charset or encoding, or with lines broken elsewhere
	Marker string // with Once: a text of the footer that shows that it is there; "" for all of it
	Force  bool   // also if that breaks a signature
}

// place is where something is added.
type place uint8

const (
	below place = iota
	above
)

// AddFooter adds a footer to the end of what is read, in all alternatives or in none. If nothing changes, it says why.
func AddFooter(m *mime.Message, f Footer) (Edit, Reason) { return add(m, f, below) }

// AddBanner adds a footer to the beginning of what is read.
func AddBanner(m *mime.Message, f Footer) (Edit, Reason) { return add(m, f, above) }

func add(m *mime.Message, f Footer, where place) (Edit, Reason) {
	f = f.complete()
	if f.Text == "" && f.HTML == "" {
		return Edit{}, NothingToAdd
	}
	if reason := refusal(m, f.Force); reason != "" {
		return Edit{}, reason
	}
	parts := bodies(m.Root)
	if len(parts) == 0 {
		return Edit{}, NoText
	}
	var e Edit
	for _, part := range parts {
		c, reason := open(part)
		if reason != "" {
			return Edit{}, reason
		}
		switch {
		case f.Once && f.isIn(c):
		case isHTML(part):
			c.addHTML(&e, f.HTML, where)
		default:
			c.addPlain(&e, f.Text, where)
		}
	}
	if e.IsEmpty() {
		return e, AlreadyThere
	}
	e.inOrder()
	return e, ""
}

// complete makes what is missing, and all line ends LF.
func (f Footer) complete() Footer {
	f.Text, f.HTML = tidy(f.Text), tidy(f.HTML)
	if f.HTML == "" {
		f.HTML = toHTML(f.Text)
	}
	if f.Text == "" {
		f.Text = toText(f.HTML)
	}
	return f
}

// tidy makes UTF-8 with LF of a text, without blank lines at its ends.
func tidy(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.ReplaceAll(s, "\x00", "")
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return strings.Trim(s, "\n")
}

// refusal returns why nothing in a message is to be changed.
func refusal(m *mime.Message, force bool) Reason {
	switch {
	case m.Truncated:
		return Truncated
	case force:
		return ""
	case m.IsEncrypted():
		return Encrypted
	case m.IsSigned():
		return Signed
	}
	return ""
}
