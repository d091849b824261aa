package mime

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestRealType(t *testing.T) {
	for want, content := range map[string]string{
		"application/pdf": "%PDF-1.7\n",
		"application/zip": "PK\x03\x04\x14\x00\x00\x00\x00\x00",
		"application/vnd.microsoft.portable-executable": "MZ\x90\x00",
		"text/plain":               "hello",
		"text/html":                "<!DOCTYPE html><p>",
		"application/octet-stream": "\x00\x01\x02",
	} {
		raw := "Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(content))
		if got := parsed(t, raw).Root.RealType(); got != want {
			t.Errorf("%q: got %s, want %s", content, got, want)
		}
	}
}

// entry is one of a zip file, with a content that cannot be packed.
type entry struct {
	name string
	size int
}

// zipped returns a zip file. Streamed, it says the sizes of entries only behind them, as programs do that cannot go back.
func zipped(t *testing.T, streamed bool, entries ...entry) string {
	t.Helper()
	random := rand.NewChaCha8([32]byte{})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		content := make([]byte, e.size)
		_, _ = random.Read(content) // never fails
		h := &zip.FileHeader{Name: e.name, CompressedSize64: uint64(e.size), UncompressedSize64: uint64(e.size)}
		create := w.CreateRaw
		if streamed {
			create = w.CreateHeader
		}
		f, err := create(h)
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// TestRealTypeOfZip has files in which what tells the type comes late.
func TestRealTypeOfZip(t *testing.T) {
	var items []entry
	for i := range 300 {
		items = append(items, entry{fmt.Sprintf("customXml/item%d.xml", i), 500})
	}
	for _, tt := range []struct {
		name, want string
		entries    []entry
	}{
		{"docx", docx, []entry{{"[Content_Types].xml", 300}, {"_rels/.rels", 300}, {"word/document.xml", 3000}}},
		{"types late", docx, []entry{{"docProps/thumbnail.jpeg", 200_000}, {"word/document.xml", 3000}, {"[Content_Types].xml", 300}}},
		{"document late", docx, []entry{{"[Content_Types].xml", 300}, {"docProps/thumbnail.jpeg", 500_000}, {"word/document.xml", 3000}}},
		{"after many others", xlsx, append(append([]entry{{"[Content_Types].xml", 300}}, items...), entry{"xl/workbook.xml", 10})},
		{"jar", "application/java-archive", []entry{{"META-INF/MANIFEST.MF", 100}, {"a/B.class", 5000}}},
		{"apk", "application/vnd.android.package-archive", []entry{{"META-INF/MANIFEST.MF", 20_000}, {"res/a.xml", 20_000}, {"classes.dex", 100}}},
		{"long names", docx, []entry{{"[Content_Types].xml", 300}, {"docProps/" + strings.Repeat("x", 5000), 10}, {"word/document.xml", 10}}},
		{"only files", "application/zip", []entry{{"a.txt", 10_000}, {"b.txt", 10}}},
		{"beyond what is looked at", "application/zip", []entry{{"[Content_Types].xml", 300}, {"docProps/thumbnail.jpeg", maxZip}, {"word/document.xml", 10}}},
	} {
		for _, streamed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, streamed %v", tt.name, streamed), func(t *testing.T) {
				content := zipped(t, streamed, tt.entries...)
				raw := "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(content))
				if got := parsed(t, raw).Root.RealType(); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		}
	}
}

// TestRealTypeOfZipInZip has a file that is not packed in another: what is in it does not count, unless sizes are not known.
func TestRealTypeOfZipInZip(t *testing.T) {
	inner := zipped(t, false, entry{"classes.dex", 10})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range []struct{ name, content string }{{"a.txt", "x"}, {"b.apk", inner}} {
		f, err := w.CreateRaw(&zip.FileHeader{Name: e.name, CompressedSize64: uint64(len(e.content)), UncompressedSize64: uint64(len(e.content))})
		if err == nil {
			_, err = f.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := parsed(t, "\r\n"+out.String()).Root.RealType(); got != "application/zip" {
		t.Errorf("got %s", got)
	}
}

// TestRealTypeOfOpenDocument has the type as the content of the first entry.
func TestRealTypeOfOpenDocument(t *testing.T) {
	const want = "application/vnd.oasis.opendocument.text"
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "mimetype", CompressedSize64: uint64(len(want)), UncompressedSize64: uint64(len(want))})
	if err == nil {
		_, err = f.Write([]byte(want))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed(t, "\r\n"+out.String()).Root.RealType(); got != want {
		t.Errorf("got %s", got)
	}
}
