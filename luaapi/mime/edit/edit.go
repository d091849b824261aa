package edit

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// Splice is a range of the old body, and what comes in its place. An empty range is an insertion.
type Splice struct {
	Old mime.Range
	New string
}

// Edit is a change of a message. The zero Edit changes nothing.
type Edit struct {
	Splices []Splice // in their order in the body; none overlaps another
	// Fields are header fields of the message to set: the first of the name gets the value, or there is one more at the end. Lines of a
	// folded one are separated by LF. If the header is in the source (mime.ParseRaw) it is spliced like the rest, and there are none.
	Fields []protocol.Field
}

// IsEmpty reports whether nothing changes.
func (e Edit) IsEmpty() bool { return len(e.Splices) == 0 && len(e.Fields) == 0 }

// Apply returns the new body: of the source that the message was parsed from.
func (e Edit) Apply(body mime.Source) string {
	var out strings.Builder
	at := int64(0)
	for _, s := range e.Splices {
		out.WriteString(mime.Range{Start: at, End: s.Old.Start}.Of(body))
		out.WriteString(s.New)
		at = s.Old.End
	}
	rest := mime.Range{Start: at, End: body.Len()}.Of(body)
	if at == 0 && out.Len() == 0 {
		return rest
	}
	out.WriteString(rest)
	return out.String()
}

// Reader returns a reader of what Apply returns, which reads what stays from the source as it goes.
func (e Edit) Reader(body mime.Source) io.Reader {
	var pieces []io.Reader
	at := int64(0)
	for _, s := range e.Splices {
		pieces = append(pieces, io.NewSectionReader(body, at, s.Old.Start-at), strings.NewReader(s.New))
		at = s.Old.End
	}
	return io.MultiReader(append(pieces, io.NewSectionReader(body, at, body.Len()-at))...)
}

// Header returns header fields with Fields set. The slice it is given stays as it is.
func (e Edit) Header(fields []protocol.Field) []protocol.Field {
	out := slices.Clone(fields)
	for _, set := range e.Fields {
		i := slices.IndexFunc(out, func(f protocol.Field) bool { return strings.EqualFold(f.Name, set.Name) })
		if i < 0 {
			out = append(out, set)
		} else {
			out[i] = protocol.Field{Name: out[i].Name, Value: set.Value}
		}
	}
	return out
}

// Message returns the edited message, taken apart anew.
func (e Edit) Message(m *mime.Message) *mime.Message {
	body := e.Result(m.Root.Source)
	if hasHeader(m.Root) {
		return mime.ParseRaw(body)
	}
	return mime.Parse(e.Header(m.Root.Fields()), body)
}

// hasHeader reports whether the header of a part is in its source. That of a message that Parse was given the fields of is not.
func hasHeader(p *mime.Part) bool { return p.Parent != nil || p.Header.Len() > 0 }

// replace adds a splice. What is equal at the beginning and at the end is left out of it.
func (e *Edit) replace(src mime.Source, old mime.Range, with string) {
	n := min(int64(len(with)), old.Len()) // more than that cannot be equal
	was := mime.Range{Start: old.Start, End: old.Start + n}.Of(src)
	same := 0
	for same < len(was) && was[same] == with[same] {
		same++
	}
	with = with[same:]
	old.Start += int64(same)
	n = min(int64(len(with)), old.Len())
	was = mime.Range{Start: old.End - n, End: old.End}.Of(src)
	same = 0
	for same < len(was) && was[len(was)-1-same] == with[len(with)-1-same] {
		same++
	}
	old.End -= int64(same)
	with = with[:len(with)-same]
	if old.Len() > 0 || with != "" {
		e.Splices = append(e.Splices, Splice{old, with})
	}
}

// inOrder sorts the splices. Insertions at one place stay in the order in which they were made.
func (e *Edit) inOrder() {
	slices.SortStableFunc(e.Splices, func(a, b Splice) int { return cmp.Compare(a.Old.Start, b.Old.Start) })
}
