package protocol

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func headerOf(names string) (fields []Field) {
	for name := range strings.FieldsSeq(names) {
		fields = append(fields, Field{Name: name, Value: "v"})
	}
	return fields
}

// show returns the names of an edited header, with "|" for the MTA's own Received.
func show(h *HeaderEdit) string {
	var words []string
	for i := range h.Len() {
		if i == len(h.above) {
			words = append(words, "|")
		}
		words = append(words, h.Field(i).Name)
	}
	if h.Len() == len(h.above) {
		words = append(words, "|")
	}
	return strings.Join(words, " ")
}

// TestHeaderInsert: 0 above the MTA's own Received, 1 below it, k+1 after the k-th field, beyond the end at the end.
func TestHeaderInsert(t *testing.T) {
	for _, test := range []struct {
		message string
		indices []int
		want    string
	}{
		{"A B C", []int{0}, "0 | A B C"},
		{"A B C", []int{-7}, "-7 | A B C"},
		{"A B C", []int{1}, "| 1 A B C"},
		{"A B C", []int{2}, "| A 2 B C"},
		{"A B C", []int{4}, "| A B C 4"},
		{"A B C", []int{5}, "| A B C 5"},
		{"A B C", []int{1 << 40}, "| A B C 1099511627776"},
		{"", []int{0}, "0 |"},
		{"", []int{1}, "| 1"},
		{"", []int{2}, "| 2"},
		{"A B C", []int{0, 0, 1}, "0 0 | 1 A B C"},
		{"A B C", []int{0, 0, 2}, "0 2 0 | A B C"},
		{"A B C", []int{0, 0, 3}, "0 0 | 3 A B C"},
		{"A B C", []int{0, 0, 4}, "0 0 | A 4 B C"},
		{"A B C", []int{0, 0, 6}, "0 0 | A B C 6"},
		{"A B C", []int{9, 5}, "| A B C 9 5"},
		{"A B C", []int{9, 4}, "| A B C 4 9"},
	} {
		h := NewHeaderEdit(headerOf(test.message))
		for _, i := range test.indices {
			h.Insert(i, Field{Name: fmt.Sprint(i)})
		}
		if got := show(h); got != test.want {
			t.Errorf("%q, insert at %v: %q, want %q", test.message, test.indices, got, test.want)
		}
	}
}

// TestHeaderInsertModel compares insertions and deletions with those in a plain list that the own Received is part of.
func TestHeaderInsertModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		h := NewHeaderEdit(headerOf("A B C"))
		list := []string{"|", "A", "B", "C"}
		place := func(k int) int { // of the k-th field, from 1
			for i, name := range list {
				if name != "|" {
					if k--; k == 0 {
						return i
					}
				}
			}
			return len(list) - 1
		}
		for n := range rnd.IntN(8) {
			name := fmt.Sprint(n)
			index := rnd.IntN(len(list) + 3)
			if h.Len() > 0 && rnd.IntN(4) == 0 {
				k := rnd.IntN(h.Len())
				h.Delete(k)
				list = slices.Delete(list, place(k+1), place(k+1)+1)
				continue
			}
			h.Insert(index, Field{Name: name})
			received := slices.Index(list, "|")
			at := received + 1
			switch {
			case index == 0:
				at = 0
			case index > 1:
				if at = place(index-1) + 1; at == received {
					at++ // behind the last field above Received is below Received
				}
			}
			list = slices.Insert(list, at, name)
		}
		if got, want := show(h), strings.Join(list, " "); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestHeaderFind(t *testing.T) {
	h := NewHeaderEdit(headerOf("A x A X a"))
	h.Insert(0, Field{Name: "X"})
	for _, test := range []struct {
		name    string
		n, want int
	}{
		{"A", 1, 1}, {"a", 2, 3}, {"A", 3, 5}, {"A", 4, -1}, {"A", -1, 5}, {"A", -3, 1}, {"A", -4, -1},
		{"x", 1, 0}, {"x", -1, 4}, {"y", 1, -1}, {"y", -1, -1}, {"A", 0, -1},
	} {
		if got := h.Find(test.name, test.n); got != test.want {
			t.Errorf("%s, %d: %d, want %d", test.name, test.n, got, test.want)
		}
	}
}

