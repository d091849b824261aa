package edit

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi/mime"
)

// leaves returns the parts without parts that are in the body itself.
func leaves(m *mime.Message) []*mime.Part {
	var out []*mime.Part
	for p := range m.Walk() {
		if p.IsLeaf() && p.Source == m.Root.Source {
			out = append(out, p)
		}
	}
	return out
}

// checkAdded checks that an addition changed the parts it was for, which still have all that they had, and nothing else.
func checkAdded(t testing.TB, before, after *mime.Message, e Edit) {
	t.Helper()
	was, is, to := leaves(before), leaves(after), bodies(before.Root)
	if len(was) != len(is) {
		t.Fatalf("%d parts became %d: %q by %q", len(was), len(is), before.Root.Whole().Of(before.Root.Source), e.Apply(before.Root.Source))
	}
	for i, p := range was {
		q := is[i]
		old, got := p.Decoded(), q.Decoded()
		switch {
		case !slices.Contains(to, p):
			if p.Whole().Of(p.Source) != q.Whole().Of(q.Source) {
				t.Fatalf("another part changed: %q became %q", p.Whole().Of(p.Source), q.Whole().Of(q.Source))
			}
			continue
		case p.Type != q.Type:
			t.Fatalf("%s became %s", p.Type, q.Type)
		case p.Charset != q.Charset:
			old, got = textOf(p), textOf(q)
			if p.Charset == "" || p.Charset == "us-ascii" {
				old = p.Decoded()
			}
		}
		if !isInserted(old, got) {
			t.Fatalf("%q became %q, by %v", old, got, e.Splices)
		}
	}
	for _, s := range e.Splices {
		if !slices.ContainsFunc(to, func(p *mime.Part) bool { return p.Header.Start <= s.Old.Start && s.Old.End <= p.Content.End }) {
			t.Fatalf("splice of %v outside of the parts", s.Old)
		}
	}
}

// isInserted reports whether new is old with something in between.
func isInserted(old, new string) bool {
	n := 0
	for n < len(old) && n < len(new) && old[n] == new[n] {
		n++
	}
	return len(new) >= len(old) && strings.HasSuffix(new, old[n:])
}

// FuzzFooter checks what holds for any message and any footer: nothing panics, nothing but the texts changes, and what was in them stays.
func FuzzFooter(f *testing.F) {
	for _, set := range []string{"us-ascii", "utf-8", "iso-2022-jp", "utf-16", "hz-gb-2312"} {
		for _, encoding := range []string{"7bit", "base64", "quoted-printable"} {
			f.Add(message(set, encoding, "Hello"), "Sent by us ~", "")
			f.Add(message(set, encoding, "Hello"), "Grüße", "<b>ü</b>")
		}
	}
	f.Add("--b\r\n--b\r\nX: y\r\n--b--", "a: b", "")
	f.Add("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\nContent-Type: text/plain\r\n--b--", "a: b", "")
	f.Fuzz(func(t *testing.T, body, text, html string) {
		if len(body) > 1<<16 || len(text) > 1<<12 || len(html) > 1<<12 {
			t.Skip("too long")
		}
		survives(t, body, text, html)
	})
}

// survives checks what holds for any message.
func survives(t testing.TB, body, text, html string) {
	t.Helper()
	m := raw(body)
	footer := Footer{Text: text, HTML: html, Force: true}
	for _, add := range []func(*mime.Message, Footer) (Edit, Reason){AddFooter, AddBanner} {
		e, reason := add(m, footer)
		if e.IsEmpty() != (reason != "") {
			t.Fatalf("%v: %q", e, reason)
		}
		inFile := mime.ParseRaw(file{strings.NewReader(body)})
		other, why := add(inFile, footer)
		if got := other.Result(inFile.Root.Source); why != reason || (mime.Range{End: got.Len()}).Of(got) != result(t, m, e) {
			t.Fatalf("in a file %q, %v; in memory %q, %v", why, other, reason, e)
		}
		if reason == "" {
			checkAdded(t, m, e.Message(m), e)
		}
	}
	sameInFile(t, body, m)
	for p := range m.Walk() {
		for _, note := range []string{"", text} {
			e, reason := RemovePart(m, p, Replacement{Text: note, Force: true})
			if result(t, m, e); reason == "" {
				checkRemoved(t, m, e, p)
			}
		}
		e, reason := ReplacePart(m, p, Content{Bytes: text, Force: true})
		if result(t, m, e); reason != "" || p.IsMultipart() || p.IsMessage() || p.Parent == nil {
			continue
		}
		if got := leavesAt(m, e, p); got != text {
			t.Fatalf("%q instead of %q in %q by %v", got, text, body, e.Splices)
		}
	}
}

