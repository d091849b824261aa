package archive_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"luamilter/luaapi/archive"
)

// document is like a .docx of 1 MiB: some XML, and pictures that do not shrink.
func document() []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/_rels/document.xml.rels", "word/styles.xml", "word/settings.xml",
		"word/fontTable.xml", "word/webSettings.xml", "word/theme/theme1.xml", "docProps/core.xml", "docProps/app.xml"} {
		w := must(z.Create(name))
		must(io.WriteString(w, `<?xml version="1.0"?>`+strings.Repeat("<w:p><w:r><w:t>text</w:t></w:r></w:p>", 500)))
	}
	for out.Len() < 1<<20-64<<10 {
		w := must(z.CreateHeader(&zip.FileHeader{Name: "word/media/image.png"}))
		picture := make([]byte, 64<<10)
		for i := range picture {
			picture[i] = byte(r.Uint32())
		}
		must(w.Write(picture))
	}
	must(0, z.Close())
	return out.Bytes()
}

func BenchmarkDocument(b *testing.B) { benchmark(b, document()) }

func BenchmarkTarGz(b *testing.B) {
	benchmark(b, gz("", tarOf(file{"document.docx", string(document())})))
}

func BenchmarkSevenZip(b *testing.B) { benchmark(b, packed().of(two...)) }

func benchmark(b *testing.B, data []byte) {
	l := list(data, archive.Defaults())
	if len(l.Entries) == 0 || len(l.Problems) > 0 {
		b.Fatal(len(l.Entries), l.Problems)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		list(data, archive.Defaults())
	}
}
