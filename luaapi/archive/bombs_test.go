package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/archive"
)

// zeros is n MiB of zeros, deflated: the same bytes again and again, so it takes no time to make.
func zeros(n int) []byte {
	var once bytes.Buffer
	z := must(flate.NewWriter(&once, flate.BestCompression))
	must(z.Write(make([]byte, 1<<20)))
	must(0, z.Flush())
	return append(bytes.Repeat(once.Bytes(), n), 3, 0) // an empty last block
}

// gzZeros is a gzip of that, without what gzip checks behind it.
func gzZeros(n int) []byte {
	return join([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), zeros(n), make([]byte, 8))
}

// deflated is a zip entry of n MiB of zeros.
func deflated(name string, n int) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: uint64(n) << 20}
}

// allocated returns how many bytes are allocated while something is done, and what it returns.
func allocated(list func() archive.Listing) (int64, archive.Listing) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	l := list()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc), l
}

// mentions reports whether a problem of the archive, or of an entry, contains a text.
func mentions(l archive.Listing, text string) bool {
	return strings.Contains(strings.Join(l.Problems, "; ")+shown(l), text)
}

// TestBombs has archives that cost much if one lets them. What is unpacked and allocated is counted. With the race detector a pool forgets, by
// chance, a quarter of what is put into it, so that many entries take up to twice of what they do without.
func TestBombs(t *testing.T) {
	small := archive.Limits{Depth: 3, Entries: 1000, Bytes: 8 << 20, Ratio: 250, Time: time.Hour}
	anyRatio := small
	anyRatio.Ratio = 1 << 30
	hugeLZMA := sevenZip{method: "\x03\x01\x01", properties: lzmaProperties(1<<32 - 1), pack: packLZMA}
	hugeLZMA2 := sevenZip{method: "\x21", properties: []byte{40}, pack: func(b []byte) []byte { return join([]byte{1, 0, byte(len(b) - 1)}, b, []byte{0}) }}
	tests := []struct {
		name      string
		data      []byte
		limits    archive.Limits
		unpacked  int64 // bytes at most
		allocated int64 // bytes at most, besides those
		entries   int
		problem   string
	}{
		{"gz of 10 GB of zeros", gzZeros(10_000), small, 1<<20 + 64<<10, 2 << 20, 1, "unpacks to more than 250 times its size"},
		{"gz of 10 GB of zeros, any ratio", gzZeros(10_000), anyRatio, 8 << 20, 2 << 20, 1, "unpacks to more than 8388608 bytes"},
		{"gz in gz in gz of zeros", gz("", gz("", gzZeros(1000))), small, 8 << 20, 4 << 20, 3, "unpacks to more than 250 times its size"},
		{"zip of 10 GB of zeros", rawZip([]*zip.FileHeader{deflated("zeros", 10_000)}, []string{string(zeros(10_000))}), small, 1024, 1 << 20, 1, "claims a size that is out of proportion"},
		{"zip of zips of zips ...", fortyTwo(6), small, 8 << 20, 12 << 20, 1000, "is an archive too deep inside others to be looked into"},
		{"zip of itself", quine(), small, 5000, 1 << 20, 4, "is an archive too deep inside others to be looked into"},
		{"1000 times the same zeros", overlapping(1000, deflated("x", 100), string(zeros(100))), small, 1 << 20, 8 << 20, 1000, "has entries that share their data"},
		{"1000 times the same gz of zeros", overlapping(1000, &zip.FileHeader{Name: "x"}, string(gzZeros(5))), anyRatio, 8 << 20, 8 << 20, 1000, "has entries that share their data"},
		{"1000 times the same zip", overlapping(900, &zip.FileHeader{Name: "x"}, string(zipOf(file{"y", "z"}))), small, 8 << 20, 80 << 20, 1000, "has more than 1000 entries"},
		{"7z with dictionaries of 4 GiB, LZMA", hugeLZMA.of(two...), small, 2048, 1 << 20, 2, ""},
		{"7z with dictionaries of 4 GiB, LZMA2", hugeLZMA2.of(two...), small, 2048, 1 << 20, 2, ""},
		{"7z with a packed header and a dictionary of 4 GiB", hugeHeader(), small, 2048, 1 << 20, 0, ""},
		{"7z that claims 2^40 files", claims(1 << 40), small, 2048, 1 << 20, 0, "is damaged: 7z: bad header"},
		{"7z that claims all its header could hold", sevenZipFrame(nil, crowded()), small, 0, 24 << 20, 0, "is damaged: 7z: bad header"},
		{"7z with a header of 5 MiB", sevenZipFrame(nil, make([]byte, 5<<20)), small, 0, 1 << 20, 0, "has a header of 5242880 bytes"},
		{"7z that says the same twice", sevenZipFrame(nil, join([]byte{1, 5}, number(9), bytes.Repeat([]byte{14, 2, 255, 255}, 1000))), small, 0, 1 << 20, 0, "is damaged: 7z: bad header"},
		{"zip with an LZMA dictionary of 4 GiB", rawZip([]*zip.FileHeader{{Name: "x", Method: 14, UncompressedSize64: 1 << 33}}, []string{"\x09\x14\x05\x00" + string(lzmaProperties(1<<32-1)) + string(packLZMA([]byte("hello")))}), small, 2048, 10 << 20, 1, ""},
		{"xz with a dictionary of 4 GiB", hugeXz(), small, 2048, 10 << 20, 1, ""},
		{"zst with a window of 1 TiB", []byte("\x28\xb5\x2f\xfd\x00\xf0\x01\x00\x00"), small, 2048, 1 << 20, 1, "is damaged"},
		{"rar 5 with a window of 4 GiB", rar5(rarFile{file: file{"x", "hello"}, method: 15<<10 | 3<<7, size: 1 << 40}, rarFile{file: two[0]}), small, 2048, 1 << 20, 2, "needs a dictionary of 4294967296 bytes"},
		{"rar 5 with 500 windows of 64 MiB", rar5(slices.Repeat([]rarFile{{file: file{"x", "hello"}, method: 9<<10 | 3<<7, size: 1 << 40}}, 500)...), small, 64 << 10, 140 << 20, 500, "needs too much memory for dictionaries"},
		{"gz in gz in gz ...", nested(50, func(b []byte) []byte { return gz("x.gz", b) }), small, 64 << 10, 2 << 20, 4, "is an archive too deep inside others to be looked into"},
		{"tar in tar in tar ...", nested(50, func(b []byte) []byte { return tarOf(file{"x.tar", string(b)}) }), small, 256 << 10, 2 << 20, 4, "is an archive too deep inside others to be looked into"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			took, l := allocated(func() archive.Listing { return list(test.data, test.limits) })
			if l.Unpacked > test.unpacked {
				t.Errorf("unpacked %d bytes, allowed are %d", l.Unpacked, test.unpacked)
			}
			if took > test.allocated+l.Unpacked {
				t.Errorf("allocated %d bytes, allowed are %d", took, test.allocated+l.Unpacked)
			}
			if len(l.Entries) != test.entries || !mentions(l, test.problem) {
				t.Errorf("%d entries, want %d; problems %q, want %q\n%.2000s", len(l.Entries), test.entries, l.Problems, test.problem, shown(l))
			}
			if strings.Contains(test.problem, "more than") && !l.Truncated {
				t.Error("not truncated")
			}
		})
	}
}

