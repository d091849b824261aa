package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"luamilter/luaapi/archive"
)

// day is when everything in the archives was modified.
var day = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// file is what goes into an archive. A name with a slash at its end is a folder.
type file struct{ name, content string }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func list(data []byte, limits archive.Limits) archive.Listing {
	return archive.List(context.Background(), bytes.NewReader(data), int64(len(data)), limits)
}

// patient is the default but for the time, which a busy machine may take.
func patient() archive.Limits {
	limits := archive.Defaults()
	limits.Time = time.Hour
	return limits
}

// shown returns a line for each entry: its path, its size, and what else is to say about it.
func shown(l archive.Listing) string {
	var out strings.Builder
	for _, e := range l.Entries {
		out.WriteString(e.Path)
		if !e.Dir {
			out.WriteString(" " + strconv.FormatInt(e.Size, 10))
		}
		if e.Kind != archive.None {
			out.WriteString(" " + string(e.Kind))
		}
		if e.Encrypted {
			out.WriteString(" encrypted")
		}
		if e.Link != "" {
			out.WriteString(" -> " + e.Link)
		}
		for _, p := range e.Problems {
			out.WriteString("; " + p)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func zipOf(files ...file) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w := must(z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: day}))
		must(io.WriteString(w, f.content))
	}
	must(0, z.Close())
	return out.Bytes()
}

// rawZip is a zip whose entries are given as they shall be in it.
func rawZip(headers []*zip.FileHeader, contents []string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, h := range headers {
		h.CompressedSize64 = uint64(len(contents[i]))
		w := must(z.CreateRaw(h))
		must(io.WriteString(w, contents[i]))
	}
	must(0, z.Close())
	return out.Bytes()
}

func tarOf(files ...file) []byte {
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.content)), ModTime: day}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		must(0, t.WriteHeader(h))
		must(io.WriteString(t, f.content))
	}
	must(0, t.Close())
	return out.Bytes()
}

func gz(name string, content []byte) []byte {
	var out bytes.Buffer
	z := must(gzip.NewWriterLevel(&out, gzip.BestCompression))
	z.Name = name
	must(z.Write(content))
	must(0, z.Close())
	return out.Bytes()
}

func xzOf(content []byte) []byte {
	var out bytes.Buffer
	z := must(xz.WriterConfig{DictCap: 1 << 20}.NewWriter(&out))
	must(z.Write(content))
	must(0, z.Close())
	return out.Bytes()
}

func zst(content []byte) []byte {
	z := must(zstd.NewWriter(nil))
	return z.EncodeAll(content, nil)
}

// hello is the text "hello" and a line feed, as bzip2 packs it.
var hello = must(hex.DecodeString("425a6839314159265359c1c080e2000001410000100244a00030cd00c3462997177245385090c1c080e2"))

// sevenZip makes a 7z: all contents in one folder, which method packs.
type sevenZip struct {
	method     string
	properties []byte
	pack       func([]byte) []byte
	packHeader bool
	edit       func(header []byte) []byte
}

// stored is a 7z that packs nothing.
func stored() sevenZip {
	return sevenZip{method: "\x00", pack: func(b []byte) []byte { return b }}
}

// packed is a 7z as 7z makes it, with LZMA for the header too.
func packed() sevenZip {
	return sevenZip{method: "\x03\x01\x01", properties: lzmaProperties(1 << 20), pack: packLZMA, packHeader: true}
}

func lzmaProperties(dictionary uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0x5d}, dictionary)
}

func packLZMA(b []byte) []byte {
	var out bytes.Buffer
	w := must(lzma.WriterConfig{Size: int64(len(b)), SizeInHeader: true, DictCap: 1 << 20}.NewWriter(&out))
	must(w.Write(b))
	must(0, w.Close())
	return out.Bytes()[lzma.HeaderLen:]
}

