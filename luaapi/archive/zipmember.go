package archive

import (
	"hash/crc32"
	"io"
	"io/fs"
	"time"
	"unicode/utf8"
)

const (
	zipEntryMagic = "PK\x01\x02"
	zipLocalMagic = "PK\x03\x04"
	zipEntrySize  = 46 // APPNOTE.TXT section 4.3.12
	zipLocalSize  = 30 // section 4.3.7
)

// General purpose flags, APPNOTE.TXT section 4.4.4.
const (
	zipEncrypted = 1 << 0
	zipMarked    = 1 << 1 // LZMA ends with a mark
	zipFollowed  = 1 << 3 // sizes are behind the content
	zipUTF8      = 1 << 11
	zipMasked    = 1 << 13 // the local header hides what the directory has, encrypted
)

// zipMember is an entry of a zip's directory.
type zipMember struct {
	raw           string // its name's bytes
	name          string
	flags, method uint16
	system        byte // on which it was made
	attributes    uint32
	size, packed  int64
	disk          uint16
	offset        int64 // of its header, as the directory says
	modified      time.Time
	index         int   // in the listing
	at, content   int64 // where its header and content are; 0 if nowhere
}

// readMember reads an entry of the directory.
func readMember(r io.Reader) (zipMember, error) {
	b := make([]byte, zipEntrySize)
	if _, err := io.ReadFull(r, b); err != nil {
		return zipMember{}, short(err)
	}
	c := cursor{b: b[4:]}
	m := zipMember{}
	m.system = byte(c.uint16() >> 8)
	c.uint16()
	m.flags, m.method = c.uint16(), c.uint16()
	clock, date := c.uint16(), c.uint16()
	c.uint32()
	m.packed, m.size = int64(c.uint32()), int64(c.uint32())
	name, extra, comment := int(c.uint16()), int(c.uint16()), int64(c.uint16())
	m.disk = c.uint16()
	c.uint16()
	m.attributes, m.offset = c.uint32(), int64(c.uint32())
	m.modified = dosTime(date, clock)
	text := make([]byte, name+extra)
	if _, err := io.ReadFull(r, text); err != nil {
		return zipMember{}, short(err)
	}
	if _, err := io.CopyN(io.Discard, r, comment); err != nil {
		return zipMember{}, short(err)
	}
	m.raw = string(text[:name])
	m.readName()
	m.readExtra(text[name:])
	return m, nil
}

// readName decides how the name is encoded. Without the flag that says UTF-8 it should be CP437, but most programs of today write
// UTF-8 all the same, and hardly a text in CP437 happens to be that.
func (m *zipMember) readName() {
	switch {
	case utf8.ValidString(m.raw) || m.flags&zipUTF8 != 0:
		m.name = m.raw
	default:
		m.name = fromCP437(m.raw)
	}
}

// readExtra reads the extra fields that matter here.
func (m *zipMember) readExtra(extra []byte) {
	c := cursor{b: extra}
	for len(c.b) >= 4 {
		id, length := c.uint16(), c.uint16()
		field := cursor{b: c.take(uint64(length))}
		switch id {
		case 0x0001:
			m.readZip64(&field)
		case 0x5455: // extended timestamp of Info-ZIP
			if field.byte()&1 != 0 && len(field.b) >= 4 {
				m.modified = time.Unix(int64(int32(field.uint32())), 0).UTC()
			}
		case 0x7075: // Unicode path of Info-ZIP: counts if the plain name was not changed after it
			version, sum := field.byte(), field.uint32()
			if version == 1 && !field.short && sum == crc32.ChecksumIEEE([]byte(m.raw)) {
				m.name = string(field.b)
			}
		case 0x9901: // AES of WinZip has the method that is below it
			m.flags |= zipEncrypted
		}
	}
}

// readZip64 reads the sizes that do not fit where they belong, APPNOTE.TXT section 4.5.3.
func (m *zipMember) readZip64(field *cursor) {
	for _, size := range []*int64{&m.size, &m.packed, &m.offset} {
		if *size == 0xffffffff {
			*size = sizeOf(field.uint64())
		}
	}
	if m.disk == 0xffff {
		m.disk = uint16(field.uint32())
	}
}

// entry is the member as it is listed.
func (m *zipMember) entry() Entry {
	mode := m.mode()
	dir := mode.IsDir() || len(m.name) > 0 && m.name[len(m.name)-1] == '/'
	if dir {
		mode |= fs.ModeDir
	}
	return Entry{Name: m.name, Size: m.size, Packed: m.packed, Encrypted: m.flags&zipEncrypted != 0, Dir: dir, Mode: mode, Modified: m.modified}
}

func (m *zipMember) mode() fs.FileMode {
	const unix, mac, dosReadOnly, dosFolder = 3, 19, 0x01, 0x10
	if m.system == unix || m.system == mac {
		return unixMode(m.attributes >> 16)
	}
	mode := fs.FileMode(0o666)
	if m.attributes&dosReadOnly != 0 {
		mode = 0o444
	}
	if m.attributes&dosFolder != 0 {
		mode |= fs.ModeDir | 0o111
	}
	return mode
}

// unixMode returns what Unix has as st_mode.
func unixMode(st uint32) fs.FileMode {
	mode := fs.FileMode(st & 0o777)
	for _, bit := range []struct {
		st   uint32
		mode fs.FileMode
	}{{0o4000, fs.ModeSetuid}, {0o2000, fs.ModeSetgid}, {0o1000, fs.ModeSticky}} {
		if st&bit.st != 0 {
			mode |= bit.mode
		}
	}
	switch st & 0o170000 {
	case 0o040000:
		mode |= fs.ModeDir
	case 0o120000:
		mode |= fs.ModeSymlink
	case 0o010000:
		mode |= fs.ModeNamedPipe
	case 0o140000:
		mode |= fs.ModeSocket
	case 0o020000:
		mode |= fs.ModeDevice | fs.ModeCharDevice
	case 0o060000:
		mode |= fs.ModeDevice
	}
	return mode
}
