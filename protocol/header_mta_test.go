package protocol

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// headerList is an MTA's list of header fields, as far as a filter's edits are concerned.
type headerList interface {
	apply(Change)
	// delivered returns the fields that the next hop gets. The MTA's own Received is among them, and so is what it made up.
	delivered() []Field
	// added tells the fields that the MTA added itself.
	added() []Field
}

var ownReceived = Field{Name: "Received", Value: "from client by mx.test.example"}

// postfixHeader is the header in a queue file of Postfix (cleanup_milter.c). Deleted fields are gone at once.
type postfixHeader struct{ fields []Field }

func newPostfixHeader(message []Field) *postfixHeader {
	return &postfixHeader{append([]Field{ownReceived}, message...)}
}

func (h *postfixHeader) apply(c Change) {
	switch c.Response {
	case RespAddHeader:
		h.fields = append(h.fields, Field{Name: c.Name, Value: c.Value})
	case RespInsHeader: // before the field at that place, own Received counted
		i := min(int(c.Index), len(h.fields))
		h.fields = slices.Insert(h.fields, i, Field{Name: c.Name, Value: c.Value})
	case RespChgHeader:
		i := h.find(c.Name, int(c.Index))
		switch {
		case i >= 0 && c.Value != "":
			h.fields[i] = Field{Name: c.Name, Value: c.Value}
		case i >= 0:
			h.fields = slices.Delete(h.fields, i, i+1)
		case c.Value != "":
			h.fields = append(h.fields, Field{Name: c.Name, Value: c.Value})
		}
	}
}

