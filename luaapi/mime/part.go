package mime

import (
	"iter"
	"strings"

	"luamilter/protocol"
)

// Message is a message, taken apart.
type Message struct {
	Root      *Part
	Truncated bool // a limit was reached; the part where it was has the problem of that name

	steps int64 // bytes looked at, for tests
}

// Part is a piece of a message that has a header of its own: the message itself, a part of a multipart, an attached message.
//
// The ranges are in Source and fit together without gaps. Whole is Header and Content. The content of a multipart is Preamble, then
// Boundary and Whole of each part, then End, then Epilogue; the content of an attached message is the Whole of its only part, unless that
// has another Source. To remove a part, take out its Boundary and its Whole.
type Part struct {
	Type        string   // in lower case, such as text/plain; what RFC 2045 assumes if there is none or it is none
	Params      []Param  // of Content-Type, as they stand there; Param decodes them
	Charset     string   // in lower case, "" for none
	Encoding    string   // Content-Transfer-Encoding in lower case, "7bit" for none
	Disposition string   // in lower case, such as attachment; "" for none
	ContentID   string   // without angle brackets
	Filename    string   // decoded, as the sender wrote it; "" for none. VisibleName shows what is not seen in it
	Filenames   []string // all different ones, in the order in which readers prefer them
	Extension   string   // of the file name as Windows takes it, in lower case without the dot

	Source   Source
	Boundary Range // the delimiter before it: the line end before it if there is one, dashes, boundary, line end
	Header   Range // with the empty line behind it; empty where Parse got the fields
	Content  Range // as it stands there; Decoded decodes it
	Preamble Range // of a multipart: before the first boundary
	End      Range // of a multipart: its last delimiter, without the line end behind it; empty if it is missing
	Epilogue Range // of a multipart: behind that

	Parent   *Part
	Parts    []*Part
	Problems []Problem

	fields []protocol.Field // where Parse got them
}

// Whole returns header and content.
func (p *Part) Whole() Range { return Range{p.Header.Start, p.Content.End} }

// Param returns a parameter of Content-Type, decoded; "" for none. The name is in lower case.
func (p *Part) Param(name string) string {
	value, _ := param(p.Params, name)
	return value
}

// Fields returns the header fields that have a name. Lines of a folded one are separated by LF.
func (p *Part) Fields() []protocol.Field {
	if p.fields != nil {
		return p.fields
	}
	var out []protocol.Field
	eachField(p.Header.Of(p.Source), func(name, tail string) {
		tail = toLF(tail)
		out = append(out, protocol.Field{Name: name, Value: strings.TrimPrefix(tail, " "), Tail: tail})
	})
	return out
}

// IsMultipart reports whether its type says that it has parts; it may have none nevertheless.
func (p *Part) IsMultipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// IsMessage reports whether it is an attached message, whose only part is then that message.
func (p *Part) IsMessage() bool {
	return p.Type == "message/rfc822" || p.Type == "message/global" || p.Type == "message/news"
}

// IsText reports whether its type is one of text.
func (p *Part) IsText() bool { return strings.HasPrefix(p.Type, "text/") }

// IsLeaf reports whether there are no parts in it.
func (p *Part) IsLeaf() bool { return len(p.Parts) == 0 }

// Walk returns all parts, those that contain others before these.
func (m *Message) Walk() iter.Seq[*Part] { return m.Root.Walk() }

// Walk returns the part and all within, those that contain others before these.
func (p *Part) Walk() iter.Seq[*Part] {
	return func(yield func(*Part) bool) { p.walk(yield) }
}

func (p *Part) walk(yield func(*Part) bool) bool {
	if !yield(p) {
		return false
	}
	for _, child := range p.Parts {
		if !child.walk(yield) {
			return false
		}
	}
	return true
}

// Problems returns those of all parts, each once.
func (m *Message) Problems() []Problem {
	var all Part
	for p := range m.Walk() {
		for _, what := range p.Problems {
			all.flag(what)
		}
	}
	return all.Problems
}

// InBody reports whether the ranges are in the message itself, where edits are possible, and not in something that was decoded.
func (p *Part) InBody() bool {
	for q := p.Parent; q != nil; q = q.Parent {
		if q.isEncoded() && !q.IsMultipart() {
			return false
		}
	}
	return true
}