// fortyTwo is a zip of 16 zips of 16 zips and so on, at the bottom of which are zeros.
func fortyTwo(depth int) []byte {
	data := rawZip([]*zip.FileHeader{deflated("0.dll", 1000)}, []string{string(zeros(1000))})
	for range depth {
		var files []file
		for i := range 16 {
			files = append(files, file{"lib " + strconv.Itoa(i) + ".zip", string(data)})
		}
		data = zipOf(files...)
	}
	return data
}

// overlapping is a zip whose directory has the same entry n times.
func overlapping(n int, header *zip.FileHeader, content string) []byte {
	one := rawZip([]*zip.FileHeader{header}, []string{content})
	end := one[len(one)-22:]
	start := int(binary.LittleEndian.Uint32(end[16:]))
	entry := one[start : len(one)-22]
	end = slices.Clone(end)
	binary.LittleEndian.PutUint16(end[8:], uint16(n))
	binary.LittleEndian.PutUint16(end[10:], uint16(n))
	binary.LittleEndian.PutUint32(end[12:], uint32(n*len(entry)))
	return join(one[:start], bytes.Repeat(entry, n), end)
}

func nested(depth int, wrap func([]byte) []byte) []byte {
	data := wrap([]byte("at last"))
	for range depth - 1 {
		data = wrap(data)
	}
	return data
}

// hugeHeader is a 7z whose header claims a dictionary, and a size, of 4 GiB.
func hugeHeader() []byte {
	packed := packLZMA([]byte{1, 0})
	z := sevenZip{method: "\x03\x01\x01", properties: lzmaProperties(1<<32 - 1)}
	return sevenZipFrame(packed, join([]byte{23}, z.streams(0, len(packed), 2), []byte{0}))
}

