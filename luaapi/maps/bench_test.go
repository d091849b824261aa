package maps

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// million is so many domains in a file.
func million(b *testing.B) (path string, names []string) {
	var text strings.Builder
	for i := range 1_000_000 {
		name := fmt.Sprintf("%s-%07d.example.com", []string{"shop", "mail", "news", "cdn"}[i%4], i*7919%10_000_000)
		names = append(names, name)
		text.WriteString(name + "\n")
	}
	path = filepath.Join(b.TempDir(), "domains.txt")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path, names
}

func BenchmarkDomain(b *testing.B) {
	path, names := million(b)
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := new(Pool).Open(b.Context(), Spec{Kind: Domain, Source: path}, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m, err := new(Pool).Open(b.Context(), Spec{Kind: Domain, Source: path}, "")
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	perEntry := float64(after.HeapAlloc-before.HeapAlloc) / float64(m.Len())
	find := func(name func(i int) string, want bool) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, found, _ := m.Find(b.Context(), name(i)); found != want {
					b.Fatal(name(i))
				}
				i = (i + 7_654_321) % len(names)
			}
			b.ReportMetric(perEntry, "B/entry")
		}
	}
	b.Run("hit", find(func(i int) string { return names[i] }, true))
	below := make([]string, len(names))
	absent := make([]string, len(names))
	for i, name := range names {
		below[i], absent[i] = "a.b."+name, "mx"+name
	}
	b.Run("below", find(func(i int) string { return below[i] }, true))
	b.Run("absent", find(func(i int) string { return absent[i] }, false))
}
