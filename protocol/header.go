package protocol

import (
	"slices"
	"strings"
)

// Field is one header field of a message.
type Field struct {
	Name  string
	Value string // folded lines are separated by LF; without the one blank after the colon
	Tail  string // everything after the colon, where LeadingSpace was agreed; "" where not known
}

// Raw returns the field as the MTA sent it, as far as that is known: name, colon and all that follows.
func (f *Field) Raw() string {
	if f.Tail != "" {
		return f.Name + ":" + f.Tail
	}
	return f.Name + ": " + f.Value
}

// HeaderEdit is a message's header being edited. Fields are counted as the filter sees them: the Received field that
// the MTA itself adds is not among them. Positions and results are the same on every MTA; Changes finds the packets.
//
// The zero value is a header whose fields are not known (they were not asked for): additions and insertions at the top work.
type HeaderEdit struct {
	known    bool // original is what the MTA has
	original []Field
	above    []edited // inserted above the MTA's own Received
	fields   []edited // the message's own fields with what was inserted among and added behind them
	touched  bool

	// Room for what most edits are: one added field. Without it that were two more allocations.
	oneField  [1]edited
	oneChange [1]Change
}

// edited is a field as it is to be, and where it came from.
type edited struct {
	Field
	origin  int // index into original, or one of the values below
	changed bool
}

const (
	inserted = -1
	appended = -2 // stays at the end whatever the MTA counts
)

// NewHeaderEdit begins with the fields that the MTA sent. It keeps the slice and never changes it.
func NewHeaderEdit(fields []Field) *HeaderEdit {
	h := &HeaderEdit{known: true, original: fields, fields: make([]edited, len(fields))}
	for i, f := range fields {
		h.fields[i] = edited{Field: f, origin: i}
	}
	return h
}

// Len returns the number of fields as they are now, with those above the MTA's own Received.
func (h *HeaderEdit) Len() int { return len(h.above) + len(h.fields) }

// Field returns the i-th field from 0, as it is now.
func (h *HeaderEdit) Field(i int) Field { return h.at(i).Field }

func (h *HeaderEdit) at(i int) *edited {
	if i < len(h.above) {
		return &h.above[i]
	}
	return &h.fields[i-len(h.above)]
}

// Find returns the index of the n-th field of a name, in any case: 1 is the first, -1 the last. It returns -1 if there is none.
func (h *HeaderEdit) Find(name string, n int) int {
	if n < 0 {
		for i := h.Len() - 1; i >= 0; i-- {
			if strings.EqualFold(h.at(i).Name, name) {
				if n++; n == 0 {
					return i
				}
			}
		}
		return -1
	}
	for i := range h.Len() {
		if strings.EqualFold(h.at(i).Name, name) {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

// Add appends a field.
func (h *HeaderEdit) Add(f Field) {
	h.touched = true
	if h.fields == nil {
		h.fields = h.oneField[:0]
	}
	h.fields = append(h.fields, edited{Field: f, origin: appended})
}

// Insert puts a field above the MTA's own Received (0), directly below it (1), or after the k-th field (k+1); beyond the end it appends.
func (h *HeaderEdit) Insert(index int, f Field) {
	h.touched = true
	in := edited{Field: f, origin: inserted}
	after := index - 1 // the field it goes behind, counting from 1
	switch {
	case index <= 0:
		h.above = insertAt(h.above, 0, in)
	case index == 1:
		h.fields = insertAt(h.fields, 0, in)
	case after < len(h.above):
		h.above = insertAt(h.above, after, in)
	case after >= h.Len():
		h.Add(f)
	default:
		at := after - len(h.above)
		if at > 0 && h.fields[at-1].origin == appended {
			in.origin = appended
		}
		h.fields = insertAt(h.fields, at, in)
	}
}

func insertAt(list []edited, i int, e edited) []edited {
	list = append(list, edited{})
	copy(list[i+1:], list[i:])
	list[i] = e
	return list
}

// Change gives the i-th field, from 0, another value.
func (h *HeaderEdit) Change(i int, value string) {
	h.touched = true
	f := h.at(i)
	f.Value, f.Tail, f.changed = value, "", true
}

// Delete removes the i-th field, from 0.
func (h *HeaderEdit) Delete(i int) {
	h.touched = true
	if i < len(h.above) {
		h.above = append(h.above[:i], h.above[i+1:]...)
		return
	}
	i -= len(h.above)
	h.fields = append(h.fields[:i], h.fields[i+1:]...)
}

// DeleteAll removes every field of a name, in any case, and reports whether there was any.
func (h *HeaderEdit) DeleteAll(name string) bool {
	n := h.Len()
	named := func(e edited) bool { return strings.EqualFold(e.Name, name) }
	h.above, h.fields = slices.DeleteFunc(h.above, named), slices.DeleteFunc(h.fields, named)
	found := h.Len() < n
	h.touched = h.touched || found
	return found
}

// Clone returns a copy that can be edited on its own.
func (h *HeaderEdit) Clone() *HeaderEdit {
	c := *h
	c.above, c.fields = append([]edited(nil), h.above...), append([]edited(nil), h.fields...)
	return &c
}
