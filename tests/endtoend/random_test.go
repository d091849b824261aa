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
// with what the rules of add_header, insert_header, change_header and delete_header make of it. The numbers are
// random in the same way every time.
func randomEdits(t *testing.T, s *site) {
	s.daemon(t, `
-- The body has the edits, one a line: action, name, value, number.
function eom(conn, msg)
  for action, name, value, n in tostring(msg.body):gmatch("(%S+) (%S+) (%S+) (%S+)\r\n") do
    n = tonumber(n)
    if action == "add" then
      msg:add_header(name, value)
    elseif action == "insert" then
      msg:insert_header(n, name, value)
    elseif action == "change" then
      msg:change_header(name, value, n)
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
}

type field struct{ name, value string }

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
		{"From", "a@test.example"},
		{"Date", "Mon, 1 Jan 2024 00:00:00 +0000"},
		{"Message-ID", "<1@test.example>"},
	}
	for range random.IntN(7) {
		fields = append(fields, h.field(random))
	}
	for _, i := range random.Perm(len(fields)) {
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
	return field{name, value}
}

// edit makes up an edit, makes it, and returns it as the script reads it.
func (h *header) edit(random *rand.Rand) string {
	f := h.field(random)
	switch random.IntN(4) {
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
	default:
		n := []int{0, 1, 1, 2, 3, -1}[random.IntN(6)]
		found := h.find(f.name, n)
		gone := func(g field) bool {
			return n == 0 && strings.EqualFold(g.name, f.name) || found != nil && g == *found
		}
		above, fields := slices.Clone(h.above), slices.Clone(h.fields)
		h.above, h.fields = slices.DeleteFunc(above, gone), slices.DeleteFunc(fields, gone)
		return fmt.Sprintf("delete %s - %d", f.name, n)
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
