package archive

import (
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"io"
	"io/fs"
	"slices"
)

// zip lists a zip by its directory, then compares that with the entries themselves, then looks into them. Without a directory, the entries
// are listed as they come.
func (w *walk) zip(at place, src source) error {
	end, err := w.zipEnd(src)
	if err != nil {
		return err
	}
	if end == nil {
		w.problem(at.owner, "has no directory")
		return w.zipWithout(at, src)
	}
	for _, text := range end.problems {
		w.problem(at.owner, text)
	}
	members, err := w.zipDirectory(at, src, end)
	for i := range members {
		if err := w.zipLocal(src, end.base, &members[i]); err != nil {
			return err
		}
	}
	if err == nil {
		w.zipSpans(at, src, end, members)
		w.zipOthers(at, end, members)
	}
	for _, m := range members {
		if m.content > 0 {
			w.attempt(m.index, func() error { return w.zipInside(src, m) })
		}
	}
	return err
}

// zipDirectory lists what is in the directory. The members are those that were added to the listing.
func (w *walk) zipDirectory(at place, src source, end *zipEnd) ([]zipMember, error) {
	r := bufio.NewReader(src.section(end.start, end.stop-end.start))
	var members []zipMember
	for {
		signature, err := r.Peek(4)
		if err == io.EOF || err == nil && string(signature) != zipEntryMagic {
			break
		}
		if err != nil {
			return members, err
		}
		m, err := readMember(r)
		if err != nil {
			return members, err
		}
		index, ok := w.add(at, m.entry())
		if !ok || w.spend(int64(len(m.raw))) != nil {
			return members, errLimit
		}
		m.index = index
		members = append(members, m)
	}
	if uint64(len(members)) != end.entries && uint64(len(members))&0xffff != end.entries {
		w.problem(at.owner, "has another number of entries than it claims")
	}
	return members, nil
}

// zipLocal compares a member with the header before its content, which a program that reads from the front goes by.
func (w *walk) zipLocal(src source, base int64, m *zipMember) error {
	if m.disk != 0 && m.disk != 0xffff {
		w.problem(m.index, "is in another volume")
		return nil
	}
	offset := base + m.offset
	b, err := src.bytes(offset, zipLocalSize)
	if err == errLimit {
		return err
	}
	if m.offset < 0 || err != nil || string(b[:4]) != zipLocalMagic {
		w.problem(m.index, "has no header where the directory says")
		return nil
	}
	c := cursor{b: b[6:]}
	flags, method := c.uint16(), c.uint16()
	c.take(8)
	packed := int64(c.uint32())
	c.uint32()
	name, extra := int(c.uint16()), int64(c.uint16())
	m.at = offset
	m.content = offset + zipLocalSize + int64(name) + extra
	if name != len(m.raw) {
		w.problem(m.index, "has another name in its own header")
	} else if b, err := src.bytes(offset+zipLocalSize, name); err == nil && string(b) != m.raw && flags&zipMasked == 0 {
		w.problem(m.index, "has another name in its own header")
	}
	if method != m.method || (flags^m.flags)&zipEncrypted != 0 {
		w.problem(m.index, "has another method in its own header")
	}
	if packed != m.packed && packed != 0xffffffff && flags&zipFollowed == 0 {
		w.problem(m.index, "has another size in its own header")
	}
	if m.packed < 0 || m.packed > src.size-m.content {
		w.problem(m.index, "is longer than the archive")
	}
	return nil
}

// zipSpans finds what shares its data with others, and entries that the directory does not have.
func (w *walk) zipSpans(at place, src source, end *zipEnd, members []zipMember) {
	sorted := slices.Clone(members)
	slices.SortStableFunc(sorted, func(a, b zipMember) int { return int(max(-1, min(1, a.at-b.at))) })
	reached := int64(0)
	if end.base > 0 {
		reached = end.base // what is before belongs to something else
	}
	for _, m := range sorted {
		if m.content == 0 {
			continue
		}
		if m.at < reached {
			w.problem(at.owner, "has entries that share their data")
		} else {
			w.zipGap(at, src, reached, m.at)
		}
		reached = max(reached, m.content+max(0, min(m.packed, src.size)))
	}
	w.zipGap(at, src, reached, end.start)
}

// zipGap looks for an entry in what is between others, where there may be a data descriptor of up to 24 bytes.
func (w *walk) zipGap(at place, src source, from, to int64) {
	const most = 64
	if to-from < zipLocalSize {
		return
	}
	b, err := src.bytes(from, int(min(to-from, most)))
	if err != nil {
		return
	}
	for i := range len(b) - 3 {
		if string(b[i:i+4]) == zipLocalMagic {
			w.problem(at.owner, "has an entry that is not in its directory")
			return
		}
	}
}

// zipOthers looks for other ends of zips, outside the members: one inside is that of a nested zip.
func (w *walk) zipOthers(at place, end *zipEnd, members []zipMember) {
	for _, other := range end.others {
		inside := slices.ContainsFunc(members, func(m zipMember) bool {
			return other >= m.content && other-m.content < m.packed
		})
		if !inside {
			w.problem(at.owner, "has more than one directory")
		}
	}
}

// zipInside looks into a member.
func (w *walk) zipInside(src source, m zipMember) error {
	e := &w.listing.Entries[m.index]
	link := e.Mode&fs.ModeSymlink != 0
	if e.Encrypted || e.Dir || m.packed <= 0 || e.Mode&fs.ModeType != 0 && !link {
		return nil
	}
	if m.size > ratioFrom && m.size/int64(w.limits.Ratio) > m.packed {
		w.problem(m.index, "claims a size that is out of proportion")
	}
	in := &counter{Reader: src.section(m.content, m.packed)}
	decoder, err := w.zipDecoder(in, m)
	if err != nil {
		return err
	}
	defer decoder.Close()
	content := w.unpack(decoder, in)
	if !link {
		return w.inside(m.index, content)
	}
	target, err := io.ReadAll(io.LimitReader(content, maxName))
	e.Link = string(target)
	return err
}

// zipDecoder unpacks by a method of APPNOTE.TXT section 4.4.5.
func (w *walk) zipDecoder(in io.Reader, m zipMember) (io.ReadCloser, error) {
	switch m.method {
	case 0:
		return io.NopCloser(in), nil
	case 8:
		return w.inflate(in), nil
	case 12:
		return io.NopCloser(bzip2.NewReader(in)), nil
	case 14:
		return w.zipLZMA(in, m)
	case 93:
		return w.zstd(in, m.size)
	case 95:
		return io.NopCloser(w.xz(in, m.size)), nil
	}
	return nil, flawf("is packed by method %d, which is not looked through", m.method)
}

// zipLZMA reads the properties, which APPNOTE.TXT section 5.8.8 puts before the data.
func (w *walk) zipLZMA(in io.Reader, m zipMember) (io.ReadCloser, error) {
	head := make([]byte, 9)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, short(err)
	}
	if binary.LittleEndian.Uint16(head[2:]) != 5 {
		return nil, flaw("is damaged: lzma: no properties")
	}
	size := m.size
	if m.flags&zipMarked != 0 {
		size = -1
	}
	decoder, err := w.lzma(in, head[4:], size)
	return io.NopCloser(decoder), err
}
