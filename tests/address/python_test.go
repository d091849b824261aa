package address

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi/address"
	"luamilter/luaapi/fieldvalue"
	"luamilter/tests/mta"
)

//go:embed read.py
var readLists string

// reading is what Python finds in a list.
type reading struct {
	groups []group
	plain  []string // addresses, by the older of its two readers; "" for what that one does not take
}

// group is a group, or one mailbox that is in none.
type group struct {
	name      *string
	mailboxes [][3]string // name, local part, domain
}

func (r *reading) UnmarshalJSON(b []byte) error {
	var raw struct {
		Groups [][2]json.RawMessage
		Plain  []string
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	r.plain = raw.Plain
	for _, part := range raw.Groups {
		var g group
		if err := json.Unmarshal(part[0], &g.name); err != nil {
			return err
		}
		if err := json.Unmarshal(part[1], &g.mailboxes); err != nil {
			return err
		}
		r.groups = append(r.groups, g)
	}
	return nil
}

// python reads lists with Python's email package.
func python(t *testing.T, lists []string) []reading {
	t.Helper()
	var unfolded []string
	for _, text := range lists {
		unfolded = append(unfolded, unfold(text))
	}
	var found []reading
	for _, answer := range mta.Python(t, readLists, unfolded) {
		var r reading
		if err := json.Unmarshal(answer, &r); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
		found = append(found, r)
	}
	return found
}

func unfold(text string) string { return strings.ReplaceAll(text, "\r\n", "") }

func decodeName(text string) string {
	decoded, _ := fieldvalue.Text(text)
	return decoded
}

// showPython writes the mailboxes that Python's newer reader finds.
func showPython(r reading) []string {
	var out []string
	for _, g := range r.groups {
		for _, m := range g.mailboxes {
			name := ""
			if g.name != nil {
				name = *g.name
			}
			out = append(out, fmt.Sprintf("%q %q @ %q in %q", m[0], m[1], m[2], name))
		}
	}
	return out
}

// showOurs writes the mailboxes of a list in the same way.
func showOurs(l address.List) []string {
	var out []string
	for _, m := range l.Mailboxes {
		out = append(out, fmt.Sprintf("%q %q @ %q in %q", m.Name, m.Local, m.Domain, m.Group))
	}
	return out
}

// samePlain reports whether the older reader finds the same addresses.
func samePlain(plain []string, l address.List) bool {
	return slices.EqualFunc(plain, l.Mailboxes, func(a string, m address.Mailbox) bool { return address.Same(a, m.Address) })
}

// groupNames are those of groups that Python finds, also of empty ones.
func groupNames(r reading) []string {
	var out []string
	for _, g := range r.groups {
		if g.name != nil {
			out = append(out, *g.name)
		}
	}
	return out
}

// TestAgainstPython reads lists with both.
func TestAgainstPython(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(5322, 6854))}
	var lists []string
	for range 5000 {
		lists = append(lists, m.list())
	}
	compared, plain, mailboxes, failed := 0, 0, 0, 0
	for i, r := range python(t, lists) {
		ours := address.ParseList(lists[i], decodeName)
		if ours.Problems != 0 {
			t.Errorf("%q has problems: %s", lists[i], strings.Join(ours.Problems.Strings(), ", "))
			failed++
		}
		if !slices.Contains(r.plain, "") {
			plain++
			if !samePlain(r.plain, ours) {
				t.Errorf("%q\n  python's email.utils %q\n  ours %s", lists[i], r.plain, strings.Join(showOurs(ours), "\n       "))
				failed++
			}
		}
		if r.groups == nil {
			continue
		}
		compared++
		mailboxes += len(ours.Mailboxes)
		if want, got := showPython(r), showOurs(ours); !slices.Equal(got, want) {
			t.Errorf("%q\n  python %s\n  ours   %s", lists[i], strings.Join(want, "\n         "), strings.Join(got, "\n         "))
			failed++
		}
		sameName := func(name string, g address.Group) bool { return name == g.Name }
		if want := groupNames(r); !slices.EqualFunc(want, ours.Groups, sameName) {
			t.Errorf("%q\n  python's groups %q\n  ours %+v", lists[i], want, ours.Groups)
			failed++
		}
		if failed > 10 {
			t.Fatal("and perhaps more")
		}
	}
	t.Logf("of %d lists, %d with %d mailboxes are as email.headerregistry reads them, %d as email.utils does; the others these do not take", len(lists), compared, mailboxes, plain)
	if compared < len(lists)/2 || plain < len(lists)/4 {
		t.Errorf("only %d and %d of %d lists were compared", compared, plain, len(lists))
	}
}
