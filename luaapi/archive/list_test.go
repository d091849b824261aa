package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"luamilter/luaapi/archive"
)

// two is what most archives here have, and how it is shown.
var two = []file{{"a.txt", "hello\n"}, {"folder/b.txt", "hello again\n"}}

const twoShown = "a.txt 6\nfolder/b.txt 12\n"

func rarFiles(files ...file) []rarFile {
	var out []rarFile
	for _, f := range files {
		out = append(out, rarFile{file: f})
	}
	return out
}

func TestKinds(t *testing.T) {
	lzma2 := sevenZip{method: "\x21", properties: []byte{16}, pack: func(b []byte) []byte { return join([]byte{1, 0, byte(len(b) - 1)}, b, []byte{0}) }}
	tests := []struct {
		name string
		data []byte
		kind archive.Kind
		want string
	}{
		{"nothing", nil, archive.None, ""},
		{"text", []byte("PK is how a letter may begin"), archive.None, ""},
		{"zip", zipOf(two...), archive.Zip, twoShown},
		{"empty zip", zipOf(), archive.Zip, ""},
		{"tar", tarOf(two...), archive.Tar, twoShown},
		{"tar.gz", gz("x.tar", tarOf(two...)), "tar.gz", twoShown},
		{"tar.xz", xzOf(tarOf(two...)), "tar.xz", twoShown},
		{"tar.zst", zst(tarOf(two...)), "tar.zst", twoShown},
		{"gz", gz("a.txt", []byte("hello\n")), archive.Gzip, "a.txt 6\n"},
		{"gz without a name", gz("", []byte("hello\n")), archive.Gzip, " 6; has no name\n"},
		{"bz2", hello, archive.Bzip2, " 6; has no name\n"},
		{"xz", xzOf([]byte("hello\n")), archive.Xz, " 6; has no name\n"},
		{"two xz, with padding", join(xzOf([]byte("hello\n")), make([]byte, 8), xzOf([]byte("again\n"))), archive.Xz, " 12; has no name\n"},
		{"zst", zst([]byte("hello\n")), archive.Zstd, " 6; has no name\n"},
		{"7z, stored", stored().of(two...), archive.SevenZip, twoShown},
		{"7z, LZMA", packed().of(two...), archive.SevenZip, twoShown},
		{"7z, LZMA2", lzma2.of(two...), archive.SevenZip, twoShown},
		{"empty 7z", sevenZipFrame(nil, nil), archive.SevenZip, ""},
		{"7z with a folder and an empty file", stored().of(file{"d/", ""}, file{"a.txt", "hello\n"}), archive.SevenZip, "d\na.txt 6\n"},
		{"rar 5", rar5(rarFiles(two...)...), archive.Rar, twoShown},
		{"rar 4", rar4(rarFiles(two...)...), archive.Rar, twoShown},
		{"rar 5 with a folder", rar5(rarFiles(file{"d/", ""}, two[0])...), archive.Rar, "d\na.txt 6\n"},
		{"rar 4 with a folder", rar4(rarFiles(file{"d/", ""}, two[0])...), archive.Rar, "d\na.txt 6\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := list(test.data, patient())
			if l.Kind != test.kind {
				t.Errorf("kind is %q, want %q", l.Kind, test.kind)
			}
			compare(t, "entries", shown(l), test.want)
			if len(l.Problems) > 0 || l.Truncated || l.Encrypted {
				t.Errorf("problems %q, truncated %v, encrypted %v", l.Problems, l.Truncated, l.Encrypted)
			}
		})
	}
}

func TestModifiedAndMode(t *testing.T) {
	for name, data := range map[string][]byte{
		"zip": zipOf(two...), "tar": tarOf(two...), "rar 5": rar5(rarFiles(two...)...), "rar 4": rar4(rarFiles(two...)...),
	} {
		l := list(data, patient())
		if len(l.Entries) != 2 {
			t.Errorf("%s: %d entries", name, len(l.Entries))
			continue
		}
		if e := l.Entries[0]; !e.Modified.Equal(day) || e.Mode.Perm()&0o600 != 0o600 || e.Dir || e.Packed < 1 {
			t.Errorf("%s: modified %v, mode %v, dir %v, packed %d", name, e.Modified, e.Mode, e.Dir, e.Packed)
		}
	}
}

