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

// find measures looking keys up in a list, of which every other has it.
func find(b *testing.B, kind Kind, lines, keys []string) {
	path := filepath.Join(b.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	m, err := new(Pool).Open(b.Context(), Spec{Kind: kind, Source: path}, "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, found, err := m.Find(b.Context(), keys[i]); err != nil || found != (i%2 == 1) {
			b.Fatal(keys[i], found, err)
		}
		i = (i + 7_919) % len(keys)
	}
}

// BenchmarkNet looks addresses up in 100,000 networks.
func BenchmarkNet(b *testing.B) {
	var lines, keys []string
	for i := range 100_000 {
		net := fmt.Sprintf("%d.%d.%d", 16+i*7919>>16&63, i*7919>>8&255, i*7919&255)
		lines = append(lines, net+".0/24")
		keys = append(keys, "200."+net, net+".7")
	}
	find(b, Net, lines, keys)
}

// BenchmarkRegex looks subjects up in 1,000 expressions.
func BenchmarkRegex(b *testing.B) {
	var lines, keys []string
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf(`(offer|deal)-[0-9]+-item%04d\.`, i))
		keys = append(keys,
			fmt.Sprintf("Minutes of the meeting about offer-%d-item-%04d and what we agreed on", i, i),
			fmt.Sprintf("Only this week for readers of the list: deal-%d-item%04d. and more", i, i))
	}
	find(b, Regex, lines, keys)
}
