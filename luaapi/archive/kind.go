package archive

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// Kind is a kind of archive, by the name of its usual file extension; that of a compressed tar is as "tar.gz".
type Kind string

// The kinds of archive. Those from Cab on are known and cannot be listed.
const (
	None     Kind = ""
	Zip      Kind = "zip"
	SevenZip Kind = "7z"
	Rar      Kind = "rar"
	Tar      Kind = "tar"
	Gzip     Kind = "gz"
	Bzip2    Kind = "bz2"
	Xz       Kind = "xz"
	Zstd     Kind = "zst"
	Cab      Kind = "cab"
	Arj      Kind = "arj"
	Lha      Kind = "lha"
	Ace      Kind = "ace"
	Iso      Kind = "iso"
	Compress Kind = "Z"
	Lzip     Kind = "lz"
	Lz4      Kind = "lz4"
)

// HeadLength is how many bytes of the beginning tell every kind apart. With 512 it is all but Iso.
const HeadLength = isoMark + 5

const (
	isoMark  = 32769 // ECMA-119: the volume descriptors begin with sector 16
	tarBlock = 512
)

func (k Kind) listable() bool {
	switch k {
	case Zip, SevenZip, Rar, Tar, Gzip, Bzip2, Xz, Zstd:
		return true
	}
	return false
}

type magic struct {
	kind   Kind
	offset int
	bytes  string
}

// magics returns what archives have at fixed places.
func magics() []magic {
	return []magic{
		{Zip, 0, "PK\x03\x04"}, {Zip, 0, "PK\x05\x06"}, {Zip, 0, "PK\x07\x08"},
		{SevenZip, 0, sevenZipMagic}, {Rar, 0, rar4Magic}, {Rar, 0, rar5Magic},
		{Gzip, 0, "\x1f\x8b\x08"}, {Xz, 0, xzMagic}, {Zstd, 0, "\x28\xb5\x2f\xfd"},
		{Cab, 0, "MSCF\x00\x00\x00\x00"}, {Ace, 7, "**ACE**"}, {Compress, 0, "\x1f\x9d"}, {Lzip, 0, "LZIP"}, {Lz4, 0, "\x04\x22\x4d\x18"},
		{Iso, isoMark, "CD001"},
	}
}

// Detect returns which kind of archive begins with these bytes, at best HeadLength of them or all there are.
func Detect(head []byte) Kind {
	for _, m := range magics() {
		if len(head) >= m.offset && bytes.HasPrefix(head[m.offset:], []byte(m.bytes)) {
			return m.kind
		}
	}
	switch {
	case isBzip2(head):
		return Bzip2
	case isTar(head):
		return Tar
	case isLha(head):
		return Lha
	case isArj(head):
		return Arj
	}
	return None
}

// isBzip2 wants a block size and the magic of a block or of the end: three letters alone are text.
func isBzip2(head []byte) bool {
	if len(head) < 10 || string(head[:3]) != "BZh" || head[3] < '1' || head[3] > '9' {
		return false
	}
	return string(head[4:10]) == "\x31\x41\x59\x26\x53\x59" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90"
}

// isTar wants a block with the magic of ustar, or with the checksum that is all that the oldest format has: the sum of the block, with
// blanks for the checksum itself, in octal.
func isTar(head []byte) bool {
	const magic, at, end = 257, 148, 156
	if len(head) < tarBlock || head[0] == 0 {
		return false
	}
	if string(head[magic:magic+5]) == "ustar" {
		return true
	}
	sum := uint64((end - at) * ' ')
	for i, b := range head[:tarBlock] {
		if i < at || i >= end {
			sum += uint64(b)
		}
	}
	claimed, err := strconv.ParseUint(strings.Trim(string(head[at:end]), " \x00"), 8, 32)
	return err == nil && claimed == sum
}

// isLha wants a method such as -lh5-.
func isLha(head []byte) bool {
	if len(head) < 21 || head[2] != '-' || head[3] != 'l' || head[6] != '-' {
		return false
	}
	return (head[4] == 'h' || head[4] == 'z') && strings.ContainsRune("0123456789dsx", rune(head[5]))
}

// isArj wants a main header of a credible size, since its magic has two bytes only.
func isArj(head []byte) bool {
	if len(head) < 11 || head[0] != 0x60 || head[1] != 0xea {
		return false
	}
	size := binary.LittleEndian.Uint16(head[2:])
	return size >= 30 && size <= 2600 && head[4] >= 30 && uint16(head[4]) <= size && head[10] == 2 // the type of a main header
}

// headLength is how much of an entry's content is looked at.
func headLength(name string) int {
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, ".iso") || strings.HasSuffix(lower, ".img") {
		return HeadLength
	}
	return tarBlock
}

// embedded finds an archive that does not begin with the data: a zip, which is found from its end, or what a self-extracting
// program has behind itself.
func (w *walk) embedded(src source, head []byte) (Kind, int64, error) {
	if end, err := w.zipEnd(src); err != nil || end != nil {
		return Zip, 0, err
	}
	if !bytes.HasPrefix(head, []byte("MZ")) && !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return None, 0, nil
	}
	const far = 1 << 20 // the programs of rar and 7z have some 300 KiB
	program, err := src.bytes(0, int(min(src.size, far)))
	if err != nil {
		return None, 0, err
	}
	for _, m := range []magic{{Rar, 0, rar5Magic}, {Rar, 0, rar4Magic}, {SevenZip, 0, sevenZipMagic + "\x00"}} {
		if i := bytes.Index(program, []byte(m.bytes)); i > 0 {
			return m.kind, int64(i), nil
		}
	}
	return None, 0, nil
}
