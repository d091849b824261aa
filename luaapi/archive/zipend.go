package archive

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// zipEnd is the end of a zip, which says where the directory is.
type zipEnd struct {
	base        int64 // what has to be added to offsets
	start, stop int64 // of the directory
	entries     uint64
	others      []int64 // where there are other ends of zips, before this one
	problems    []string
}

const (
	zipEndMagic   = "PK\x05\x06"
	zip64EndMagic = "PK\x06\x06"
	zip64Locator  = "PK\x06\x07"
	zipEndSize    = 22 // APPNOTE.TXT section 4.3.16
)

// zipEnd finds the end of a zip: the last record from which there is a directory, as programs that unpack do. It is nil if there is none.
func (w *walk) zipEnd(src source) (*zipEnd, error) {
	const most = 1<<16 + zipEndSize + 4096 // a comment, and what mail may have put behind it
	from := max(0, src.size-most)
	tail, err := src.bytes(from, int(src.size-from))
	if err != nil {
		return nil, err
	}
	const enough = 16 // others
	var found *zipEnd
	for _, i := range slices.Backward(indexes(tail, zipEndMagic)) {
		end := readEnd(src, from+int64(i), tail[i:])
		if end == nil {
			continue
		}
		if found == nil {
			found = end
			continue
		}
		if found.others = append(found.others, from+int64(i)); len(found.others) == enough {
			break
		}
	}
	return found, w.check()
}

// indexes returns where a text is. Looking forward is many times faster than backward.
func indexes(b []byte, text string) []int {
	var found []int
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(text))
		if i < 0 {
			return found
		}
		found = append(found, from+i)
		from += i + len(text)
	}
}

// readEnd reads an end record. It is nil if there is no directory before it.
func readEnd(src source, at int64, record []byte) *zipEnd {
	if len(record) < zipEndSize {
		return nil
	}
	c := cursor{b: record[4:]}
	disk, startDisk := c.uint16(), c.uint16()
	c.uint16()
	end := &zipEnd{stop: at, entries: uint64(c.uint16())}
	size, offset, comment := int64(c.uint32()), int64(c.uint32()), int(c.uint16())
	if size64, offset64, entries, stop, ok := readEnd64(src, at); ok && (size == 0xffffffff || offset == 0xffffffff || end.entries == 0xffff) {
		size, offset, end.entries, end.stop = size64, offset64, entries, stop
	}
	if !end.place(src, size, offset) {
		return nil
	}
	if disk != startDisk || disk != 0 && disk != 0xffff {
		end.problems = append(end.problems, "is one of several volumes")
	}
	if comment < len(record)-zipEndSize {
		end.problems = append(end.problems, "has something else behind its end")
	}
	if end.base > 0 {
		end.problems = append(end.problems, begins(end.base))
	}
	return end
}

// place decides where the directory is: right before the end, or else where its offset says.
func (end *zipEnd) place(src source, size, offset int64) bool {
	for _, start := range []int64{end.stop - size, offset} {
		if start < 0 || start > end.stop || offset < 0 || start < offset {
			continue
		}
		b, err := src.bytes(start, 4)
		if err == nil && (string(b) == zipEntryMagic || end.entries == 0 && start == end.stop) {
			end.start, end.base = start, start-offset
			return true
		}
	}
	return false
}

// readEnd64 reads the zip64 end record that a locator before the end points at.
func readEnd64(src source, at int64) (size, offset int64, entries uint64, stop int64, ok bool) {
	const locator, record = 20, 56 // APPNOTE.TXT sections 4.3.15 and 4.3.14
	b, err := src.bytes(at-locator, locator)
	if err != nil || string(b[:4]) != zip64Locator {
		return 0, 0, 0, 0, false
	}
	for _, place := range []int64{sizeOf(binary.LittleEndian.Uint64(b[8:])), at - locator - record} {
		r, err := src.bytes(place, record)
		if err != nil || string(r[:4]) != zip64EndMagic {
			continue
		}
		c := cursor{b: r[32:]}
		entries, directory, start := c.uint64(), c.uint64(), c.uint64()
		return sizeOf(directory), sizeOf(start), entries, place, true
	}
	return 0, 0, 0, 0, false
}
