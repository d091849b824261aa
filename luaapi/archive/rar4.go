package archive

import (
	"hash/crc32"
	"io/fs"
	"strings"
	"unicode/utf16"
)

// The numbers of RAR's technical note before RAR 5.
const (
	rar4Main, rar4File, rar4Service, rar4End = 0x73, 0x74, 0x7a, 0x7b

	rar4MainVolume, rar4MainEncrypted = 0x01, 0x80

	rar4SplitBefore, rar4SplitAfter, rar4Encrypted, rar4Solid, rar4Large, rar4Unicode, rar4HasData = 0x01, 0x02, 0x04, 0x10, 0x100, 0x200, 0x8000

	rar4Folder = 0xe0 // all three bits of the dictionary's size
)

// readRar4 reads the header at an offset.
func (w *walk) readRar4(src source, offset int64) (rarBlock, rarMember, error) {
	const head = 7
	start, err := src.bytes(offset, head)
	if err != nil {
		return rarOther, rarMember{}, err
	}
	c := cursor{b: start}
	sum, kind, flags, size := c.uint16(), c.byte(), c.uint16(), c.uint16()
	if size < head {
		return rarOther, rarMember{}, flaw("is damaged: rar: bad header")
	}
	header, err := src.bytes(offset, int(size))
	if err != nil {
		return rarOther, rarMember{}, err
	}
	m := rarMember{header: offset, content: offset + int64(size)}
	m.next = m.content
	c = cursor{b: header[head:]}
	switch kind {
	case rar4Main:
		if flags&rar4MainEncrypted != 0 {
			return rarLocked, m, nil
		}
		if flags&rar4MainVolume != 0 {
			return rarVolume, m, nil
		}
	case rar4End:
		return rarEnd, m, nil
	case rar4File, rar4Service:
		m.rar4Fields(&c, flags)
		m.next += max(0, min(m.entry.Packed, 1<<62))
		if uint16(crc32.ChecksumIEEE(header[2:])) != sum {
			m.entry.Problems = append(m.entry.Problems, "has a header with a wrong checksum")
		}
		if kind == rar4File {
			return rarFile, m, nil
		}
	default:
		if flags&rar4HasData != 0 {
			m.next += int64(c.uint32())
		}
	}
	return rarOther, m, nil
}

// rar4Fields reads what every file has.
func (m *rarMember) rar4Fields(c *cursor, flags uint16) {
	const unix, stored = 3, 0x30
	e := &m.entry
	packed, size := uint64(c.uint32()), uint64(c.uint32())
	system := c.byte()
	c.uint32() // checksum
	clock, date := c.uint16(), c.uint16()
	c.byte() // version
	method := c.byte()
	name := uint64(c.uint16())
	attributes := c.uint32()
	if flags&rar4Large != 0 {
		packed |= uint64(c.uint32()) << 32
		size |= uint64(c.uint32()) << 32
	}
	raw := c.take(name)
	e.Name = rar4Name(raw, flags&rar4Unicode != 0)
	if c.short {
		e.Problems = append(e.Problems, "has a damaged header")
	}
	e.Packed, e.Size = sizeOf(packed), sizeOf(size)
	e.Encrypted = flags&rar4Encrypted != 0
	e.Modified = dosTime(date, clock)
	m.stored = method == stored
	m.solid = flags&rar4Solid != 0
	m.split = flags&(rar4SplitBefore|rar4SplitAfter) != 0
	if e.Dir = flags&rar4Folder == rar4Folder; e.Dir {
		e.Mode = fs.ModeDir
	}
	if system == unix {
		e.Mode |= unixMode(attributes)
		return
	}
	e.Mode |= rarWindowsMode(uint64(attributes))
}

// rar4Name decodes a name: with the flag it is UTF-8, or a plain name, a NUL, and what makes UTF-16 of it. Folders are separated by
// backslashes, which are not as they would be in Windows: slashes.
func rar4Name(raw []byte, unicode bool) string {
	plain, packed, both := strings.Cut(string(raw), "\x00")
	switch {
	case unicode && both:
		plain = string(utf16.Decode(rar4Unpack(plain, packed)))
	case !unicode && !isASCII(plain):
		plain = fromCP437(plain)
	}
	return strings.ReplaceAll(plain, `\`, "/")
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// rar4Unpack unpacks UTF-16: two bits for each unit say whether it is a byte, a byte with the common upper half, two bytes, or a run
// of the plain name.
func rar4Unpack(plain, packed string) []uint16 {
	const most = 1 << 16
	c := cursor{b: []byte(packed)}
	high := uint16(c.byte()) << 8
	var out []uint16
	flags, bits := byte(0), 0
	for len(c.b) > 0 && len(out) < most {
		if bits == 0 {
			flags, bits = c.byte(), 8
		}
		bits -= 2
		switch flags >> bits & 3 {
		case 0:
			out = append(out, uint16(c.byte()))
		case 1:
			out = append(out, uint16(c.byte())|high)
		case 2:
			out = append(out, c.uint16())
		case 3:
			out = rar4Run(out, plain, high, &c)
		}
	}
	return out
}

// rar4Run appends a run of the plain name, perhaps with something added to each byte.
func rar4Run(out []uint16, plain string, high uint16, c *cursor) []uint16 {
	length := c.byte()
	shift, upper := byte(0), uint16(0)
	if length&0x80 != 0 {
		shift, upper = c.byte(), high
	}
	for range int(length&0x7f) + 2 {
		if len(out) >= len(plain) {
			break
		}
		out = append(out, uint16(plain[len(out)]+shift)|upper)
	}
	return out
}
