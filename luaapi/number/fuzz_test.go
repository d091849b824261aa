package number_test

import (
	"math"
	"testing"

	"luamilter/luaapi/number"
)

// FuzzParse gives text to Parse and ParseBase: they must not panic, and what Parse takes must survive Text and Parse again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "10", " -0x1.8p3 ", "1e400", ".5", "5.", "0x", "1\x00", "nan", "99999999999999.9"} {
		f.Add(s, 16)
	}
	f.Fuzz(func(t *testing.T, s string, base int) {
		if v, ok := number.ParseBase(s, base); ok && base != 10 && (v < 0 || v > 1<<64) {
			t.Errorf("ParseBase(%q, %d) = %v, which is not of 64 bits", s, base, v)
		}
		if v, ok := number.Parse(s); ok {
			roundTrip(t, v)
		}
	})
}

// FuzzText gives every pattern of 64 bits to Text: Parse must read it back, to fourteen digits.
func FuzzText(f *testing.F) {
	for _, v := range []float64{0, -1, 0.1, 1e14, math.MaxFloat64, 5e-324, math.Inf(1), math.NaN()} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) { roundTrip(t, math.Float64frombits(bits)) })
}

func roundTrip(t *testing.T, v float64) {
	t.Helper()
	text := number.Text(v)
	if got := string(number.Append(nil, v)); got != text || len(got) > 21 {
		t.Errorf("Append(%v) = %q, Text is %q", v, got, text)
	}
	back, ok := number.Parse(text)
	if ok != (v-v == 0) {
		t.Fatalf("Parse(%q) = %v, %v", text, back, ok)
	}
	if ok && (number.Text(back) != text || math.Abs(back-v) > math.Abs(v)*1e-13) {
		t.Errorf("%v is %q is %v", v, text, back)
	}
}

func BenchmarkText(b *testing.B) {
	for _, bb := range []struct {
		name string
		f    float64
	}{{"7", 7}, {"12345", 12345}, {"0.1", 0.1}, {"third", 1.0 / 3}, {"1e300", 1e300}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				number.Text(bb.f)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, bb := range []struct {
		name string
		f    float64
	}{{"12345", 12345}, {"0.1", 0.1}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			var room [24]byte
			for b.Loop() {
				number.Append(room[:0], bb.f)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"7", "12345", "-0.5", "3.14159", "1e3", "0x1F", "not a number", "12 apples"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				number.Parse(s)
			}
		})
	}
}
