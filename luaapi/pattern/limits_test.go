package pattern

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

var errSteps = errors.New("too many steps")

// limited returns a Matcher for so many steps.
func limited(steps int) *Matcher {
	return &Matcher{Spend: func(n int) error {
		steps -= n
		if steps < 0 {
			return errSteps
		}
		return nil
	}}
}

// TestStepLimit: what takes long takes steps. Time is compared with that of other steps, done on the same machine just before.
func TestStepLimit(t *testing.T) {
	const steps = 1e6
	a64k := strings.Repeat("a", 64<<10)
	match := func(pattern, subject string) (took time.Duration, err error) {
		p, start := Compile(pattern), time.Now()
		_, err = limited(steps).Match(p, subject, 0)
		return time.Since(start), err
	}
	usual, _ := match("a*a*a*a*a*b", strings.Repeat("a", 500)+"c")
	for _, tt := range []struct{ name, pattern, subject string }{
		{"many lazy repetitions", ".-.-.-.-b", strings.Repeat("a", 100)},
		{"many lazy repetitions to the end", ".-.-.-.-.-$b", strings.Repeat("a", 100)},
		{"greedy repetitions", "a*a*a*a*a*b", strings.Repeat("a", 500) + "c"},
		{"optional parts", strings.Repeat("a?", 40) + strings.Repeat("a", 40), strings.Repeat("a", 39) + "b"},
		{"a repetition from each place", "a.*b", a64k},
		{"a lazy repetition from each place", "a[^c]-b", a64k},
		{"%b from each place", "%b()", strings.Repeat("(", 64<<10)},
		{"back references", "(.*).*%1b", a64k},
		{"long back references", "(a*)%1c", a64k},
		{"long texts", "%a" + a64k + "b", strings.Repeat(a64k, 3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			took, err := match(tt.pattern, tt.subject)
			for tries := 1; tries < 5 && took > 20*usual; tries++ { // the machine had something else to do
				took, _ = match(tt.pattern, tt.subject)
			}
			if took > 20*usual {
				t.Errorf("took %v; %v is usual", took, usual)
			}
			if err != errSteps && err != nil {
				t.Error(err)
			}
			t.Log(err, took, usual)
		})
	}
}

// What PUC needs quadratic time for, but can be known after one try.
func TestOneTryIsEnough(t *testing.T) {
	a64k := strings.Repeat("a", 64<<10)
	for _, p := range []string{"(.*)b", ".-b", "%w+@%w+", "[^b]*b", "().*()b", "%s*b"} {
		if found, err := limited(70_000).Match(Compile(p), a64k, 0); found || err != nil {
			t.Errorf("%s: %v, %v", p, found, err)
		}
	}
}

func TestStepsOfShortMatchesAddUp(t *testing.T) {
	m := limited(50_000)
	p := Compile("%a+$")
	for range 50_000 {
		if _, err := m.Match(p, "abc", 0); err != nil {
			return
		}
	}
	t.Error("50,000 matches took fewer than 50,000 steps")
}

// Neither long patterns nor long subjects make the Go stack grow.
func TestStack(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	long := strings.Repeat("a", 1<<20)
	for _, tt := range []struct {
		pattern string
		want    error
	}{
		{strings.Repeat("a?", 1<<19), ErrComplex},
		{strings.Repeat("x?", 1<<19), nil},
		{strings.Repeat("(.-)", 1<<18), ErrCaptures},
		{strings.Repeat(".-", 1<<19), ErrComplex},
		{strings.Repeat("a-", 1<<19) + "b", ErrComplex},
		{strings.Repeat("[a", 1<<19), ErrSet},
		{strings.Repeat("(", 1<<20), ErrCaptures},
		{long, nil},
		{".-" + long, nil},
	} {
		m := limited(1e7)
		if _, err := m.Match(Compile(tt.pattern), long, 0); err != tt.want {
			t.Errorf("%.10s...: %v, want %v", tt.pattern, err, tt.want)
		}
		if cap(m.choices) > keptChoices {
			t.Errorf("%.10s...: the Matcher keeps room for %d choices", tt.pattern, cap(m.choices))
		}
	}
}

func TestGsubLimit(t *testing.T) {
	s := strings.Repeat("a", 1000)
	for _, repl := range []string{strings.Repeat("x", 100), strings.Repeat("%0", 50)} {
		m := Matcher{Limit: 10_000}
		out, _, err := m.Gsub(nil, Compile("a"), s, len(s), func(dst []byte) ([]byte, error) { return m.Expand(dst, s, repl) })
		if err != ErrSize || len(out) > 11_000 {
			t.Errorf("%d bytes, %v", len(out), err)
		}
	}
	m := Matcher{Limit: 10_000}
	repl := strings.Repeat("%0", 1e6)
	out, _, err := m.Gsub(nil, Compile(".*"), s, 1, func(dst []byte) ([]byte, error) { return m.Expand(dst, s, repl) })
	if err != ErrSize || len(out) > 12_000 {
		t.Errorf("one replacement: %d bytes, %v", len(out), err)
	}
}

func TestNoAllocations(t *testing.T) {
	s := strings.Repeat("Received: from mail.example.com (192.0.2.1)\r\n", 20)
	m := Matcher{Spend: func(int) error { return nil }}
	out := make([]byte, 0, 1<<16)
	patterns := []string{"(%a+): (.-)\r\n", "%b()", "%f[%d]%d+", "^(.*)%s*$", "(.)%1", "[^\r\n]+", "\r\n", "a?b*c-\n$"}
	for _, text := range patterns {
		p := Compile(text)
		p.forGmatch()
		allocs := testing.AllocsPerRun(10, func() {
			if _, err := m.Find(p, s, 0); err != nil {
				t.Error(err)
			}
			for at := 0; ; at = m.After() {
				if found, _ := m.Next(p, s, at); !found {
					break
				}
			}
			out, _, _ = m.Gsub(out[:0], p, s, 9, func(dst []byte) ([]byte, error) { return m.Expand(dst, s, "<%0>") })
		})
		if allocs != 0 {
			t.Errorf("%q: %v allocations", text, allocs)
		}
	}
}