// TestHeaderPackets: the packets for one edit, plain ones where they do.
func TestHeaderPackets(t *testing.T) {
	message := headerOf("Received From To X-Dup X-Dup X-Dup")
	type edit func(h *HeaderEdit)
	add := func(name string) edit { return func(h *HeaderEdit) { h.Add(Field{Name: name, Value: "new"}) } }
	insert := func(i int, name string) edit {
		return func(h *HeaderEdit) { h.Insert(i, Field{Name: name, Value: "new"}) }
	}
	change := func(name string, n int, value string) edit {
		return func(h *HeaderEdit) { h.Change(h.Find(name, n), value) }
	}
	remove := func(name string, n int) edit { return func(h *HeaderEdit) { h.Delete(h.Find(name, n)) } }
	for _, test := range []struct {
		name              string
		edits             []edit
		postfix, sendmail string
	}{
		{"nothing", nil, "", ""},
		{"add", []edit{add("X-New")}, "h X-New", "h X-New"},
		{"add two of one name", []edit{add("X-New"), add("x-new")}, "h X-New, h x-new", "h X-New, i2147483647 x-new"},
		{"add one that is there", []edit{add("x-dup")}, "h x-dup", "i2147483647 x-dup"},
		{"add one that sendmail.cf has and the message too", []edit{add("From")}, "h From", "i2147483647 From"},
		{"add one that Sendmail makes up", []edit{add("Message-ID")}, "h Message-ID", "h Message-ID"},
		{"insert one that Sendmail makes up", []edit{insert(0, "Date"), insert(0, "Date")}, "i0 Date, i0 Date", "h Date, i0 Date"},
		{"insert above and below own Received", []edit{insert(1, "B"), insert(0, "A")}, "i1 B, i0 A", "i1 B, i0 A"},
		{"insert in the middle", []edit{insert(2, "A")}, "i2 A", "i9 A"},
		{"insert at the end", []edit{insert(7, "A")}, "h A", "h A"},
		{"insert two in one place", []edit{insert(2, "B"), insert(2, "A")}, "i2 B, i2 A", "i9 B, i9 A"},
		{"change the second", []edit{change("x-DUP", 2, "new")}, "m2 X-Dup=new", "m2 X-Dup=new"},
		{"change the last", []edit{change("X-Dup", -1, "new")}, "m3 X-Dup=new", "m3 X-Dup=new"},
		{"change to what it is", []edit{change("X-Dup", 1, "v")}, "", ""},
		{"change to nothing", []edit{change("To", 1, "")}, "m1 To, i3 To=", "m1 To, i10 To="},
		{"delete", []edit{remove("X-Dup", 2)}, "m2 X-Dup", "m2 X-Dup"},
		{"delete all: the highest first", []edit{remove("X-Dup", 1), remove("X-Dup", 1), remove("X-Dup", 1)},
			"m3 X-Dup, m2 X-Dup, m1 X-Dup", "m3 X-Dup, m2 X-Dup, m1 X-Dup"},
		{"changes count before deletions", []edit{remove("X-Dup", 1), change("X-Dup", 1, "new")}, "m2 X-Dup=new, m1 X-Dup", "m2 X-Dup=new, m1 X-Dup"},
		{"insert below a deleted field", []edit{remove("From", 1), insert(3, "A")}, "m1 From, i3 A", "m1 From, i11 A"},
		{"an added field that is changed", []edit{add("X-New"), change("X-New", 1, "newer")}, "h X-New=newer", "h X-New=newer"},
		{"an added field that is deleted", []edit{add("X-New"), remove("X-New", 1)}, "", ""},
		{"delete and add again", []edit{remove("To", 1), add("To")}, "m1 To, h To", "m1 To, i2147483647 To"},
	} {
		h := NewHeaderEdit(message)
		for _, e := range test.edits {
			e(h)
		}
		for mta, want := range map[MTA]string{Postfix: test.postfix, UnknownMTA: test.postfix, Sendmail: test.sendmail} {
			if got := packetsOf(h.Changes(mta)); got != want {
				t.Errorf("%s, %v: %s, want %s", test.name, mta, got, want)
			}
		}
	}
	if !reflect.DeepEqual(message, headerOf("Received From To X-Dup X-Dup X-Dup")) {
		t.Error("the message's own fields were changed")
	}
}

