package archive

import (
	"bytes"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/nwaples/rardecode/v2"
)

const (
	rar4Magic = "Rar!\x1a\x07\x00"
	rar5Magic = "Rar!\x1a\x07\x01\x00"
)

// rarMember is a file in a rar.
type rarMember struct {
	entry    Entry
	index    int   // in the listing
	header   int64 // where its header begins
	content  int64 // where its packed data begins
	next     int64 // where the next header begins
	stored   bool
	solid    bool  // unpacked with what was unpacked before
	split    bool  // begins or ends in another volume
	readable bool  // by the decoder
	window   int64 // bytes of the dictionary that it claims
}

// rarBlock is what a header is, if it is one of those that matter.
type rarBlock int

const (
	rarOther rarBlock = iota
	rarFile
	rarEnd
	rarLocked // what follows is encrypted
	rarVolume // the beginning of one of several volumes
)

// rar lists a rar by the headers of its files, then looks into them.
func (w *walk) rar(at place, src source) error {
	offset, read := int64(len(rar4Magic)), w.readRar4
	if head, err := src.bytes(0, len(rar5Magic)); err == nil && string(head) == rar5Magic {
		offset, read = int64(len(rar5Magic)), w.readRar5
	}
	var members []rarMember
	for done := false; offset < src.size && !done; {
		block, m, err := read(src, offset)
		if err != nil {
			w.attempt(at.owner, func() error { return err })
			break
		}
		switch block {
		case rarEnd:
			done = true
		case rarLocked:
			w.listing.Encrypted = true
			w.problem(at.owner, "is encrypted with the names of its entries")
			done = true
		case rarVolume:
			w.problem(at.owner, "is one of several volumes")
		case rarFile:
			index, ok := w.add(at, m.entry)
			if !ok {
				return errLimit
			}
			m.index = index
			members = append(members, m)
		}
		if m.next <= offset || m.next > src.size {
			w.problem(at.owner, "is cut off")
			break
		}
		offset = m.next
	}
	w.rarMembers(src, members)
	return nil
}

// rarMembers looks into the members. Those that are solid belong to the first before them that is not.
func (w *walk) rarMembers(src source, members []rarMember) {
	for len(members) > 0 {
		n := 1
		for n < len(members) && members[n].solid {
			n++
		}
		w.rarGroup(src, members[:n])
		members = members[n:]
	}
}

// rarGroup looks into members that are unpacked one after the other, often a single one.
func (w *walk) rarGroup(src source, members []rarMember) {
	first := members[0]
	if len(members) == 1 && (!first.hasContent() || first.stored && !first.solid && !first.split) {
		w.attempt(first.index, func() error { return w.rarStored(src, first) })
		return
	}
	window, err := rarWindow(members)
	if err == nil {
		w.attempt(first.index, func() error { return w.rarSolid(src, members, window) })
		return
	}
	for _, m := range members {
		if m.hasContent() {
			w.attempt(m.index, func() error { return err })
		}
	}
}

// hasContent reports whether a member has some that can be looked into.
func (m rarMember) hasContent() bool {
	e := m.entry
	return !e.Dir && !e.Encrypted && e.Packed > 0 && e.Mode&fs.ModeType == 0
}

// rarStored looks into a member that is not packed.
func (w *walk) rarStored(src source, m rarMember) error {
	if !m.hasContent() {
		return nil
	}
	in := &counter{Reader: src.section(m.content, m.next-m.content)}
	return w.inside(m.index, w.unpack(in, in))
}

// rarSolid unpacks members and looks into them. The decoder gets an archive that is made of them alone. It takes the window that they claim, so
// nothing is gained by less.
func (w *walk) rarSolid(src source, members []rarMember, window int64) error {
	if err := w.dictionary(window); err != nil {
		return err
	}
	const smallest = 256 << 10 // or the decoder does nothing
	last := members[len(members)-1]
	in := &counter{Reader: src.section(members[0].header, last.next-members[0].header)}
	decoder, err := rardecode.NewReader(io.MultiReader(bytes.NewReader(rar5Head(len(members) > 1)), in), rardecode.MaxDictionarySize(max(window, smallest)), rardecode.SkipCheck)
	if err != nil {
		return err
	}
	for _, m := range members {
		if _, err := decoder.Next(); err != nil {
			return err
		}
		content := w.unpack(decoder, in)
		if !m.hasContent() {
			continue
		}
		w.attempt(m.index, func() error { return w.inside(m.index, content) })
		if m.header == last.header {
			break
		}
		if err := content.drain(); err != nil {
			return err
		}
	}
	return nil
}

// rarWindow returns the size of the dictionary that members need together, or why they cannot be unpacked.
func rarWindow(members []rarMember) (int64, error) {
	window := int64(0)
	for _, m := range members {
		needed := m.window
		if m.entry.Size >= 0 && len(members) == 1 {
			needed = min(needed, m.entry.Size)
		}
		window = max(window, needed)
		if !m.hasContent() {
			continue
		}
		if m.split {
			return 0, flaw("is packed in several volumes, which are not looked into")
		}
		if !m.readable || members[0].solid {
			return 0, flaw("is packed in a way that is not looked through")
		}
	}
	return window, nil
}

// rar5Head returns how a RAR 5 begins: the signature and a main header.
func rar5Head(solid bool) []byte {
	const main, flags, isSolid = 1, 0, 4
	header := []byte{3, main, flags, 0}
	if solid {
		header[3] = isSolid
	}
	return append(append([]byte(rar5Magic), sum32(header)...), header...)
}

func sum32(b []byte) []byte {
	sum := crc32.ChecksumIEEE(b)
	return []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)}
}
