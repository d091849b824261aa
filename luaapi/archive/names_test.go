package archive_test

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
)

// TestHostileNames has names that are given as they are, and what is said about them.
func TestHostileNames(t *testing.T) {
	tests := []struct {
		name, problems string
	}{
		{"a/b.txt", ""},
		{"größe.txt", ""},
		{"..a/b..c/...", "has a name that ends in a blank or a dot"},
		{"../../etc/passwd", "has .. in its name"},
		{"a/../b", "has .. in its name"},
		{"a/..", "has .. in its name; has a name that ends in a blank or a dot"},
		{"/etc/passwd", "has an absolute name"},
		{"c:/windows", "has an absolute name"},
		{`..\..\x`, "has .. in its name; has a backslash in its name"},
		{`\\server\share`, "has an absolute name; has a backslash in its name"},
		{"a.txt\x00.exe", "has a NUL in its name"},
		{"a\r\nb", "has a control character in its name"},
		{"invoice\u202efdp.exe", "has a character in its name that changes the direction of text"},
		{"a\u200bb", "has an invisible character in its name"},
		{"a.exe ", "has a name that ends in a blank or a dot"},
		{"a\xff", "has a name that is not UTF-8"},
		{"", "has no name"},
	}
	for _, test := range tests {
		l := list(rar5(rarFile{file: file{test.name, "x"}}), patient())
		if len(l.Entries) != 1 || l.Entries[0].Name != test.name || l.Entries[0].Path != test.name || strings.Join(l.Entries[0].Problems, "; ") != test.problems {
			t.Errorf("%q: %q, want %s", test.name, shown(l), test.problems)
		}
	}
}

func TestLongName(t *testing.T) {
	l := list(zipOf(file{strings.Repeat("x", 60_000), "x"}), patient())
	if len(l.Entries) != 1 || len(l.Entries[0].Name) != 4096 || strings.Join(l.Entries[0].Problems, "; ") != "has a name that is longer than 4096 bytes" {
		t.Errorf("%.100q", shown(l))
	}
}

// unicodePath is the extra field of Info-ZIP for a name.
func unicodePath(plain, name string) []byte {
	field := append([]byte{1}, binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(plain)))...)
	field = append(field, name...)
	return join([]byte{0x75, 0x70, byte(len(field)), 0}, field)
}

func TestZipNames(t *testing.T) {
	const utf8 = 1 << 11
	tests := []struct {
		name   string
		header zip.FileHeader
		want   string
	}{
		{"CP437", zip.FileHeader{Name: "gr\x94\xe1e.txt"}, "größe.txt"},
		{"UTF-8 with its flag", zip.FileHeader{Name: "größe.txt", Flags: utf8}, "größe.txt"},
		{"UTF-8 without its flag", zip.FileHeader{Name: "größe.txt", NonUTF8: true}, "größe.txt"},
		{"not UTF-8 with its flag", zip.FileHeader{Name: "gr\x94\xe1e.txt", Flags: utf8}, "gr\x94\xe1e.txt"},
		{"extra field", zip.FileHeader{Name: "gr??e.txt", Extra: unicodePath("gr??e.txt", "größe.txt")}, "größe.txt"},
		{"extra field of another name", zip.FileHeader{Name: "x.txt", Extra: unicodePath("gr??e.txt", "größe.txt")}, "x.txt"},
	}
	for _, test := range tests {
		l := list(rawZip([]*zip.FileHeader{&test.header}, []string{"hello\n"}), patient())
		if len(l.Entries) != 1 || l.Entries[0].Name != test.want {
			t.Errorf("%s: %q, want %q", test.name, shown(l), test.want)
		}
	}
}

// TestRar4Names has names in UTF-16 behind the plain one, in each way that they are packed.
func TestRar4Names(t *testing.T) {
	tests := []struct {
		name, packed, want string
		flags              int
	}{
		{"plain", "a.txt", "a.txt", 0},
		{"backslashes", `d\a.txt`, "d/a.txt", 0},
		{"CP437", "\x94.txt", "ö.txt", 0},
		{"UTF-8", "ö.txt", "ö.txt", 0x200},
		{"bytes", "x\x00\x04\x00ab", "ab", 0x200},
		{"bytes with an upper half", "x\x00\x04\x50\x10\x11", "АБ", 0x200},
		{"two bytes", "x\x00\x00\x80\x10\x04", "А", 0x200},
		{"run of the plain name", "name\x00\x00\xc0\x02", "name", 0x200},
		{"run with a shift", "ab\x00\x04\xc0\x80\x10", "ѱѲ", 0x200},
	}
	for _, test := range tests {
		l := list(rar4(rarFile{file: file{test.packed, "x"}, flags: test.flags}), patient())
		if len(l.Entries) != 1 || l.Entries[0].Name != test.want {
			t.Errorf("%s: %q, want %q", test.name, shown(l), test.want)
		}
	}
}
