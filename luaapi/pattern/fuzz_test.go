package pattern

import (
	"strings"
	"testing"
)

// FuzzMatch checks what holds for any pattern and subject: a match ends, within its steps, and what it captured is inside the subject.
func FuzzMatch(f *testing.F) {
	for _, p := range []string{"", "^%s*(.-)%s*$", "(['\"]).-%1", "%b()", "%f[%w]%w+", "[^]%]-]*", "()a?b+", "[a-%%]", "(a", "a)", "%", "a\x00[\x00-", "^^*"} {
		f.Add(p, "say \"it's (a) b\" \x00]")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(s) > 1<<12 || len(pattern) > 1<<12 {
			t.Skip("too long")
		}
		const budget = 50_000
		p := Compile(pattern)
		m := &Matcher{Limit: 1 << 20}
		spent := 0
		m.Spend = func(steps int) error {
			// At most a run through the pattern, or the subject, beyond what was asked for.
			if steps > 2*quantum+len(pattern)+len(s) {
				t.Fatalf("%d steps at once", steps)
			}
			spent += steps
			if spent > budget {
				return errSteps
			}
			return nil
		}
		inBounds(t, m, p, s)
		matches := 0
		for at := 0; ; at = m.After() {
			found, err := m.Next(p, s, at)
			if !found || err != nil {
				break
			}
			if m.Start < at {
				t.Fatalf("a match at %d, before %d", m.Start, at)
			}
			captures(t, m, s)
			matches++
		}
		if matches > len(s)+1 {
			t.Fatalf("%d matches in %d bytes", matches, len(s))
		}
		gsubKeeps(t, m, p, s)
	})
}

// inBounds checks Find and Match from some offsets on.
func inBounds(t *testing.T, m *Matcher, p *Pattern, s string) {
	for _, init := range []int{0, len(s) / 2, len(s)} {
		if found, err := m.Find(p, s, init); found && err == nil {
			if m.Start < init || p.Anchored() && m.Start != init {
				t.Fatalf("a match at %d from %d on", m.Start, init)
			}
			captures(t, m, s)
			start, end := m.Start, m.End
			again, err := m.Match(p, s, start)
			if err == nil && (!again || m.Start != start || m.End != end) && !p.plain {
				t.Fatalf("a match at %d-%d is not found from there on", start, end)
			}
		}
	}
}

// captures checks that the captures are inside the subject.
func captures(t *testing.T, m *Matcher, s string) {
	if m.Start > m.End || m.End > len(s) {
		t.Fatalf("a match at %d-%d of %d", m.Start, m.End, len(s))
	}
	for i := range max(m.Captures(), 1) {
		start, end, _, err := m.Capture(i)
		if err == nil && (start < m.Start || start > end || end > m.End) {
			t.Fatalf("capture %d at %d-%d of a match at %d-%d", i, start, end, m.Start, m.End)
		}
	}
}

// gsubKeeps checks that replacing each match by itself changes nothing.
func gsubKeeps(t *testing.T, m *Matcher, p *Pattern, s string) {
	out, n, err := m.Gsub(nil, p, s, len(s)+1, func(dst []byte) ([]byte, error) { return m.Expand(dst, s, "%0") })
	if err != nil {
		if strings.HasPrefix(err.Error(), "resulting") {
			t.Fatal(err)
		}
		return
	}
	if n > 0 && string(out) != s {
		t.Fatalf("gsub with %%0 makes %q", out)
	}
}
