package format_test

import (
	"testing"

	"luamilter/luaapi/format"
)

// FuzzFormat carries out any layout with the same number and string for all directives: it must not panic, must come to an end,
// and no directive may append more than it says.
func FuzzFormat(f *testing.F) {
	for _, layout := range []string{"%d", "%-+ #05.3d|%s", "%99.99f", "%q%%%c", "%", "%#.99g", "%123d", "%------d", "%\x00", "%.99d"} {
		f.Add(layout, 1e308, "a\x00\n")
	}
	f.Fuzz(func(t *testing.T, layout string, number float64, s string) {
		for layout != "" {
			literal, d, rest, err := format.Next(layout)
			if err != nil {
				return
			}
			if len(rest) >= len(layout) || len(literal) > len(layout) {
				t.Fatalf("Next(%q) = %q, %v, %q", layout, literal, d, rest)
			}
			layout = rest
			switch {
			case d.Verb == 0:
			case d.TakesNumber():
				if out := d.AppendNumber(nil, number); len(out) > 411 || len(out) < d.Width {
					t.Errorf("%+v of %v has %d bytes", d, number, len(out))
				}
			case d.Verb == 'q':
				if out := d.AppendString(nil, s); len(out) > 4*len(s)+2 {
					t.Errorf("%+v of %q has %d bytes", d, s, len(out))
				}
			default:
				if out := d.AppendString(nil, s); len(out) > max(len(s), 99) || len(out) < d.Width {
					t.Errorf("%+v of %q has %d bytes", d, s, len(out))
				}
			}
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	for _, layout := range []string{"%d", "%5.1f", "%.14g", "%02x", "%#g"} {
		b.Run(layout, func(b *testing.B) {
			b.ReportAllocs()
			var room [64]byte
			for b.Loop() {
				_, d, _, _ := format.Next(layout)
				d.AppendNumber(room[:0], 12345)
			}
		})
	}
	b.Run("%s of 20", func(b *testing.B) {
		b.ReportAllocs()
		var room [64]byte
		for b.Loop() {
			_, d, _, _ := format.Next("X-Spam: %s")
			d.AppendString(room[:0], "twenty bytes of text")
		}
	})
}