// claims is a 7z that claims many files.
func claims(n int) []byte {
	return sevenZipFrame(nil, join([]byte{1, 5}, number(n), []byte{0, 0}))
}

// crowded is a header of a 7z with four million files, none of which has content, nor a name.
func crowded() []byte {
	const n, most = 4_000_000, 4 << 20
	header := join([]byte{1, 5}, number(n), []byte{14}, number(n/8), bytes.Repeat([]byte{0xff}, n/8), []byte{21, 2, 1, 0})
	return append(header, make([]byte, most-len(header))...)
}

// hugeXz is an xz whose block claims a dictionary of 4 GiB.
func hugeXz() []byte {
	data := xzOf([]byte("hello\n"))
	i := bytes.Index(data, []byte{0x21, 1})
	data[i+2] = 40
	return data
}

// endless is a tar of a million empty files, which counts what is read of it.
type endless struct {
	header []byte
	read   int64
}

func (e *endless) ReadAt(p []byte, offset int64) (int, error) {
	e.read += int64(len(p))
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.header[(offset+int64(n))%512:])
	}
	return n, nil
}

func TestMillionEntries(t *testing.T) {
	e := &endless{header: tarOf(file{"x", ""})[:512]}
	took, l := allocated(func() archive.Listing {
		return archive.List(context.Background(), e, 512*1_000_000, patient())
	})
	if len(l.Entries) != 10_000 || !l.Truncated || strings.Join(l.Problems, "; ") != "has more than 10000 entries" {
		t.Errorf("%d entries, truncated %v, problems %q", len(l.Entries), l.Truncated, l.Problems)
	}
	if e.read > 6<<20 || took > 60<<20 {
		t.Errorf("read %d bytes, allocated %d", e.read, took)
	}
}

// TestNestedCannotHide has an archive with many entries in front of what somebody might want to hide.
func TestNestedCannotHide(t *testing.T) {
	many := overlapping(5000, &zip.FileHeader{Name: "x"}, "x")
	for name, data := range map[string][]byte{
		"zip": zipOf(file{"many.zip", string(many)}, file{"virus.exe", "x"}),
		"7z":  packed().of(file{"many.zip", string(many)}, file{"virus.exe", "x"}),
		"rar": rar5(rarFiles(file{"many.zip", string(many)}, file{"virus.exe", "x"})...),
	} {
		l := list(data, archive.Limits{Depth: 1, Entries: 100, Time: time.Hour})
		if len(l.Entries) != 100 || l.Entries[1].Name != "virus.exe" || !l.Truncated {
			t.Errorf("%s: %d entries, truncated %v: %.200s", name, len(l.Entries), l.Truncated, shown(l))
		}
	}
}

func TestTime(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, data := range [][]byte{zipOf(two...), tarOf(two...), gz("", []byte("x")), packed().of(two...), rar5(rarFiles(two...)...)} {
		l := archive.List(ctx, bytes.NewReader(data), int64(len(data)), patient())
		if len(l.Entries) != 0 || !l.Truncated || strings.Join(l.Problems, "; ") != "has not been listed to its end: the time was over" {
			t.Errorf("%d entries, problems %q", len(l.Entries), l.Problems)
		}
	}
}

// slow ends the time when it is read for the last time.
type slow struct {
	io.ReaderAt
	left   int
	cancel func()
}

func (s *slow) ReadAt(p []byte, offset int64) (int, error) {
	if s.left--; s.left == 0 {
		s.cancel()
	}
	return s.ReaderAt.ReadAt(p, offset)
}

// TestTimeMidway has the time end after each number of reads: what was found by then is there.
func TestTimeMidway(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for range 20 {
		must(0, w.WriteHeader(&tar.Header{Name: "x"}))
	}
	must(0, w.Close())
	before := 0
	for reads := 1; reads < 20; reads++ {
		ctx, cancel := context.WithCancel(context.Background())
		l := archive.List(ctx, &slow{bytes.NewReader(b.Bytes()), reads, cancel}, int64(b.Len()), patient())
		cancel()
		if !l.Truncated || len(l.Entries) < before || len(l.Entries) > 19 {
			t.Errorf("%d reads: %d entries, truncated %v", reads, len(l.Entries), l.Truncated)
		}
		before = len(l.Entries)
	}
	if before < 10 {
		t.Errorf("%d entries", before)
	}
}
