package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi/archive"
)

// directory returns where the directory of a zip begins that has no comment.
func directory(z []byte) int { return int(binary.LittleEndian.Uint32(z[len(z)-6:])) }

// withEnd puts another directory before the end of a zip.
func withEnd(z, entries []byte, n int) []byte {
	start, end := directory(z), slices.Clone(z[len(z)-22:])
	binary.LittleEndian.PutUint16(end[8:], uint16(n))
	binary.LittleEndian.PutUint16(end[10:], uint16(n))
	binary.LittleEndian.PutUint32(end[12:], uint32(len(entries)))
	return join(z[:start], entries, end)
}

// entries returns the entries of a zip's directory.
func entries(z []byte) [][]byte {
	var out [][]byte
	for d := z[directory(z) : len(z)-22]; len(d) > 0; {
		le := binary.LittleEndian
		n := 46 + int(le.Uint16(d[28:])) + int(le.Uint16(d[30:])) + int(le.Uint16(d[32:]))
		out, d = append(out, d[:n]), d[n:]
	}
	return out
}

// zip64 moves what the end says into a zip64 record.
func zip64(z []byte) []byte {
	le := binary.LittleEndian
	end := z[len(z)-22:]
	n, size, start := le.Uint16(end[8:]), le.Uint32(end[12:]), le.Uint32(end[16:])
	record := join([]byte("PK\x06\x06"), le.AppendUint64(nil, 44), make([]byte, 12))
	for _, v := range []uint64{uint64(n), uint64(n), uint64(size), uint64(start)} {
		record = le.AppendUint64(record, v)
	}
	locator := join([]byte("PK\x06\x07\x00\x00\x00\x00"), le.AppendUint64(nil, uint64(len(z)-22)), []byte{1, 0, 0, 0})
	return join(z[:len(z)-22], record, locator, []byte("PK\x05\x06\x00\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 12), []byte{0, 0})
}

func edited(data []byte, offset int, with string) []byte {
	data = slices.Clone(data)
	copy(data[offset:], with)
	return data
}

// TestZipTricks has zips that programs understand in different ways.
func TestZipTricks(t *testing.T) {
	z := zipOf(two...)
	plain := rawZip([]*zip.FileHeader{{Name: "a.txt", UncompressedSize64: 6}}, []string{"hello\n"})
	parts := entries(z)
	commented := append(slices.Clone(z), plain...)
	binary.LittleEndian.PutUint16(commented[len(z)-2:], uint16(len(plain)))
	tests := []struct {
		name     string
		data     []byte
		want     string
		problems string
	}{
		{"zip64", zip64(z), twoShown, ""},
		{"text before it", join([]byte("text before it"), z), twoShown, "begins after 14 bytes of something else"},
		{"text behind it", join(z, []byte("text behind it")), twoShown, "has something else behind its end"},
		{"another zip in the comment", commented, "a.txt 6\n", "begins after " + itoa(len(z)) + " bytes of something else; has more than one directory"},
		{"first entry not in the directory", withEnd(z, parts[1], 1), "folder/b.txt 12\n", "has an entry that is not in its directory"},
		{"last entry not in the directory", withEnd(z, parts[0], 1), "a.txt 6\n", "has an entry that is not in its directory"},
		{"entry twice", withEnd(z, join(parts[0], parts[0], parts[1]), 3), "a.txt 6\n" + twoShown, "has entries that share their data"},
		{"wrong number of entries", withEnd(z, join(parts...), 9), twoShown, "has another number of entries than it claims"},
		{"another name", edited(z, 30, "b.txt"), "a.txt 6; has another name in its own header\nfolder/b.txt 12\n", ""},
		{"another size", edited(plain, 18, "\x09"), "a.txt 6; has another size in its own header\n", ""},
		{"another method", edited(plain, 8, "\x08"), "a.txt 6; has another method in its own header\n", ""},
		{"encrypted in one place", edited(plain, 6, "\x01"), "a.txt 6; has another method in its own header\n", ""},
		{"entry elsewhere", edited(plain, directory(plain)+42, "\x05"), "a.txt 6; has no header where the directory says\n", "has an entry that is not in its directory"},
		{"entry longer than all", edited(edited(plain, directory(plain)+20, "\xff\xff"), 18, "\xff\xff"), "a.txt 6; is longer than the archive\n", ""},
		{"several volumes", edited(z, len(z)-18, "\x02\x00\x02"), twoShown, "is one of several volumes"},
		{"method that nobody knows", edited(edited(plain, 8, "\x63"), directory(plain)+10, "\x63"), "a.txt 6; is packed by method 99, which is not looked through\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := list(test.data, patient())
			compare(t, "entries", shown(l), test.want)
			if got := strings.Join(l.Problems, "; "); got != test.problems || l.Kind != archive.Zip {
				t.Errorf("kind %q, problems %q, want %q", l.Kind, got, test.problems)
			}
		})
	}
}

// TestZipMethods has an archive inside, packed in each way that is looked through.
func TestZipMethods(t *testing.T) {
	inner := zipOf(two...)
	packedLZMA := join([]byte("\x09\x14\x05\x00"), lzmaProperties(1<<20), packLZMA(inner))
	tests := []struct {
		name   string
		method uint16
		data   []byte
	}{
		{"stored", 0, inner}, {"lzma", 14, packedLZMA}, {"zstd", 93, zst(inner)}, {"xz", 95, xzOf(inner)},
	}
	for _, test := range tests {
		h := &zip.FileHeader{Name: "x.zip", Method: test.method, UncompressedSize64: uint64(len(inner))}
		l := list(rawZip([]*zip.FileHeader{h}, []string{string(test.data)}), patient())
		compare(t, test.name, shown(l), "x.zip "+itoa(len(inner))+" zip\nx.zip!a.txt 6\nx.zip!folder/b.txt 12\n")
	}
	h := &zip.FileHeader{Name: "a", Method: 12, UncompressedSize64: 6}
	l := list(rawZip([]*zip.FileHeader{h}, []string{string(hello)}), patient())
	compare(t, "bzip2", shown(l), "a 6\n")
}
