package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"luamilter/replay"
	"luamilter/replay/asked"
)

func TestVisible(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "hello, grüße 日本", "hello, grüße 日本"},
		{"markup is only text", `<b>"'&`, `<b>"'&`},
		{"NUL and other controls", "a\x00b\x1b[31m\x7f", `a\u{0000}b\u{001B}[31m\u{007F}`},
		{"text turned around", "\u202etxt.exe\u2066", `\u{202E}txt.exe\u{2066}`},
		{"nothing to see", "a\u200bb\ufeff", `a\u{200B}b\u{FEFF}`},
		{"no UTF-8", "a\xff\xc3", `a\xFF\xC3`},
		{"the character for what is no UTF-8", "\ufffd", "\ufffd"},
		{"tabs stay", "a\tb", "a\tb"},
		{"line ends", "a\r\nb", `a\u{000D}\u{000A}b`},
		{"cut", strings.Repeat("x", 29), strings.Repeat("x", 24) + "… (5 bytes more)"},
		{"cut inside a character", strings.Repeat("x", 23) + "üy", strings.Repeat("x", 23) + "… (2 bytes more)"},
	} {
		if got := visible(c.text, 24); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

func TestVisibleLines(t *testing.T) {
	long := strings.Repeat("+a\n", maxLines+7)
	if got := visibleLines(long); !strings.HasSuffix(got, "+a\n… (7 lines more)\n") || strings.Count(got, "\n") != maxLines+1 {
		t.Errorf("%d lines, ending in %q", strings.Count(got, "\n"), got[len(got)-40:])
	}
	if got := visibleLines("+" + strings.Repeat("y", 100_000) + "\n-b\x00\n"); len(got) > maxLine+100 || !strings.HasSuffix(got, "bytes more)\n-b\\u{0000}\n") {
		t.Errorf("%d bytes", len(got))
	}
}

// page makes a page of messages and takes it apart: the data of the rows, and all the rest.
func page(t *testing.T, messages ...*replay.Message) (rows []row, rest string) {
	t.Helper()
	var out strings.Builder
	p, err := New(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := p.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(&replay.Summary{Scripts: []string{"</script>filter.lua"}}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	const begin = `<script type="application/json" id="rows">`
	before, after, _ := strings.Cut(out.String(), begin)
	data, after, found := strings.Cut(after, "</script>")
	if !found {
		t.Fatal("no rows")
	}
	if err := json.Unmarshal([]byte(data), &rows); err != nil {
		t.Fatalf("the rows: %v\n%s", err, data)
	}
	return rows, before + begin + after
}

// Whatever is in a message, the page has the same elements.
func TestNothingHostileIsMarkup(t *testing.T) {
	_, plain := page(t, &replay.Message{Problem: "x"})
	for i, text := range []string{"</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028\u2029", "\x00", "\"'`${x}", strings.Repeat("<", 1_000_000), "\xff</script>"} {
		m := &replay.Message{
			Name: text, Subject: text, Sender: text, Recipients: []string{text}, Client: text, Helo: text,
			Outcome: &replay.Outcome{Verdict: "continue", Reply: text, Place: text, Held: text, Changes: []replay.Change{{Do: "add", Name: text, Value: text}},
				Refused: []replay.Refused{{Recipient: text, Reply: text}}, Header: "+" + text, Body: "-" + text,
				Lookups: []asked.Lookup{{Kind: "http", Question: text, Failed: text}},
				Errors:  []replay.Error{{Path: text, Text: text, Hint: text, Excerpt: text}}},
		}
		rows, rest := page(t, m, m)
		if len(rows) != 2 || rest != plain {
			t.Errorf("%d: %d rows, and the page is another", i, len(rows))
		}
	}
}

// The policy names what the page has; with another script or style it would show nothing.
func TestPolicy(t *testing.T) {
	_, rest := page(t)
	for _, want := range []string{"default-src 'none'", "style-src '" + digest(pageCSS) + "'", "script-src '" + digest(pageJS) + "'",
		"<style>" + pageCSS + "</style>", "<script>" + pageJS + "</script>"} {
		if !strings.Contains(rest, want) {
			t.Errorf("the page has no %.60s", want)
		}
	}
	for _, never := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:", "</script"} {
		if strings.Contains(pageJS, never) {
			t.Errorf("page.js has %s", never)
		}
	}
}

func TestStates(t *testing.T) {
	change := []replay.Change{{Do: "add", Name: "X-A", Value: "b"}}
	for _, c := range []struct {
		want string
		m    replay.Message
	}{
		{"unchanged", replay.Message{Outcome: &replay.Outcome{Verdict: "accept"}}},
		{"changed", replay.Message{Outcome: &replay.Outcome{Verdict: "continue", Changes: change}}},
		{"quarantined", replay.Message{Outcome: &replay.Outcome{Verdict: "continue", Changes: change, Held: "why"}}},
		{"rejected", replay.Message{Outcome: &replay.Outcome{Verdict: "reject"}}},
		{"tempfailed", replay.Message{Outcome: &replay.Outcome{Verdict: "tempfail"}}},
		{"discarded", replay.Message{Outcome: &replay.Outcome{Verdict: "discard"}}},
		{"problem", replay.Message{Problem: "cannot be read"}},
	} {
		rows, _ := page(t, &c.m)
		if rows[0].State != c.want {
			t.Errorf("%s, not %s", rows[0].State, c.want)
		}
		if !strings.Contains(pageJS, fmt.Sprintf("%q", c.want)) {
			t.Errorf("page.js does not know %s", c.want)
		}
	}
}

// What is long is cut, so that one message cannot make the page unusable.
func TestHugeMessage(t *testing.T) {
	o := &replay.Outcome{Verdict: "continue", Header: strings.Repeat("+x\n", 1_000_000)}
	var to []string
	for i := range 5000 {
		o.Changes = append(o.Changes, replay.Change{Do: "add recipient", Value: fmt.Sprint(i)})
		to = append(to, fmt.Sprint(i))
	}
	text, err := json.Marshal(newRow(&replay.Message{Recipients: to, Outcome: o}))
	if err != nil || len(text) > 20_000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
