package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/archive"
)

// FuzzList looks into anything: within the limits, with nothing impossible in what is returned, and twice the same.
func FuzzList(f *testing.F) {
	for _, data := range [][]byte{
		zipOf(two...), zip64(zipOf(two...)), tarOf(two...), gz("x", []byte("hello")), gz("", tarOf(two...)), xzOf([]byte("hello")), zst([]byte("hello")), hello,
		stored().of(two...), packed().of(two...), rar5(rarFiles(two...)...), rar4(rarFiles(two...)...),
		rar5(rarFile{file: two[0], packed: "packed", method: 3 << 7}, rarFile{file: two[1], packed: "packed", method: 3<<7 | 0x40}),
		zipOf(file{"x.7z", string(packed().of(two...))}, file{"y.rar", string(rar5(rarFiles(two...)...))}),
		rawZip([]*zip.FileHeader{{Name: "x", Method: 14, UncompressedSize64: 5}}, []string{"\x09\x14\x05\x00" + string(lzmaProperties(1<<20)) + string(packLZMA([]byte("hello")))}),
		zipOf(two...)[:100], quine(), hugeXz(), join([]byte("MZ"), rar4(rarFiles(two...)...)),
		rar5(rarFile{file: two[0], password: true}), rar4(rarFile{file: file{"x\x00\x04\x50\x10\x11", ""}, flags: 0x200}),
	} {
		f.Add(data)
	}
	limits := archive.Limits{Depth: 2, Entries: 50, Bytes: 256 << 10, Ratio: 100, Time: time.Hour}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := archive.List(context.Background(), bytes.NewReader(data), int64(len(data)), limits)
		if l.Unpacked < 0 || l.Unpacked > limits.Bytes || len(l.Entries) > limits.Entries {
			t.Fatalf("unpacked %d bytes, %d entries", l.Unpacked, len(l.Entries))
		}
		if l.Kind == archive.None && len(l.Entries) > 0 {
			t.Fatal("entries in what is no archive")
		}
		for _, e := range l.Entries {
			if e.Depth > limits.Depth || !strings.HasSuffix(e.Path, e.Name) || e.Depth == 0 && e.Path != e.Name || e.Size < -1 || e.Packed < -1 {
				t.Fatalf("%+v", e)
			}
			if e.Encrypted && !l.Encrypted {
				t.Fatalf("%q is encrypted, the archive is not", e.Path)
			}
		}
		again := archive.List(context.Background(), bytes.NewReader(data), int64(len(data)), limits)
		if shown(again) != shown(l) || strings.Join(again.Problems, "; ") != strings.Join(l.Problems, "; ") {
			t.Fatalf("%q\n%s\nand then\n%q\n%s", l.Problems, shown(l), again.Problems, shown(again))
		}
	})
}