// sameInFile checks that a message in a file is taken apart as in memory.
func sameInFile(t testing.TB, body string, m *mime.Message) {
	t.Helper()
	was, is := slices.Collect(m.Walk()), slices.Collect(mime.ParseRaw(file{strings.NewReader(body)}).Walk())
	if len(was) != len(is) {
		t.Fatalf("%d parts in memory, %d in a file", len(was), len(is))
	}
	for i, p := range was {
		q := is[i]
		if p.Type != q.Type || p.Content != q.Content || p.SHA256() != q.SHA256() || p.Decoded() != q.Decoded() || len(p.Inline()) != len(q.Inline()) || !slices.Equal(p.Problems, q.Problems) {
			t.Fatalf("%v in memory, %v in a file", p, q)
		}
	}
}

// TestMutations does what FuzzFooter does with messages that are broken in likely ways.
func TestMutations(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[g.IntN(len(of))] }
	const inner = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nHi\r\n--c\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nHi\r\n--c--\r\n"
	for range 3000 {
		body := message(one("us-ascii", "utf-8", "iso-8859-1", "iso-2022-jp", "hz-gb-2312", "gb18030", "utf-16"), one("7bit", "8bit", "base64", "quoted-printable", "binary"), one("Hello", "Grüße 日本", ""))
		body = strings.Replace(body, "--b\r\n", inner+"--b\r\n", g.IntN(2))
		for range g.IntN(4) {
			from := g.IntN(len(body))
			to := min(len(body), from+g.IntN(1+g.IntN(30)))
			body = body[:from] + one("", "", body[from:to]+body[from:to], "\r\n", "\n", "--b\r\n", "--c--\r\n", "=", "\x1b$B", "\xe2\x82", ";", "<!--", "\"", ":", " ", "==", "\r") + body[to:]
		}
		survives(t, body, one("Sent by us.", "ü €", "a: b", "--b", "-- \nx\n--c--", ""), one("", "<b>ü</b>", "<p>x</p>"))
	}
}

// checkRemoved checks that all other parts are what they were.
func checkRemoved(t testing.TB, m *mime.Message, e Edit, p *mime.Part) {
	t.Helper()
	within := slices.Collect(p.Walk())
	var want, got []string
	for _, leaf := range leaves(m) {
		if !slices.Contains(within, leaf) {
			want = append(want, leaf.Whole().Of(leaf.Source))
		}
	}
	for _, leaf := range leaves(e.Message(m)) {
		got = append(got, leaf.Whole().Of(leaf.Source))
	}
	for _, one := range want {
		i := slices.Index(got, one)
		if i < 0 || len(got) > len(want)+1 {
			t.Fatalf("without %q, %q is %q, by %v", p.Whole().Of(p.Source), want, got, e.Splices)
		}
		got = got[i+1:]
	}
}

// leavesAt returns what a leaf has after an edit.
func leavesAt(m *mime.Message, e Edit, p *mime.Part) string {
	i := slices.Index(leaves(m), p)
	after := leaves(e.Message(m))
	if i < 0 || i >= len(after) {
		return "nothing"
	}
	return after[i].Decoded()
}

// BenchmarkFooter adds to a text of 1 MiB that is there in both alternatives.
func BenchmarkFooter(b *testing.B) {
	for _, encoding := range []string{"8bit", "base64", "quoted-printable"} {
		for _, once := range []bool{false, true} {
			name := encoding
			if once {
				name += ", once"
			}
			b.Run(name, func(b *testing.B) {
				m := raw(message("utf-8", encoding, strings.Repeat("A line of text, as long as lines are.\r\n", 1<<20/39/2)))
				f := Footer{Text: "Sent by us.", Once: once}
				b.SetBytes(m.Root.Source.Len())
				for b.Loop() {
					if _, reason := AddFooter(m, f); reason != "" {
						b.Fatal(reason)
					}
				}
			})
		}
	}
}