// TestKnownOnly has archives that are known, but not listed.
func TestKnownOnly(t *testing.T) {
	arj := join([]byte{0x60, 0xea, 40, 0, 34, 11, 1, 2, 0, 0, 2}, make([]byte, 60))
	iso := make([]byte, 40_000)
	copy(iso[32769:], "CD001")
	tests := []struct {
		kind archive.Kind
		data []byte
	}{
		{archive.Cab, []byte("MSCF\x00\x00\x00\x00 and so on")},
		{archive.Arj, arj},
		{archive.Lha, []byte("\x19\x5f-lh5-\x10\x00\x00\x00\x20\x00\x00\x00 and so on")},
		{archive.Ace, []byte("\x31\x34\x31\x00\x00\x00\x90**ACE**\x14\x14 and so on")},
		{archive.Iso, iso},
		{archive.Compress, []byte("\x1f\x9d\x90 and so on")},
		{archive.Lzip, []byte("LZIP\x01\x0c and so on")},
		{archive.Lz4, []byte("\x04\x22\x4d\x18 and so on")},
	}
	for _, test := range tests {
		l := list(test.data, patient())
		if l.Kind != test.kind || len(l.Problems) != 1 || l.Problems[0] != string(test.kind)+" archives cannot be listed" {
			t.Errorf("%s: is %q, problems %q", test.kind, l.Kind, l.Problems)
		}
		name := "x." + string(test.kind)
		l = list(zipOf(file{name, string(test.data)}), patient())
		if len(l.Entries) != 1 || l.Entries[0].Kind != test.kind || len(l.Entries[0].Problems) != 1 {
			t.Errorf("%s in a zip: %s", test.kind, shown(l))
		}
	}
}

// TestDetectText has what is no archive although it begins nearly as one.
func TestDetectText(t *testing.T) {
	for _, text := range []string{"", "P", "BZh9 is no header", "Rar!", "7z", "-lh", "`\xea", "MZ", "\x1f\x8b", strings.Repeat("text ", 200), strings.Repeat("\x00", 2000)} {
		if kind := archive.Detect([]byte(text)); kind != archive.None {
			t.Errorf("%.20q is %q", text, kind)
		}
	}
}

// TestNested has archives in archives of all kinds.
func TestNested(t *testing.T) {
	inner := map[string][]byte{
		"x.zip": zipOf(two...), "x.tar": tarOf(two...), "x.tgz": gz("", tarOf(two...)), "x.tar.xz": xzOf(tarOf(two...)),
		"x.7z": packed().of(two...), "x.rar": rar5(rarFiles(two...)...), "y.rar": rar4(rarFiles(two...)...),
	}
	outer := map[string]func(f file) []byte{
		"zip":  func(f file) []byte { return zipOf(f) },
		"tar":  func(f file) []byte { return tarOf(f) },
		"tgz":  func(f file) []byte { return gz("", tarOf(f)) },
		"7z":   func(f file) []byte { return packed().of(f) },
		"rar5": func(f file) []byte { return rar5(rarFile{file: f}) },
		"rar4": func(f file) []byte { return rar4(rarFile{file: f}) },
		"gz":   func(f file) []byte { return gz(f.name, []byte(f.content)) },
		"xz":   func(f file) []byte { return zipOf(file{f.name + ".xz", string(xzOf([]byte(f.content)))}) },
	}
	for name, data := range inner {
		for around, wrap := range outer {
			l := list(wrap(file{name, string(data)}), patient())
			if last := len(l.Entries) - 1; last < 2 || !strings.HasSuffix(l.Entries[last].Path, name+"!folder/b.txt") ||
				l.Entries[last-1].Name != "a.txt" || l.Entries[last].Depth < 1 || l.Entries[last].Size != 12 || l.Truncated || len(l.Problems) > 0 {
				if name == "x.tar" && (around == "gz" && l.Kind == "tar.gz" || around == "xz" && l.Entries[0].Kind == "tar.xz") {
					continue // is one archive
				}
				t.Errorf("%s in %s: %q\n%s", name, around, l.Problems, shown(l))
			}
		}
	}
}

func TestNestedPaths(t *testing.T) {
	content := zipOf(file{"read.me", "first"}, file{"b.zip", string(zipOf(file{"c.tar.gz", string(gz("", tarOf(file{"d/e.txt.gz", string(gz("e.txt", []byte("deep")))})))}))}, file{"z.txt", "last"})
	compare(t, "entries", shown(list(content, patient())), `read.me 5
b.zip `+size(l(content), 1)+` zip
z.txt 4
b.zip!c.tar.gz `+size(l(content), 3)+` tar.gz
b.zip!c.tar.gz!d/e.txt.gz 34 gz
b.zip!c.tar.gz!d/e.txt.gz!e.txt 4
`)
}

func l(data []byte) archive.Listing { return list(data, patient()) }

func size(l archive.Listing, i int) string {
	return strings.Fields(strings.SplitAfter(shown(l), "\n")[i])[1]
}

