package mime

import (
	"io"
	"testing"
)

// FuzzMIME checks what holds for any message: nothing panics, the ranges give the message back, steps are bounded, a reader gives what Decoded
// gives.
func FuzzMIME(f *testing.F) {
	for _, generate := range hostile {
		f.Add(generate(500))
	}
	f.Add(tree("mixed", "m", tree("alternative", "a", part("text/plain", "T"), part("text/html", "<H>")), part("a/b; name*=utf-8''x%00.exe", "x")))
	f.Fuzz(func(t *testing.T, raw string) {
		if len(raw) > 1<<16 {
			t.Skip("too long")
		}
		m := parsed(t, raw)
		if most := int64(len(raw)+1) * 3 * (1 + maxDecoded); m.steps > most {
			t.Fatalf("%d steps for %d bytes", m.steps, len(raw))
		}
		askEverything(m)
		for p := range m.Walk() {
			if !p.IsLeaf() {
				continue
			}
			got, err := io.ReadAll(p.Reader())
			if want := p.Decoded(); string(got) != want || err != nil {
				t.Fatalf("Reader gives %q, %v; Decoded %q", got, err, want)
			}
			if int64(len(got)) > p.Content.Len() {
				t.Fatalf("%d bytes became %d", p.Content.Len(), len(got))
			}
		}
	})
}
