package archive

import (
	"bytes"
	"io/fs"
	"time"
)

// The numbers of RAR 5's technical note, "RAR 5.0 archive format".
const (
	rar5Main, rar5File, rar5Encryption, rar5End = 1, 2, 4, 5

	rar5HasExtra, rar5HasData, rar5SplitBefore, rar5SplitAfter = 1, 2, 8, 16

	rar5IsDir, rar5HasTime, rar5HasSum, rar5SizeUnknown = 1, 2, 4, 8

	rar5Volume = 1 // flag of a main header

	rar5ExtraEncryption, rar5ExtraTime, rar5ExtraLink = 1, 3, 5
)

// rar5Block is a header: its numbers, and what follows them.
type rar5Block struct {
	kind, flags     uint64
	data            uint64 // bytes behind the header
	fields, records cursor // of the kind, and extra
	content         int64  // where the data begins
	sumOK           bool
}

// readRar5Block reads a header of any kind.
func readRar5Block(src source, offset int64) (rar5Block, error) {
	const sums, most, damaged = 4, 2 << 20, flaw("is damaged: rar: bad header") // 2 MiB is the format's limit
	start, err := src.bytes(offset, int(min(sums+3, src.size-offset)))
	if err != nil {
		return rar5Block{}, err
	}
	c := cursor{b: start[min(sums, len(start)):]}
	available := len(c.b)
	size := c.varint()
	length := available - len(c.b) // of the size itself
	if c.short || size == 0 || size > most {
		return rar5Block{}, damaged
	}
	header, err := src.bytes(offset+sums, length+int(size))
	if err != nil {
		return rar5Block{}, err
	}
	b := rar5Block{content: offset + sums + int64(len(header)), sumOK: bytes.Equal(sum32(header), start[:sums])}
	c = cursor{b: header[length:]}
	b.kind, b.flags = c.varint(), c.varint()
	extra := uint64(0)
	if b.flags&rar5HasExtra != 0 {
		extra = c.varint()
	}
	if b.flags&rar5HasData != 0 {
		b.data = c.varint()
	}
	if c.short || extra > uint64(len(c.b)) || b.data > 1<<62 {
		return rar5Block{}, damaged
	}
	b.fields.b = c.take(uint64(len(c.b)) - extra)
	b.records.b = c.b
	return b, nil
}

// readRar5 reads the header at an offset.
func (w *walk) readRar5(src source, offset int64) (rarBlock, rarMember, error) {
	b, err := readRar5Block(src, offset)
	if err != nil {
		return rarOther, rarMember{}, err
	}
	m := rarMember{header: offset, content: b.content, next: b.content + int64(b.data)}
	switch b.kind {
	case rar5Main:
		if b.fields.varint()&rar5Volume != 0 {
			return rarVolume, m, nil
		}
	case rar5Encryption:
		return rarLocked, m, nil
	case rar5End:
		return rarEnd, m, nil
	case rar5File:
		m.split = b.flags&(rar5SplitBefore|rar5SplitAfter) != 0
		m.entry.Packed = int64(b.data)
		m.rar5Fields(&b.fields)
		m.rar5Records(&b.records)
		if b.fields.short || b.records.short {
			m.entry.Problems = append(m.entry.Problems, "has a damaged header")
		}
		if !b.sumOK {
			m.entry.Problems = append(m.entry.Problems, "has a header with a wrong checksum")
		}
		return rarFile, m, nil
	}
	return rarOther, m, nil
}

// rar5Fields reads what every file has.
func (m *rarMember) rar5Fields(c *cursor) {
	const unix, versions = 1, 1
	e := &m.entry
	flags := c.varint()
	e.Size = sizeOf(c.varint())
	if flags&rar5SizeUnknown != 0 {
		e.Size = -1
	}
	attributes := c.varint()
	if flags&rar5HasTime != 0 {
		e.Modified = time.Unix(int64(c.uint32()), 0).UTC()
	}
	if flags&rar5HasSum != 0 {
		c.uint32()
	}
	method := c.varint()
	system := c.varint()
	e.Name = string(c.take(c.varint()))
	m.stored = method>>7&7 == 0
	m.solid = method&0x40 != 0
	version := method & 0x3f
	m.readable = version <= versions
	m.window = 128 << 10 << min(method>>10&15, 15)
	if version == 1 {
		m.window = 128 << 10 << min(method>>10&31, 31)
		m.window += m.window / 32 * int64(method>>15&31)
	}
	if e.Dir = flags&rar5IsDir != 0; e.Dir {
		e.Mode = fs.ModeDir
	}
	if system == unix {
		e.Mode |= unixMode(uint32(attributes))
		return
	}
	e.Mode |= rarWindowsMode(attributes)
}

func rarWindowsMode(attributes uint64) fs.FileMode {
	const readOnly, folder = 0x01, 0x10
	mode := fs.FileMode(0o666)
	if attributes&readOnly != 0 {
		mode = 0o444
	}
	if attributes&folder != 0 {
		mode |= 0o111
	}
	return mode
}

// rar5Records reads what some files have.
func (m *rarMember) rar5Records(c *cursor) {
	for len(c.b) > 0 && !c.short {
		record := cursor{b: c.take(c.varint())}
		switch record.varint() {
		case rar5ExtraEncryption:
			m.entry.Encrypted = true
		case rar5ExtraTime:
			const inSeconds, modified = 1, 2
			switch flags := record.varint(); {
			case flags&modified == 0:
			case flags&inSeconds != 0:
				m.entry.Modified = time.Unix(int64(record.uint32()), 0).UTC()
			default:
				m.entry.Modified = windowsTime(record.uint64())
			}
		case rar5ExtraLink:
			m.link(record.varint(), &record)
		}
	}
}

// link reads where a link points. The last two types are links inside the archive.
func (m *rarMember) link(kind uint64, record *cursor) {
	const unixSymlink, junction = 1, 3
	record.varint()
	m.entry.Link = string(record.take(record.varint()))
	if kind >= unixSymlink && kind <= junction {
		m.entry.Mode |= fs.ModeSymlink
	}
}