// packetsOf spells changes of a header; the value "new" is left out.
func packetsOf(changes []Change) string {
	var words []string
	for _, c := range changes {
		s := string(rune(c.Response))
		if c.Response != RespAddHeader {
			s += fmt.Sprint(c.Index)
		}
		s += " " + c.Name
		deletes := c.Response == RespChgHeader && c.Value == ""
		if !deletes && (c.Value != "new" || c.Response == RespChgHeader) {
			s += "=" + c.Value
		}
		words = append(words, s)
	}
	return strings.Join(words, ", ")
}

// TestHeaderUnknown: a filter that did not ask for the header can add and insert at the top.
func TestHeaderUnknown(t *testing.T) {
	for _, test := range []struct {
		edit              func(h *HeaderEdit)
		postfix, sendmail string
	}{
		{func(h *HeaderEdit) {}, "", ""},
		{func(h *HeaderEdit) { h.Add(Field{Name: "X", Value: "new"}); h.Add(Field{Name: "X", Value: "new"}) }, "h X, h X", "i2147483647 X, i2147483647 X"},
		{func(h *HeaderEdit) { h.Insert(0, Field{Name: "X", Value: "new"}) }, "i0 X", "i0 X"},
		{func(h *HeaderEdit) {
			h.Add(Field{Name: "Y", Value: "new"})
			h.Insert(1, Field{Name: "X", Value: "new"})
		}, "i1 X, h Y", "i1 X, i2147483647 Y"},
		{func(h *HeaderEdit) { h.Add(Field{Name: "Date", Value: "new"}) }, "h Date", "i2147483647 Date"},
	} {
		var h HeaderEdit
		test.edit(&h)
		if got := packetsOf(h.Changes(Postfix)); got != test.postfix {
			t.Errorf("Postfix: %s, want %s", got, test.postfix)
		}
		if got := packetsOf(h.Changes(Sendmail)); got != test.sendmail {
			t.Errorf("Sendmail: %s, want %s", got, test.sendmail)
		}
	}
}

// TestHeaderManyFields: a header of tens of thousands of fields, deleted one by one, must not take forever.
func TestHeaderManyFields(t *testing.T) {
	fields := make([]Field, 20_000)
	for i := range fields {
		fields[i].Name = "X-Many"
	}
	h := NewHeaderEdit(fields)
	for h.Len() > 0 {
		h.Delete(h.Len() - 1)
	}
	changes := h.Changes(Sendmail)
	if len(changes) != len(fields) || changes[0].Index != uint32(len(fields)) {
		t.Errorf("%d packets", len(changes))
	}
}

func TestFieldRaw(t *testing.T) {
	for _, test := range []struct {
		field Field
		want  string
	}{
		{Field{Name: "A", Value: "b"}, "A: b"}, {Field{Name: "A", Value: "b", Tail: "\tb"}, "A:\tb"},
	} {
		if got := test.field.Raw(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// TestDeleteAll deletes fields of one name wherever they are, those that were added as well as the message's own.
func TestDeleteAll(t *testing.T) {
	h := NewHeaderEdit([]Field{{Name: "X-A", Value: "1"}, {Name: "Subject", Value: "s"}, {Name: "x-a", Value: "2"}})
	h.Insert(0, Field{Name: "X-A", Value: "top"})
	h.Add(Field{Name: "X-A", Value: "end"})
	before := h.Clone()
	if h.DeleteAll("X-B") || !h.DeleteAll("x-A") || h.DeleteAll("X-A") {
		t.Error("it reports wrongly whether there was any")
	}
	if h.Len() != 1 || h.Field(0).Name != "Subject" {
		t.Errorf("%d fields are left", h.Len())
	}
	if changes := h.Changes(Postfix); len(changes) != 2 || changes[0].Index != 2 || changes[1].Index != 1 {
		t.Errorf("changes %v", changes)
	}
	if before.Len() != 5 {
		t.Error("a clone changed too")
	}
}
