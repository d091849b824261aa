package endtoend

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// randomEdits sends messages with random headers through a script that edits them at random, and compares each
// with what the rules of the actions make of it. The numbers are random in the same way every time.
func randomEdits(t *testing.T, s *site) {
	s.daemon(t, `
-- The body has the edits, one a line: action, name, value, number. A field keeps its number from before all of them.
function eom(conn, msg)
  local fields = {}
  for i, field in msg.headers:each() do
    fields[i] = field
  end
  for action, name, value, n in tostring(msg.body):gmatch("(%S+) (%S+) (%S+) (%S+)\r\n") do
    n = tonumber(n)
    if action == "add" then
      msg:add_header(name, value)
    elseif action == "insert" then
      msg:insert_header(n, name, value)
    elseif action == "change" then
      msg:change_header(name, value, n)
    elseif action == "prepend" then
      msg:prepend_header(name, value)
    elseif action == "set" then
      msg:set_header(name, value)
    elseif action == "change-field" then
      fields[n]:change(value)
    elseif action == "delete-field" then
      fields[n]:delete()
    elseif action == "delete-if" then
      msg:delete_header(function(field) return field.value == value or field.name == name end)
    elseif n == 0 then
      msg:delete_header(name)
    else
      msg:delete_header(name, n)
    end
  end
end`)
	random := rand.New(rand.NewPCG(1, 2))
	c := s.hello(t, "")
	for round := range 120 {
		h := randomHeader(random)
		sent := lines(h.fields)
		var edits strings.Builder
		for range 1 + random.IntN(7) {
			edits.WriteString(h.edit(random) + "\n")
		}
		c.Deliver("a@test.example", []string{"b@dest.example"}, mta.CRLF(sent+"\n"+edits.String()))
		got, _, _ := strings.Cut(hideReceived(string(s.sink.Next(t).Data)), "\r\n\r\n")
		got = strings.ReplaceAll(got, "\r\n", "\n") + "\n"
		if want := h.String(); got != want {
			t.Errorf("round %d: %s\nedited by\n%sis\n%s\nwant\n%s", round, sent, edits.String(), got, want)
		}
	}
	c.Quit()
}

// header is a header as the rules see it, with the fields above and below the server's own Received.
type header struct {
	above, fields []field
	values        int // how many values were made up
	sent          int // how many fields the client sent
}

type field struct {
	name, value string
	number      int // which one it was of those that the client sent, from 1
}

// names are those that edits are about. Many of them are special to Sendmail, but those with Resent- are not among
// them: Sendmail completes such fields as it likes.
var names = []string{
	"X-A", "X-A", "X-B", "x-b", "X-C", "Subject", "Comments", "To", "Cc", "Received", "From", "Date", "Message-Id",
	"Sender", "Reply-To", "DKIM-Signature",
}

// randomHeader makes up what a client sends.
func randomHeader(random *rand.Rand) *header {
	h := &header{}
	fields := []field{
		{name: "From", value: "a@test.example"},
		{name: "Date", value: "Mon, 1 Jan 2024 00:00:00 +0000"},
		{name: "Message-ID", value: "<1@test.example>"},
	}
	for range random.IntN(7) {
		fields = append(fields, h.field(random))
	}
	for _, i := range random.Perm(len(fields)) {
		h.sent++
		fields[i].number = h.sent
		h.fields = append(h.fields, fields[i])
	}
	return h
}

// field makes up a field with a value of its own.
func (h *header) field(random *rand.Rand) field {
	h.values++
	name := names[random.IntN(len(names))]
	value := fmt.Sprintf("v%d", h.values)
	if strings.Contains("To Cc From Sender Reply-To", name) {
		value += "@test.example"
	}
	return field{name: name, value: value}
}

