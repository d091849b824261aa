package mail

import (
	"strings"

	"luamilter/luaapi/mime"
	mimeedit "luamilter/luaapi/mime/edit"
	"luamilter/protocol"
)

// Tree is the message taken apart, as it was at one time. Each edit makes another.
type Tree struct {
	*mime.Message
	body    mime.Source
	fields  string            // those that say how to read it
	next    *Tree             // what came of it, nil for the last
	splices []mimeedit.Splice // how
}

// Parts returns the edited message taken apart. It is taken apart anew only when something has changed that matters for that.
func (m *Message) Parts() *Tree {
	fields, key := m.mimeFields()
	if m.isParsed(key) {
		return m.tree
	}
	before := m.tree
	body := m.Body()
	m.tree = &Tree{Message: mime.Parse(fields, body), body: body, fields: key}
	if before != nil && before.body == body { // only the header is another
		before.next, before.splices = m.tree, nil
	}
	return m.tree
}

// Parsed reports whether Parts has it already.
func (m *Message) Parsed() bool {
	_, key := m.mimeFields()
	return m.isParsed(key)
}

func (m *Message) isParsed(key string) bool {
	return m.tree != nil && m.tree.fields == key && m.tree.body == m.Body()
}

// mimeFields returns the header fields, and the text of those that begin with Content- or MIME-.
func (m *Message) mimeFields() (fields []protocol.Field, key string) {
	var text strings.Builder
	for i := range m.Header.Len() {
		f := m.Header.Field(i)
		fields = append(fields, f)
		if hasPrefixFold(f.Name, "content-") || hasPrefixFold(f.Name, "mime-") {
			text.WriteString(f.Name)
			text.WriteByte(':')
			text.WriteString(f.Value)
			text.WriteByte('\r')
		}
	}
	return fields, text.String()
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// Edit makes an edit of the tree that Parts returns: the body is another, and fields of the header that have to change with it.
func (m *Message) Edit(e mimeedit.Edit) {
	before := m.Parts()
	m.body = e.Result(before.Root.Source)
	for _, f := range e.Fields {
		if i := m.Header.Find(f.Name, 1); i >= 0 {
			m.Header.Change(i, f.Value)
		} else {
			m.Header.Add(f)
		}
	}
	m.tree = nil
	before.next, before.splices = m.Parts(), e.Splices
}

// Now returns a part of an earlier tree as it is in the tree that Parts returns, nil if it is gone.
func (m *Message) Now(p *mime.Part, of *Tree) *mime.Part {
	last := m.Parts()
	if of.body == last.body { // nothing has changed in it, or edits were taken back
		return last.moved(p, nil)
	}
	for of != last {
		if of.next == nil || p == nil {
			return nil
		}
		p, of = of.next.moved(p, of.splices), of.next
	}
	return p
}

// moved returns a part of the tree before, nil if it is gone: the one that begins where it began, as far as that has moved.
func (t *Tree) moved(p *mime.Part, by []mimeedit.Splice) *mime.Part {
	if p.Parent == nil {
		return t.Root
	}
	if !p.InBody() {
		return nil
	}
	at := p.Header.Start
	for _, s := range by {
		switch {
		case s.Old.Start >= p.Header.Start: // in it, or behind its beginning
		case s.Old.End > p.Header.Start: // it is taken out
			return nil
		default:
			at += int64(len(s.New)) - s.Old.Len()
		}
	}
	for q := range t.Walk() {
		if q.Parent != nil && q.InBody() && q.Header.Start == at && depth(q) == depth(p) {
			return q
		}
	}
	return nil
}

func depth(p *mime.Part) int {
	n := 0
	for p = p.Parent; p != nil; p = p.Parent {
		n++
	}
	return n
}