// number is how a 7z has numbers; this form of 9 bytes is allowed for each.
func number(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	return binary.LittleEndian.AppendUint64([]byte{0xff}, uint64(n))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// streams describes one folder.
func (z sevenZip) streams(offset, packed, unpacked int) []byte {
	coder := append([]byte{byte(len(z.method))}, z.method...)
	if z.properties != nil {
		coder[0] |= 0x20
		coder = join(coder, number(len(z.properties)), z.properties)
	}
	return join(
		[]byte{6}, number(offset), number(1), []byte{9}, number(packed), []byte{0},
		[]byte{7, 11, 1, 0, 1}, coder, []byte{12}, number(unpacked), []byte{0})
}

func (z sevenZip) of(files ...file) []byte {
	var contents, names, sizes bytes.Buffer
	empty, full := make([]byte, (len(files)+7)/8), 0
	for i, f := range files {
		contents.WriteString(f.content)
		must(0, binary.Write(&names, binary.LittleEndian, append(utf16.Encode([]rune(strings.TrimSuffix(f.name, "/"))), 0)))
		if f.content == "" {
			empty[i/8] |= 0x80 >> (i % 8)
			continue
		}
		full++
	}
	// The size of the last follows from that of the folder.
	written := 0
	for _, f := range files {
		if f.content != "" && written < full-1 {
			sizes.Write(number(len(f.content)))
			written++
		}
	}
	data := z.pack(contents.Bytes())
	header := join([]byte{1, 4}, z.streams(0, len(data), contents.Len()))
	if full != 1 {
		header = join(header, []byte{8, 13}, number(full), []byte{9}, sizes.Bytes(), []byte{0})
	}
	header = join(header, []byte{0, 5}, number(len(files)),
		[]byte{14}, number(len(empty)), empty,
		[]byte{17}, number(names.Len()+1), []byte{0}, names.Bytes(), []byte{0, 0})
	if z.edit != nil {
		header = z.edit(header)
	}
	if z.packHeader {
		packed := packLZMA(header)
		lzma := sevenZip{method: "\x03\x01\x01", properties: lzmaProperties(1 << 20)}
		plain := header
		header = join([]byte{23}, lzma.streams(len(data), len(packed), len(plain)), []byte{0})
		data = join(data, packed)
	}
	return sevenZipFrame(data, header)
}

func sevenZipFrame(data, header []byte) []byte {
	next := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	next = binary.LittleEndian.AppendUint64(next, uint64(len(header)))
	next = binary.LittleEndian.AppendUint32(next, crc32.ChecksumIEEE(header))
	return join([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(next)), next, data, header)
}

// rarFile is a file in a rar. Its content is stored unless method says otherwise.
type rarFile struct {
	file
	packed   string // instead of the content
	method   int    // RAR 5: the compression field; RAR 4: 0 for stored, or as 0x33
	flags    int    // RAR 4
	size     int    // if it is not that of the content
	extra    []byte // RAR 5
	password bool
}

func vint(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func sum(b []byte) []byte { return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) }

// rar5Block has what follows the size of a header, with the size and the checksum.
func rar5Block(fields, data []byte) []byte {
	header := append(vint(len(fields)), fields...)
	return join(sum(header), header, data)
}

func rar5(files ...rarFile) []byte {
	out := join([]byte("Rar!\x1a\x07\x01\x00"), rar5Block([]byte{1, 0, 0}, nil))
	for _, f := range files {
		data := f.content
		if f.packed != "" {
			data = f.packed
		}
		size := len(f.content)
		if f.size != 0 {
			size = f.size
		}
		flags, attributes := 2, 0o100644
		name := f.name
		if strings.HasSuffix(name, "/") {
			flags, attributes, name = 3, 0o40755, strings.TrimSuffix(name, "/")
		}
		extra := f.extra
		if f.password {
			extra = join(extra, vint(2), vint(1), vint(0))
		}
		blockFlags := 2
		if len(extra) > 0 {
			blockFlags = 3
		}
		fields := join(vint(2), vint(blockFlags))
		if len(extra) > 0 {
			fields = join(fields, vint(len(extra)))
		}
		fields = join(fields, vint(len(data)),
			vint(flags), vint(size), vint(attributes), binary.LittleEndian.AppendUint32(nil, uint32(day.Unix())),
			vint(f.method), vint(1), vint(len(name)), []byte(name), extra)
		out = join(out, rar5Block(fields, []byte(data)))
	}
	return join(out, rar5Block([]byte{5, 0, 0}, nil))
}

func rar4Block(kind byte, flags int, fields, data []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte{kind}, uint16(flags))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)+7))
	b = append(b, fields...)
	return join(binary.LittleEndian.AppendUint16(nil, uint16(crc32.ChecksumIEEE(b))), b, data)
}

func rar4(files ...rarFile) []byte {
	out := join([]byte("Rar!\x1a\x07\x00"), rar4Block(0x73, 0, make([]byte, 6), nil))
	for _, f := range files {
		flags, attributes, name := f.flags|0x8000, 0o100644, f.name
		if strings.HasSuffix(name, "/") {
			flags, attributes, name = flags|0xe0, 0o40755, strings.TrimSuffix(name, "/")
		}
		if f.password {
			flags |= 4
		}
		le := binary.LittleEndian
		fields := le.AppendUint32(nil, uint32(len(f.content)))
		fields = le.AppendUint32(fields, uint32(len(f.content)))
		fields = append(fields, 3)
		fields = le.AppendUint32(fields, crc32.ChecksumIEEE([]byte(f.content)))
		fields = le.AppendUint32(fields, uint32(day.Year()-1980)<<25|uint32(day.Month())<<21|uint32(day.Day())<<16|uint32(day.Hour())<<11|uint32(day.Minute())<<5|uint32(day.Second()/2))
		fields = append(fields, 29, byte(max(f.method, 0x30)))
		fields = le.AppendUint16(fields, uint16(len(name)))
		fields = le.AppendUint32(fields, uint32(attributes))
		out = join(out, rar4Block(0x74, flags, append(fields, name...), []byte(f.content)))
	}
	return join(out, rar4Block(0x7b, 0, nil, nil))
}

// symlink makes the mode of one.
const symlink = fs.ModeSymlink | 0o777

func itoa(n int) string { return strconv.Itoa(n) }

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%swant:\n%s", what, got, want)
	}
}
