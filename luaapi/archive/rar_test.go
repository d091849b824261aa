package archive_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the archives in testdata")

// rarPacked packs a content as RAR 5 does, only that it gains nothing: in a block with a Huffman code of eight bits for each byte. solid goes on
// with the tables of the file before.
func rarPacked(content string) string {
	b := bitWriter{}
	for symbol := range 20 { // the code for lengths has two symbols: 8, and a run of zeros
		length := 0
		if symbol == 8 || symbol == 19 {
			length = 1
		}
		b.add(length, 4)
	}
	b.add(0, 256) // 256 times the length 8
	const zeros = 306 - 256 + 64 + 16 + 44
	b.add(1, 1)
	b.add(127, 7) // 11 to 138 zeros
	b.add(1, 1)
	b.add(zeros-138-11, 7)
	for _, c := range []byte(content) {
		b.add(int(c), 8)
	}
	const last, tables, sizeOfTwo = 0x40, 0x80, 0x08
	flags := byte(last | tables | sizeOfTwo | (b.n+7)%8)
	size := binary.LittleEndian.AppendUint16(nil, uint16(len(b.bytes)))
	return string(join([]byte{flags, 0x5a ^ flags ^ size[0] ^ size[1]}, size, b.bytes))
}

// bitWriter writes numbers, the highest bit first.
type bitWriter struct {
	bytes []byte
	n     int
}

func (b *bitWriter) add(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		if i < 63 && v>>i&1 == 1 {
			b.bytes[b.n/8] |= 0x80 >> (b.n % 8)
		}
		b.n++
	}
}

// rarExamples are archives that tests/archive has other programs read too.
func rarExamples() map[string][]byte {
	const method, solid = 3 << 7, 0x40
	inner := string(gz("", tarOf(two...)))
	return map[string][]byte{
		"rar4.rar":   rar4(rarFiles(file{"folder/", ""}, two[0], two[1])...),
		"rar5.rar":   rar5(rarFiles(file{"folder/", ""}, two[0], two[1])...),
		"packed.rar": rar5(rarFile{file: file{"x.tgz", inner}, packed: rarPacked(inner), method: method}, rarFile{file: two[0]}),
		"solid.rar": rar5(
			rarFile{file: two[0], packed: rarPacked(two[0].content), method: method},
			rarFile{file: file{"x.tgz", inner}, packed: rarPacked(inner), method: method | solid},
			rarFile{file: two[1], packed: rarPacked(two[1].content), method: method | solid}),
	}
}

// TestRarExamples looks into packed files, alone and together.
func TestRarExamples(t *testing.T) {
	inside := "x.tgz!a.txt 6\nx.tgz!folder/b.txt 12\n"
	size := itoa(len(gz("", tarOf(two...))))
	want := map[string]string{
		"rar4.rar":   "folder\n" + twoShown,
		"rar5.rar":   "folder\n" + twoShown,
		"packed.rar": "x.tgz " + size + " tar.gz\na.txt 6\n" + inside,
		"solid.rar":  "a.txt 6\nx.tgz " + size + " tar.gz\nfolder/b.txt 12\n" + inside,
	}
	for name, data := range rarExamples() {
		path := "testdata/" + name
		if *update {
			must(0, os.WriteFile(path, data, 0o644))
		}
		if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, data) {
			t.Errorf("%s is not what is made here: %v; go test -update writes it", path, err)
		}
		l := list(data, patient())
		compare(t, name, shown(l), want[name])
		if len(l.Problems) > 0 || l.Truncated {
			t.Errorf("%s: problems %q, truncated %v", name, l.Problems, l.Truncated)
		}
	}
}

// TestRarUnreadable has files that are listed, but not looked into.
func TestRarUnreadable(t *testing.T) {
	const method, solid = 3 << 7, 0x40
	tests := []struct {
		name    string
		data    []byte
		problem string
	}{
		{"RAR 4, packed", rar4(rarFile{file: two[0], method: 0x33}), "is packed in a way that is not looked through"},
		{"RAR 4, from another volume", rar4(rarFile{file: two[0], flags: 1}), "is packed in several volumes, which are not looked into"},
		{"first is solid", rar5(rarFile{file: two[0], packed: "x", method: method | solid}), "is packed in a way that is not looked through"},
		{"version that nobody knows", rar5(rarFile{file: two[0], packed: "x", method: method | 7}), "is packed in a way that is not looked through"},
		{"nonsense", rar5(rarFile{file: two[0], packed: "nonsense", method: method}), "is damaged: "},
		{"wrong checksum", edited(rar5(rarFile{file: two[0]}), 16, "\x00\x00"), "has a header with a wrong checksum"},
	}
	for _, test := range tests {
		l := list(test.data, patient())
		if len(l.Entries) != 1 || !strings.Contains(strings.Join(l.Entries[0].Problems, "; "), test.problem) || l.Entries[0].Name != "a.txt" {
			t.Errorf("%s: %q\n%s", test.name, l.Problems, shown(l))
		}
	}
}
