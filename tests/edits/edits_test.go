package edits_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi/mime"
	"luamilter/luaapi/mime/edit"
	"luamilter/protocol"
	"luamilter/tests/mta"
)

// leaf is a part as read.py writes it.
type leaf struct {
	Attached           bool
	Type, Name, SHA256 string
	Text               string
}

// inPython reads messages with Python.
func inPython(t *testing.T, messages []string) [][]leaf {
	t.Helper()
	var in bytes.Buffer
	for _, m := range messages {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(m)) + "\n")
	}
	cmd := exec.Command(mta.NeedProgram(t, "python3"), "read.py")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]leaf
	for d := json.NewDecoder(bytes.NewReader(answer)); d.More(); {
		var one []leaf
		if err := d.Decode(&one); err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
	if len(out) != len(messages) {
		t.Fatalf("%d answers to %d messages", len(out), len(messages))
	}
	return out
}

// texts are banners and footers: in any charset, in some, in few, and with lines that mean something.
var texts = []string{
	"This message came from outside.", "Grüße aus dem Büro", "€ 100", "社外からのメール", "[Внимание] 日本 é",
	"=== = ===\n\n> From me\n--\nTel. +49", strings.Repeat("A long line without an end. ", 50),
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// edited adds a banner and a footer, one after the other, and checks that neither is added twice.
func edited(t *testing.T, raw string, banner, footer edit.Footer) string {
	t.Helper()
	m := mime.ParseRaw(mime.Text(raw))
	if got := (edit.Edit{}).Apply(m.Root.Source); got != raw {
		t.Fatalf("without an edit %q became %q", raw, got)
	}
	for _, step := range []struct {
		add  func(*mime.Message, edit.Footer) (edit.Edit, edit.Reason)
		what edit.Footer
	}{{edit.AddBanner, banner}, {edit.AddFooter, footer}} {
		e, reason := step.add(m, step.what)
		if reason != "" {
			t.Fatalf("%q is not added: %s\n%q", step.what.Text, reason, raw)
		}
		apart := mime.Parse(m.Root.Fields(), mime.Text(m.Root.Content.Of(m.Root.Source)))
		alone, reason := step.add(apart, step.what)
		m = e.Message(m)
		crlf := strings.Contains(raw, "\r\n") // which is what a body without line ends gets
		if reason != "" || crlf && !isSame(alone.Message(apart), m) {
			t.Fatalf("with the header apart from the body %q, %v, is not %q", reason, alone, m.Root.Whole().Of(m.Root.Source))
		}
		if again, reason := step.add(m, step.what); reason != edit.AlreadyThere || !again.IsEmpty() {
			t.Fatalf("%q is added twice, %q:\n%q", step.what.Text, reason, m.Root.Whole().Of(m.Root.Source))
		}
	}
	return m.Root.Whole().Of(m.Root.Source)
}

// isSame reports whether the header and the body of two messages are the same.
func isSame(a, b *mime.Message) bool {
	same := func(f, g protocol.Field) bool { return f.Name == g.Name && f.Value == g.Value }
	return a.Root.Content.Of(a.Root.Source) == b.Root.Content.Of(b.Root.Source) && slices.EqualFunc(a.Root.Fields(), b.Root.Fields(), same)
}

// TestPython edits messages in all ways, and has Python read them.
func TestPython(t *testing.T) {
	g := &generator{Rand: rand.New(rand.NewPCG(1, 2))}
	var before, after []string
	var banners, footers []string
	for range 8000 {
		raw, _ := g.message()
		banner, footer := "1. "+texts[g.IntN(len(texts))], "2. "+texts[g.IntN(len(texts))]
		before, banners, footers = append(before, raw), append(banners, squeezed(banner)), append(footers, squeezed(footer))
		after = append(after, edited(t, raw, edit.Footer{Text: banner, Once: true}, edit.Footer{Text: footer, Once: true}))
	}
	was, is := inPython(t, before), inPython(t, after)
	wrong := 0
	for i := range before {
		if what := difference(was[i], is[i], banners[i], footers[i]); what != "" {
			t.Errorf("message %d: %s\n%q\n%q", i, what, before[i], after[i])
			if wrong++; wrong == 3 {
				t.FailNow()
			}
		}
	}
}

// difference says what is not as it should be after an edit.
func difference(was, is []leaf, banner, footer string) string {
	if len(was) != len(is) {
		return "another number of parts"
	}
	for i, now := range is {
		old := was[i]
		switch {
		case old.Type != now.Type || old.Name != now.Name:
			return "another part: " + now.Type
		case old.Attached || old.Name != "":
			if old.SHA256 != now.SHA256 {
				return "an attachment changed: " + now.Type
			}
		default:
			if what := notOnce(old.Text, now.Text, banner, footer); what != "" {
				return what
			}
		}
	}
	return ""
}

// notOnce says what is wrong with a text that should have a banner, what it was, and a footer.
func notOnce(old, now, banner, footer string) string {
	switch {
	case strings.Count(now, banner) != 1:
		return "the banner is not there once: " + now
	case strings.Count(now, footer) != 1:
		return "the footer is not there once: " + now
	}
	rest := strings.Replace(strings.Replace(now, banner, "", 1), footer, "", 1)
	if rest != old {
		return "the text is no longer " + old + " but " + rest
	}
	if strings.Index(now, banner) > strings.Index(now, footer) {
		return "the banner is below: " + now
	}
	return ""
}

// TestRemoved takes each file out of messages, one at a time, and has Python read what is left.
func TestRemoved(t *testing.T) {
	g := &generator{Rand: rand.New(rand.NewPCG(3, 4))}
	var before, after []string
	for range 2000 {
		raw, _ := g.message()
		m := mime.ParseRaw(mime.Text(raw))
		for _, p := range m.Attachments() {
			if p.Filename == "" {
				continue
			}
			e, reason := edit.RemovePart(m, p, edit.Replacement{Text: "Removed: ü", Filename: "note.txt"})
			if reason != "" {
				t.Fatalf("%s in %q", reason, raw)
			}
			before, after = append(before, raw), append(after, e.Apply(m.Root.Source))
		}
	}
	was, is := inPython(t, before), inPython(t, after)
	for i := range before {
		notes := 0
		for j, now := range is[i] {
			if now.Name == "note.txt" && now.Text == "Removed:ü" {
				notes++
			} else if len(was[i]) != len(is[i]) || now != was[i][j] {
				t.Fatalf("%v became %v:\n%q\n%q", was[i], is[i], before[i], after[i])
			}
		}
		if notes != 1 {
			t.Fatalf("%d notes in %q", notes, after[i])
		}
	}
}
