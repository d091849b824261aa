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
	made     FieldID // how many fields have been numbered

	// Room for what most edits are: one added field. Without it that were two more allocations.
	oneField  [1]edited
	oneChange [1]Change
}

// edited is a field as it is to be, and where it came from.
type edited struct {
	Field
	id      FieldID
	origin  int // index into original, or one of the values below
	changed bool
}

// FieldID is which field a field is: it stays the same whatever happens to the others and to its value, and is never given again.
type FieldID int

const (
	inserted = -1
	appended = -2 // stays at the end whatever the MTA counts
)

// NewHeaderEdit begins with the fields that the MTA sent. It keeps the slice and never changes it.
func NewHeaderEdit(fields []Field) *HeaderEdit {
	h := &HeaderEdit{known: true, original: fields, fields: make([]edited, len(fields))}
	for i, f := range fields {
		h.fields[i] = edited{Field: f, id: FieldID(i), origin: i}
	}
	h.made = FieldID(len(fields))
	return h
}

// Len returns the number of fields as they are now, with those above the MTA's own Received.
func (h *HeaderEdit) Len() int { return len(h.above) + len(h.fields) }

// Field returns the i-th field from 0, as it is now.
func (h *HeaderEdit) Field(i int) Field { return h.at(i).Field }

// ID returns which field the i-th one is, from 0.
func (h *HeaderEdit) ID(i int) FieldID { return h.at(i).id }

// Index returns where a field is now, from 0, or -1 if it was deleted. Near is where to look first.
func (h *HeaderEdit) Index(id FieldID, near int) int {
	if near >= 0 && near < h.Len() && h.at(near).id == id {
		return near
	}
	for i := range h.Len() {
		if h.at(i).id == id {
			return i
		}
	}
	return -1
}

// fresh returns a new field.
func (h *HeaderEdit) fresh(f Field, origin int) edited {
	h.made++
	return edited{Field: f, id: h.made - 1, origin: origin}
}

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
	h.fields = append(h.fields, h.fresh(f, appended))
}

// Insert puts a field above the MTA's own Received (0), directly below it (1), or after the k-th field (k+1); beyond the end it appends.
func (h *HeaderEdit) Insert(index int, f Field) {
	h.touched = true
	after := index - 1 // the field it goes behind, counting from 1
	if index > 1 && after >= h.Len() {
		h.Add(f)
		return
	}
	in := h.fresh(f, inserted)
	switch {
	case index <= 0:
		h.above = insertAt(h.above, 0, in)
	case index == 1:
		h.fields = insertAt(h.fields, 0, in)
	case after < len(h.above):
		h.above = insertAt(h.above, after, in)
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

// Set gives the first field of a name another value and removes the others; if there is none, it appends one. It reports whether there was any.
func (h *HeaderEdit) Set(f Field) bool {
	first := h.Find(f.Name, 1)
	if first < 0 {
		h.Add(f)
		return false
	}
	h.Change(first, f.Value)
	id := h.ID(first)
	h.deleteIf(func(e edited) bool { return e.id != id && strings.EqualFold(e.Name, f.Name) })
	return true
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
	return h.deleteIf(func(e edited) bool { return strings.EqualFold(e.Name, name) })
}

// DeleteSet removes fields, and reports whether any of them was there.
func (h *HeaderEdit) DeleteSet(ids map[FieldID]bool) bool {
	return h.deleteIf(func(e edited) bool { return ids[e.id] })
}

func (h *HeaderEdit) deleteIf(gone func(edited) bool) bool {
	n := h.Len()
	h.above, h.fields = slices.DeleteFunc(h.above, gone), slices.DeleteFunc(h.fields, gone)
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