// find skips the first field there is, which Postfix takes for its own Received even when something stands above that.
func (h *postfixHeader) find(name string, n int) int {
	n = max(n, 1)
	for i, f := range h.fields {
		if i > 0 && strings.EqualFold(f.Name, name) {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

func (h *postfixHeader) delivered() []Field { return h.fields }
func (h *postfixHeader) added() []Field     { return []Field{ownReceived} }

// sendmailHeader is Sendmail's list (headers.c, milter.c). It begins with the H lines of sendmail.cf, of which only some are ever
// printed; deleted fields stay in it without a value.
type sendmailHeader struct{ lines []sendmailLine }

type sendmailLine struct {
	Field
	gone  bool // no value
	user  bool // of the message or a filter
	trace bool
	never bool // not printed for the mailer that is used
}

func newSendmailHeader(message []Field) *sendmailHeader {
	h := &sendmailHeader{[]sendmailLine{
		{Field: Field{Name: "Return-Path"}, never: true}, {Field: ownReceived, trace: true},
		{Field: Field{Name: "Resent-Date"}, never: true}, {Field: Field{Name: "Date", Value: "made up"}},
		{Field: Field{Name: "Resent-From"}, never: true}, {Field: Field{Name: "From", Value: "made up"}},
		{Field: Field{Name: "Full-Name"}, never: true}, {Field: Field{Name: "Resent-Message-Id"}, never: true},
		{Field: Field{Name: "Message-Id", Value: "made up"}},
	}}
	for _, f := range message { // dochompheader: a field of the message makes the default void
		for i := range h.lines {
			if l := &h.lines[i]; strings.EqualFold(l.Name, f.Name) && !l.user && !l.trace {
				l.gone = true
			}
		}
		h.lines = append(h.lines, sendmailLine{Field: f, user: true})
	}
	return h
}

func (h *sendmailHeader) apply(c Change) {
	line := sendmailLine{Field: Field{Name: c.Name, Value: c.Value}, user: true}
	switch c.Response {
	case RespAddHeader:
		h.add(line)
	case RespInsHeader: // behind the line with that number, from 0
		i := min(int(c.Index)+1, len(h.lines))
		h.lines = slices.Insert(h.lines, i, line)
	case RespChgHeader:
		l := h.find(c.Name, int(c.Index))
		switch {
		case l != nil && c.Value != "":
			l.Value, l.user, l.gone = c.Value, true, false
		case l != nil:
			l.gone = true
		case c.Value != "":
			h.insertBeforeFirst(line)
		}
	}
}

// add gives a line of sendmail.cf its value, or else puts the field above the first of its name, or else at the end.
func (h *sendmailHeader) add(line sendmailLine) {
	for i := range h.lines {
		if l := &h.lines[i]; strings.EqualFold(l.Name, line.Name) && !l.user && !l.trace {
			l.Value, l.user, l.gone = line.Value, true, false
			return
		}
	}
	h.insertBeforeFirst(line)
}

func (h *sendmailHeader) insertBeforeFirst(line sendmailLine) {
	i := slices.IndexFunc(h.lines, func(l sendmailLine) bool { return strings.EqualFold(l.Name, line.Name) })
	if i < 0 {
		i = len(h.lines)
	}
	h.lines = slices.Insert(h.lines, i, line)
}

// find counts what the message and filters have, deleted or not; if there are not so many, the line of sendmail.cf is meant.
func (h *sendmailHeader) find(name string, n int) *sendmailLine {
	var system *sendmailLine
	for i := range h.lines {
		l := &h.lines[i]
		switch {
		case !strings.EqualFold(l.Name, name):
		case l.user:
			if n--; n <= 0 {
				return l
			}
		case !l.trace:
			system = l
		}
	}
	return system
}

func (h *sendmailHeader) delivered() (fields []Field) {
	for _, l := range h.lines {
		if !l.gone && !l.never {
			fields = append(fields, l.Field)
		}
	}
	return fields
}

func (h *sendmailHeader) added() (fields []Field) {
	for _, l := range h.lines {
		if !l.gone && !l.never && !l.user {
			fields = append(fields, l.Field)
		}
	}
	return fields
}

// TestSimulators holds the simulators to what real MTAs were seen to do.
func TestSimulators(t *testing.T) {
	message := []Field{{Name: "From", Value: "a"}, {Name: "X-Dup", Value: "1"}, {Name: "X-Dup", Value: "2"}, {Name: "X-Last", Value: "z"}}
	ins := func(i uint32, name, value string) Change {
		return Change{Response: RespInsHeader, Index: i, Name: name, Value: value}
	}
	chg := func(i uint32, name, value string) Change {
		return Change{Response: RespChgHeader, Index: i, Name: name, Value: value}
	}
	add := func(name, value string) Change { return Change{Response: RespAddHeader, Name: name, Value: value} }
	for _, test := range []struct {
		name              string
		changes           []Change
		postfix, sendmail string
	}{
		{"nothing", nil, "Received From X-Dup=1 X-Dup=2 X-Last", "Received Date Message-Id From X-Dup=1 X-Dup=2 X-Last"},
		{"insert at 0 and 1", []Change{ins(1, "B", ""), ins(0, "A", "")}, "A Received B From X-Dup=1 X-Dup=2 X-Last", "A Received B Date Message-Id From X-Dup=1 X-Dup=2 X-Last"},
		{"insert at 2", []Change{ins(2, "A", "")}, "Received From A X-Dup=1 X-Dup=2 X-Last", "Received A Date Message-Id From X-Dup=1 X-Dup=2 X-Last"},
		{"insert at 9", []Change{ins(9, "A", "")}, "Received From X-Dup=1 X-Dup=2 X-Last A", "Received Date Message-Id From A X-Dup=1 X-Dup=2 X-Last"},
		{"insert beyond the end", []Change{ins(99, "A", "")}, "Received From X-Dup=1 X-Dup=2 X-Last A", "Received Date Message-Id From X-Dup=1 X-Dup=2 X-Last A"},
		{"delete the first twice", []Change{chg(1, "x-dup", ""), chg(1, "x-dup", "")}, "Received From X-Last", "Received Date Message-Id From X-Dup=2 X-Last"},
		{"index 0 is 1", []Change{chg(0, "X-Dup", "9")}, "Received From X-Dup=9 X-Dup=2 X-Last", "Received Date Message-Id From X-Dup=9 X-Dup=2 X-Last"},
		{"change what is not there", []Change{chg(3, "X-Dup", "9"), chg(1, "X-New", "9")}, "Received From X-Dup=1 X-Dup=2 X-Last X-Dup=9 X-New=9",
			"Received Date Message-Id From X-Dup=9 X-Dup=1 X-Dup=2 X-Last X-New=9"},
		{"add twice", []Change{add("A", "1"), add("A", "2")}, "Received From X-Dup=1 X-Dup=2 X-Last A=1 A=2", "Received Date Message-Id From X-Dup=1 X-Dup=2 X-Last A=2 A=1"},
		{"add what sendmail.cf has", []Change{add("Date", "9"), add("From", "9")}, "Received From X-Dup=1 X-Dup=2 X-Last Date=9 From=9",
			"Received Date=9 From=9 Message-Id From X-Dup=1 X-Dup=2 X-Last"},
		{"own Received cannot be changed", []Change{chg(1, "Received", "9")}, "Received From X-Dup=1 X-Dup=2 X-Last Received=9", "Received=9 Received Date Message-Id From X-Dup=1 X-Dup=2 X-Last"},
		{"the first field is not found below an insertion", []Change{ins(0, "A", "1"), chg(1, "A", "2")}, "A=1 Received From X-Dup=1 X-Dup=2 X-Last A=2",
			"A=2 Received Date Message-Id From X-Dup=1 X-Dup=2 X-Last"},
	} {
		for mta, h := range map[string]headerList{test.postfix: newPostfixHeader(message), test.sendmail: newSendmailHeader(message)} {
			for _, c := range test.changes {
				h.apply(c)
			}
			if got := shortHeader(h.delivered()); got != mta {
				t.Errorf("%s: %T has\n  %s, want\n  %s", test.name, h, got, mta)
			}
		}
	}
}

// shortHeader shows values only where they tell fields apart.
func shortHeader(fields []Field) string {
	var words []string
	for _, f := range fields {
		if len(f.Value) == 1 && f.Value >= "0" && f.Value <= "9" {
			words = append(words, f.Name+"="+f.Value)
		} else {
			words = append(words, f.Name)
		}
	}
	return strings.Join(words, " ")
}

// randomEdit is a message's header and edits of it.
type randomEdit struct {
	message []Field
	edit    *HeaderEdit
	story   []string
}

var editNames = []string{"X-A", "x-a", "X-B", "Subject", "From", "DATE", "Message-ID", "Received", "Return-Path", "To"}

func newRandomEdit(rnd *rand.Rand) *randomEdit {
	r := &randomEdit{}
	for i := range rnd.IntN(8) {
		r.message = append(r.message, Field{Name: editNames[rnd.IntN(len(editNames))], Value: fmt.Sprint("m", i)})
	}
	r.edit = NewHeaderEdit(r.message)
	for i := range rnd.IntN(10) {
		r.step(rnd, fmt.Sprint("e", i))
	}
	return r
}

func (r *randomEdit) step(rnd *rand.Rand, value string) {
	name := editNames[rnd.IntN(len(editNames))]
	if rnd.IntN(6) == 0 {
		value = ""
	}
	h, n := r.edit, r.edit.Len()
	switch kind := rnd.IntN(7); {
	case kind == 5:
		r.note("set %s=%s", name, value)
		h.Set(Field{Name: name, Value: value})
	case kind == 6:
		gone := map[FieldID]bool{}
		for i := range n {
			gone[h.ID(i)] = rnd.IntN(3) == 0
		}
		r.note("delete %v", gone)
		h.DeleteSet(gone)
	case kind == 0:
		r.note("add %s=%s", name, value)
		h.Add(Field{Name: name, Value: value})
	case kind <= 2 || n == 0:
		i := rnd.IntN(n + 4)
		r.note("insert %d %s=%s", i, name, value)
		h.Insert(i, Field{Name: name, Value: value})
	case kind == 3:
		i := rnd.IntN(n)
		r.note("change %d %s to %s", i, h.Field(i).Name, value)
		h.Change(i, value)
	default:
		i := rnd.IntN(n)
		r.note("delete %d %s", i, h.Field(i).Name)
		h.Delete(i)
	}
}

func (r *randomEdit) note(format string, args ...any) {
	r.story = append(r.story, fmt.Sprintf(format, args...))
}

// shown is the edited header with the MTA's own Received in its place.
func (r *randomEdit) shown() (fields []Field) {
	above := len(r.edit.above)
	for i := range r.edit.Len() {
		if i == above {
			fields = append(fields, ownReceived)
		}
		fields = append(fields, r.edit.Field(i))
	}
	if r.edit.Len() == above {
		fields = append(fields, ownReceived)
	}
	return fields
}

// TestHeaderEditOnMTAs: the packets for an edit make of the MTA's header what the edit shows, whatever the edit.
func TestHeaderEditOnMTAs(t *testing.T) {
	runs := 8000
	if testing.Short() {
		runs = 3000
	}
	for seed := range runs {
		r := newRandomEdit(rand.New(rand.NewPCG(uint64(seed), 3)))
		for _, mta := range []MTA{UnknownMTA, Postfix, Sendmail} {
			var h headerList = newPostfixHeader(r.message)
			if mta == Sendmail {
				h = newSendmailHeader(r.message)
			}
			changes := r.edit.Changes(mta)
			for _, c := range changes {
				if err := c.check(); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				h.apply(c)
			}
			if problem := r.compare(h); problem != "" {
				t.Fatalf("seed %d, %v: %s\nmessage %q\n%s\npackets %+v\nhas   %q\nshows %q", seed, mta, problem, r.message,
					strings.Join(r.story, "\n"), changes, h.delivered(), r.shown())
			}
		}
	}
}

// compare says what is wrong with what an MTA delivers, "" if nothing.
func (r *randomEdit) compare(h headerList) string {
	got, want := h.delivered(), r.shown()
	made := map[string]bool{} // what a message lacks and Sendmail would make up: a new field may stand elsewhere, but only once
	if _, ok := h.(*sendmailHeader); ok {
		for _, name := range sendmailMakes {
			made[name] = !slices.ContainsFunc(r.message, func(f Field) bool { return strings.EqualFold(f.Name, name) })
		}
	}
	for _, f := range h.added() {
		name := strings.ToLower(f.Name)
		if made[name] && slices.ContainsFunc(want, func(f Field) bool { return strings.EqualFold(f.Name, name) }) {
			return "Sendmail made up a " + name + " beside the new one"
		}
		if made[name] {
			got = slices.DeleteFunc(got, func(g Field) bool { return g == f })
		}
	}
	if !sameHeader(got, want, made) {
		return "the header is another one"
	}
	return ""
}

// sameHeader compares headers; of each name that was made, the first field in want may stand anywhere in got.
func sameHeader(got, want []Field, made map[string]bool) bool {
	i := slices.IndexFunc(want, func(f Field) bool { return made[strings.ToLower(f.Name)] })
	if i < 0 {
		return slices.EqualFunc(got, want, sameField)
	}
	rest := maps.Clone(made)
	delete(rest, strings.ToLower(want[i].Name))
	for j := range got {
		if sameField(got[j], want[i]) && sameHeader(slices.Delete(slices.Clone(got), j, j+1), slices.Delete(slices.Clone(want), i, i+1), rest) {
			return true
		}
	}
	return false
}

// sameField compares fields; the spelling of a name is the MTA's.
func sameField(a, b Field) bool { return strings.EqualFold(a.Name, b.Name) && a.Value == b.Value }