func TestEncrypted(t *testing.T) {
	secret := &zip.FileHeader{Name: "a.txt", Flags: 1, Method: zip.Store, UncompressedSize64: 6}
	aes := sevenZip{method: "\x06\xf1\x07\x01", properties: []byte{0x13, 0}, pack: func(b []byte) []byte { return b }}
	tests := []struct {
		name    string
		data    []byte
		want    string
		problem string
	}{
		{"zip", rawZip([]*zip.FileHeader{secret}, []string{"123456789012abcdef"}), "a.txt 6 encrypted\n", ""},
		{"7z", aes.of(two[0]), "a.txt 6 encrypted\n", ""},
		{"rar 5", rar5(rarFile{file: two[0], password: true}), "a.txt 6 encrypted\n", ""},
		{"rar 4", rar4(rarFile{file: two[0], password: true}), "a.txt 6 encrypted\n", ""},
		{"rar 5 with its names", join([]byte("Rar!\x1a\x07\x01\x00"), rar5Block([]byte{4, 0, 0, 0, 15}, nil), make([]byte, 64)), "", "is encrypted with the names of its entries"},
		{"rar 4 with its names", join([]byte("Rar!\x1a\x07\x00"), rar4Block(0x73, 0x80, make([]byte, 6), nil), make([]byte, 64)), "", "is encrypted with the names of its entries"},
		{"7z with its names", sevenZipFrame(make([]byte, 64), join([]byte{23}, aes.streams(0, 64, 60), []byte{0})), "", "is encrypted with the names of its entries"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := list(test.data, patient())
			compare(t, "entries", shown(l), test.want)
			if got := strings.Join(l.Problems, "; "); !l.Encrypted || got != test.problem {
				t.Errorf("encrypted %v, problems %q", l.Encrypted, got)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	link := &zip.FileHeader{Name: "l", Method: zip.Store, UncompressedSize64: 11}
	link.SetMode(symlink)
	var tarred bytes.Buffer
	w := tar.NewWriter(&tarred)
	must(0, w.WriteHeader(&tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}))
	must(0, w.Close())
	redirection := join(vint(5), vint(1), vint(0), vint(11), []byte("/etc/passwd"))
	tests := map[string][]byte{
		"zip": rawZip([]*zip.FileHeader{link}, []string{"/etc/passwd"}),
		"tar": tarred.Bytes(),
		"rar": rar5(rarFile{file: file{"l", ""}, extra: join(vint(len(redirection)), redirection)}),
	}
	for name, data := range tests {
		l := list(data, patient())
		if len(l.Entries) != 1 || l.Entries[0].Link != "/etc/passwd" || l.Entries[0].Mode.Type() != symlink&^0o777 {
			t.Errorf("%s: %s%v", name, shown(l), l.Problems)
		}
	}
}

// TestSelfExtracting has programs before archives.
func TestSelfExtracting(t *testing.T) {
	program := join([]byte("MZ"), bytes.Repeat([]byte("code "), 1000))
	for name, data := range map[string][]byte{"zip": zipOf(two...), "7z": packed().of(two...), "rar": rar5(rarFiles(two...)...)} {
		l := list(join(program, data), patient())
		compare(t, name, shown(l), twoShown)
		if got := strings.Join(l.Problems, "; "); got != "begins after 5002 bytes of something else" || string(l.Kind) != name {
			t.Errorf("%s: kind %q, problems %q", name, l.Kind, got)
		}
	}
}

// TestCutOff has archives that end too soon, at every byte: nothing is worse than a problem, and what is before the cut is listed.
func TestCutOff(t *testing.T) {
	archives := map[string][]byte{
		"zip": zipOf(two...), "tar": tarOf(two...), "tar.gz": gz("", tarOf(two...)), "gz": gz("x", []byte("hello")), "xz": xzOf([]byte("hello")),
		"zst": zst([]byte("hello")), "bz2": hello, "7z": packed().of(two...), "rar 5": rar5(rarFiles(two...)...), "rar 4": rar4(rarFiles(two...)...),
	}
	for name, data := range archives {
		for n := range data {
			l := list(data[:n], patient())
			if len(l.Entries) > 2 {
				t.Errorf("%s, %d bytes: %s", name, n, shown(l))
			}
		}
	}
	l := list(archives["zip"][:60], patient())
	compare(t, "a zip of 60 bytes", shown(l), "a.txt 6\n")
	l = list(archives["zip"][:len(archives["zip"])-30], patient())
	compare(t, "a zip without an end", shown(l), twoShown)
	l = list(archives["rar 5"][:len(archives["rar 5"])-20], patient())
	compare(t, "a rar without an end", shown(l), twoShown)
}

// failing is a reader that fails.
type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("no such luck") }

func TestUnreadable(t *testing.T) {
	l := archive.List(context.Background(), failing{}, 100, patient())
	if got := strings.Join(l.Problems, "; "); got != "is damaged: no such luck" {
		t.Errorf("problems %q", got)
	}
	l = archive.List(context.Background(), io.NewSectionReader(bytes.NewReader(nil), 0, 0), -1, patient())
	if len(l.Problems) > 0 || l.Kind != archive.None {
		t.Errorf("kind %q, problems %q", l.Kind, l.Problems)
	}
}