// edit makes up an edit, makes it, and returns it as the script reads it.
func (h *header) edit(random *rand.Rand) string {
	f := h.field(random)
	switch random.IntN(9) {
	case 0:
		h.fields = append(h.fields, f)
		return fmt.Sprintf("add %s %s 0", f.name, f.value)
	case 1:
		n := random.IntN(len(h.above) + len(h.fields) + 3)
		h.insert(n, f)
		return fmt.Sprintf("insert %s %s %d", f.name, f.value, n)
	case 2:
		n := []int{1, 1, 2, 3, -1}[random.IntN(5)]
		if found := h.find(f.name, n); found != nil {
			found.value = f.value
		} else {
			h.fields = append(h.fields, f)
		}
		return fmt.Sprintf("change %s %s %d", f.name, f.value, n)
	case 3:
		h.insert(0, f)
		return fmt.Sprintf("prepend %s %s 0", f.name, f.value)
	case 4:
		h.set(f)
		return fmt.Sprintf("set %s %s 0", f.name, f.value)
	case 5:
		n := 1 + random.IntN(h.sent)
		h.delete(func(g field) bool { return g.number == n })
		return fmt.Sprintf("delete-field - - %d", n)
	case 6:
		n := 1 + random.IntN(h.sent)
		value, _, _ := strings.Cut(f.value, "@")
		value += "@test.example" // it may be a field with addresses, which servers complete
		h.change(n, value)
		return fmt.Sprintf("change-field - %s %d", value, n)
	case 7:
		value := fmt.Sprintf("v%d", 1+random.IntN(h.values))
		h.delete(func(g field) bool { return g.value == value || g.name == f.name })
		return fmt.Sprintf("delete-if %s %s 0", f.name, value)
	default:
		n := []int{0, 1, 1, 2, 3, -1}[random.IntN(6)]
		var chosen field
		if found := h.find(f.name, n); found != nil {
			chosen = *found
		}
		h.delete(func(g field) bool { return n == 0 && strings.EqualFold(g.name, f.name) || g == chosen })
		return fmt.Sprintf("delete %s - %d", f.name, n)
	}
}

// delete removes the fields that are gone.
func (h *header) delete(gone func(field) bool) {
	h.above, h.fields = slices.DeleteFunc(h.above, gone), slices.DeleteFunc(h.fields, gone)
}

// set leaves one field of that name.
func (h *header) set(f field) {
	first := h.find(f.name, 1)
	if first == nil {
		h.fields = append(h.fields, f)
		return
	}
	first.value = f.value
	kept := *first
	h.delete(func(g field) bool { return g != kept && strings.EqualFold(g.name, f.name) })
}

// change gives a field that the client sent another value, if it is still there.
func (h *header) change(number int, value string) {
	for _, list := range [][]field{h.above, h.fields} {
		for i := range list {
			if list[i].number == number {
				list[i].value = value
			}
		}
	}
}

// insert puts a field at the very top (0), below the server's own Received (1), or behind the n-1st of all fields.
func (h *header) insert(n int, f field) {
	behind := n - 1 - len(h.above) // how many of the fields below the server's own are above the new one
	switch {
	case n == 0:
		h.above = slices.Insert(h.above, 0, f)
	case n == 1:
		h.fields = slices.Insert(h.fields, 0, f)
	case behind < 0:
		h.above = slices.Insert(h.above, n-1, f)
	default:
		h.fields = slices.Insert(h.fields, min(behind, len(h.fields)), f)
	}
}

// find returns the n-th field of a name, the last if n is -1, or nil.
func (h *header) find(name string, n int) *field {
	var all []*field
	for _, list := range [][]field{h.above, h.fields} {
		for i := range list {
			if strings.EqualFold(list[i].name, name) {
				all = append(all, &list[i])
			}
		}
	}
	switch {
	case n == -1 && len(all) > 0:
		return all[len(all)-1]
	case n >= 1 && n <= len(all):
		return all[n-1]
	}
	return nil
}

// String writes the header as it is delivered.
func (h *header) String() string { return lines(h.above) + "Received: (own)\n" + lines(h.fields) }

func lines(fields []field) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s\n", f.name, f.value)
	}
	return b.String()
}
