package uuid

import (
	"testing"
	"time"
)

func TestV4(t *testing.T) {
	a, b := V4(), V4()
	if a == b {
		t.Errorf("%s twice", a)
	}
	if canonical, version, err := Parse(a); err != nil || version != 4 || canonical != a {
		t.Errorf("%s is read as %s, version %d, %v", a, canonical, version, err)
	}
	if _, ok := Time(a); ok {
		t.Error("a random one has a time")
	}
}

func TestV7(t *testing.T) {
	at := time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC) // RFC 9562 appendix A.6
	a, later := V7(at), V7(at.Add(time.Millisecond))
	if a[:13] != "017f22e2-79b0" || a >= later {
		t.Errorf("%s, a millisecond later %s", a, later)
	}
	if got, ok := Time(a); !ok || !got.Equal(at) {
		t.Errorf("%s is of %v, %v", a, got, ok)
	}
}

func TestParse(t *testing.T) {
	const want = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f" // RFC 9562 appendix A.6
	for _, s := range []string{want, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "urn:uuid:" + want, "017f22e279b07cc398c4dc0c0c07398f"} {
		if got, version, err := Parse(s); err != nil || got != want || version != 7 {
			t.Errorf("%s: %s, version %d, %v", s, got, version, err)
		}
	}
	if _, version, err := Parse("00000000-0000-0000-0000-000000000000"); err != nil || version != 0 {
		t.Errorf("nil: version %d, %v", version, err)
	}
	for _, s := range []string{"", "x", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e279b0-7cc398c4dc0c0c07398f0000"} {
		if got, _, err := Parse(s); err == nil {
			t.Errorf("%q is %s", s, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, s string) {
		canonical, version, err := Parse(s)
		if err != nil {
			return
		}
		if again, v, err := Parse(canonical); err != nil || again != canonical || v != version {
			t.Fatalf("%q: %q, then %q", s, canonical, again)
		}
		Time(s)
	})
}
