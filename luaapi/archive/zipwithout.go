package archive

import "io"

// zipWithout lists a zip without a directory, one that was cut off, by the headers before each content.
func (w *walk) zipWithout(at place, src source) error {
	for offset := int64(0); offset <= src.size-zipLocalSize; {
		if err := w.check(); err != nil {
			return err
		}
		m, err := readLocal(src, offset)
		if err != nil {
			return err
		}
		index, ok := w.add(at, m.entry())
		if !ok {
			return errLimit
		}
		m.index = index
		if m.packed, err = w.zipLength(src, m); err != nil || m.packed < 0 || m.packed > src.size-m.content {
			m.packed = src.size - m.content
			w.problem(index, "is longer than the archive")
		}
		if m.flags&zipFollowed != 0 {
			m.size = -1
		}
		w.attempt(index, func() error { return w.zipInside(src, m) })
		offset = nextLocal(src, m.content+m.packed)
	}
	return nil
}

// readLocal reads a header before its content.
func readLocal(src source, offset int64) (zipMember, error) {
	b, err := src.bytes(offset, zipLocalSize)
	if err != nil {
		return zipMember{}, err
	}
	if string(b[:4]) != zipLocalMagic {
		return zipMember{}, flaw("is damaged: zip: no header of an entry")
	}
	c := cursor{b: b[6:]}
	m := zipMember{at: offset}
	m.flags, m.method = c.uint16(), c.uint16()
	clock, date := c.uint16(), c.uint16()
	c.uint32()
	m.packed, m.size = int64(c.uint32()), int64(c.uint32())
	name, extra := int(c.uint16()), int(c.uint16())
	m.modified = dosTime(date, clock)
	text, err := src.bytes(offset+zipLocalSize, name+extra)
	if err != nil {
		return zipMember{}, err
	}
	m.raw = string(text[:name])
	m.readName()
	m.readExtra(text[name:])
	m.content = offset + zipLocalSize + int64(name+extra)
	return m, nil
}

// zipLength returns how long the content of a member is. If its header does not say, deflated content is unpacked to find its end.
func (w *walk) zipLength(src source, m zipMember) (int64, error) {
	if m.flags&zipFollowed == 0 || m.packed > 0 {
		return m.packed, nil
	}
	w.listing.Entries[m.index].Size, w.listing.Entries[m.index].Packed = -1, -1
	if m.method != 8 || m.flags&zipEncrypted != 0 {
		return src.size, nil
	}
	in := &counter{Reader: src.section(m.content, src.size)}
	decoder := w.inflate(in)
	defer decoder.Close()
	content := w.unpack(decoder, in)
	if err := content.drain(); err != nil {
		return 0, err
	}
	packed := in.n - int64(decoder.in.Buffered())
	w.listing.Entries[m.index].Size, w.listing.Entries[m.index].Packed = content.out, packed
	return packed, nil
}

// nextLocal returns where the next header is: at an offset, or behind a data descriptor there. The end if there is none.
func nextLocal(src source, offset int64) int64 {
	const descriptor = 24
	b := make([]byte, descriptor+len(zipLocalMagic))
	n, _ := io.ReadFull(src.section(offset, int64(len(b))), b) // what there is
	for i := range max(0, n-len(zipLocalMagic)+1) {
		if string(b[i:i+len(zipLocalMagic)]) == zipLocalMagic {
			return offset + int64(i)
		}
	}
	return src.size
}
