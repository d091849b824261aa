package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// The workloads here are those of testdata/bench.lua: `lua5.1 testdata/bench.lua` shows what PUC needs for them.

// headerLines are the 30 lines of a header.
func headerLines() []string {
	var lines []string
	for i := range 30 {
		lines = append(lines, fmt.Sprintf("X-Header-%d: from mail%d.example.com (HELO host) by mx.example.org; id %08d", i, i, i*7919))
	}
	return lines
}

// bodyText is 64 KiB in lines that end in CRLF, with a URL in each.
func bodyText() string {
	var b strings.Builder
	for i := 0; b.Len() < 64<<10; i++ {
		fmt.Fprintf(&b, "This is line %d of the body, see http://www.example%d.com/path/%d?q=1 for more of it.\r\n", i, i%100, i)
	}
	return b.String()[:64<<10]
}

// endless counts nothing, but is asked.
func endless(int) error { return nil }

func BenchmarkHeaders30MatchFind(b *testing.B) {
	lines := headerLines()
	field, host, id := Compile("^([%w-]+):%s*(.-)%s*$"), Compile("mail(%d+)%.example"), Compile("id (%d+)$")
	m := Matcher{Spend: endless}
	for b.Loop() {
		for _, line := range lines {
			must(m.Match(field, line, 0))
			must(m.Find(host, line, 0))
			must(m.Match(id, line, 0))
		}
	}
}

func BenchmarkAddresses1000MatchDomain(b *testing.B) {
	var addresses []string
	for i := range 1000 {
		addresses = append(addresses, fmt.Sprintf("user%d@host%d.example.com", i, i%37))
	}
	domain := Compile("@([%w.-]+)$")
	m := Matcher{Spend: endless}
	for b.Loop() {
		for _, address := range addresses {
			must(m.Match(domain, address, 0))
		}
	}
}

func BenchmarkBody64KiBCollectURLs(b *testing.B) {
	benchmarkGmatch(b, "https?://[%w%.%-/%?=&]+", bodyText())
}

func BenchmarkBody64KiBGmatchLines(b *testing.B) {
	benchmarkGmatch(b, "[^\r\n]+", bodyText())
}

func BenchmarkBody64KiBGmatchWords(b *testing.B) {
	benchmarkGmatch(b, "%a+", bodyText())
}

func benchmarkGmatch(b *testing.B, pattern, s string) {
	p := Compile(pattern)
	m := Matcher{Spend: endless}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for at := 0; ; at = m.After() {
			found, err := m.Next(p, s, at)
			if err != nil {
				b.Fatal(err)
			}
			if !found {
				break
			}
			n++
		}
		if n == 0 {
			b.Fatal("nothing")
		}
	}
}

func BenchmarkBody64KiBPatternAbsent(b *testing.B) {
	benchmarkAbsent(b, "viagra%d+")
}

func BenchmarkBody64KiBClassAbsent(b *testing.B) {
	benchmarkAbsent(b, "[%w._-]+@[%w.-]+")
}

func BenchmarkBody64KiBAnyAbsent(b *testing.B) {
	benchmarkAbsent(b, "[vV][iI]agra.-pill")
}

func BenchmarkBody64KiBPlainAbsent(b *testing.B) {
	benchmarkAbsent(b, "viagra pills")
}

func benchmarkAbsent(b *testing.B, pattern string) {
	p, s := Compile(pattern), bodyText()
	m := Matcher{Spend: endless}
	for b.Loop() {
		if found, err := m.Find(p, s, 0); found || err != nil {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkBody64KiBGsubCRLF(b *testing.B) {
	benchmarkGsub(b, "\r\n", "\n")
}

func BenchmarkBody64KiBGsubCapture(b *testing.B) {
	benchmarkGsub(b, "(%a+)(%d+)", "%2-%1")
}

func benchmarkGsub(b *testing.B, pattern, repl string) {
	p, s := Compile(pattern), bodyText()
	m := Matcher{Spend: endless}
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		out, _, err = m.Gsub(out[:0], p, s, len(s)+1, func(dst []byte) ([]byte, error) { return m.Expand(dst, s, repl) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrim(b *testing.B) {
	p := Compile("^%s*(.-)%s*$")
	m := Matcher{Spend: endless}
	for b.Loop() {
		must(m.Match(p, "   the quick brown fox jumps over the lazy dog, twice a day  ", 0))
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		Compile("^([%w-]+):%s*(.-)%s*$")
	}
}

func must(found bool, err error) {
	if !found || err != nil {
		panic(fmt.Sprint(found, err))
	}
}
