package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"hash/crc32"
	"io"
	"io/fs"
)

const (
	sevenZipMagic      = "7z\xbc\xaf\x27\x1c"
	sevenZipHeaderSize = 32
	// sevenZipMost is how large the header of a 7z may be: that of 10,000 entries with names of 60 characters has 1.5 MiB.
	sevenZipMost = 4 << 20
)

// sevenZip lists a 7z by its header, which is at its end and usually packed.
func (w *walk) sevenZip(at place, src source) error {
	b, err := src.bytes(0, sevenZipHeaderSize)
	if err != nil {
		return err
	}
	c := cursor{b: b[12:]}
	offset, size, sum := sizeOf(c.uint64()), c.uint64(), c.uint32()
	if size == 0 {
		return nil // an empty archive
	}
	if size > sevenZipMost {
		w.listing.Truncated = true
		return flawf("has a header of %d bytes", size)
	}
	if offset < 0 || offset > src.size-sevenZipHeaderSize-int64(size) {
		return flaw("is damaged: its end is missing, where the list of entries is")
	}
	header, err := src.bytes(sevenZipHeaderSize+offset, int(size))
	if err != nil {
		return err
	}
	if crc32.ChecksumIEEE(header) != sum {
		w.problem(at.owner, "has a header with a wrong checksum")
	}
	archive, err := w.sevenZipHeader(src, header)
	if err != nil || archive == nil {
		return err
	}
	return w.sevenZipEntries(at, src, archive)
}

// sevenZipHeader reads a header, which may be packed several times. It is nil if it is encrypted.
func (w *walk) sevenZipHeader(src source, header []byte) (*sevenZipArchive, error) {
	const times, plain, packed = 4, 0x01, 0x17
	for range times {
		c := &sevenZipCursor{cursor{b: header}, w.limits.Entries}
		switch c.byte() {
		case plain:
			return c.archive()
		case packed:
		default:
			return nil, flaw("is damaged: 7z: no header")
		}
		streams, err := c.streams()
		if err != nil {
			return nil, err
		}
		if len(streams.folders) != 1 {
			return nil, flaw("is damaged: 7z: header in several parts")
		}
		folder := streams.folders[0]
		if folder.encrypted() {
			w.listing.Encrypted = true
			return nil, flaw("is encrypted with the names of its entries")
		}
		content, err := w.sevenZipContent(src, folder)
		if err != nil {
			return nil, err
		}
		if header, err = io.ReadAll(io.LimitReader(content, min(folder.size, sevenZipMost))); err != nil {
			return nil, err
		}
	}
	return nil, flaw("has a header that is packed many times")
}

// sevenZipEntries lists the entries, then looks into them, folder by folder: so 7z calls what is packed together.
func (w *walk) sevenZipEntries(at place, src source, archive *sevenZipArchive) error {
	sizes, next := archive.streams.sizes, 0
	folder, left := -1, 0
	inFolder := make([][]int, len(archive.streams.folders))
	for _, f := range archive.files {
		e := f.entry
		if f.stream {
			for left == 0 && folder+1 < len(inFolder) {
				folder++
				left = archive.streams.folders[folder].streams
			}
			if left == 0 || next >= len(sizes) {
				return flaw("is damaged: 7z: more files than contents")
			}
			left--
			e.Size, e.Packed = sizes[next], -1
			if archive.streams.folders[folder].streams == 1 {
				e.Packed = archive.streams.folders[folder].packed
			}
			e.Encrypted = archive.streams.folders[folder].encrypted()
			next++
		}
		i, ok := w.add(at, e)
		if !ok {
			return errLimit
		}
		if f.stream {
			inFolder[folder] = append(inFolder[folder], i)
		}
	}
	for f, entries := range inFolder {
		if len(entries) > 0 && !archive.streams.folders[f].encrypted() {
			w.sevenZipFolder(src, archive.streams.folders[f], entries)
		}
	}
	return nil
}

// sevenZipFolder looks into the contents of a folder, one after the other. It ends where the head of the last has been seen.
func (w *walk) sevenZipFolder(src source, folder sevenZipFolder, entries []int) {
	content, err := w.sevenZipContent(src, folder)
	if err != nil {
		for _, i := range entries {
			w.attempt(i, func() error { return err })
		}
		return
	}
	for n, i := range entries {
		if w.check() != nil {
			return
		}
		size := w.listing.Entries[i].Size
		one := &meter{walk: w, r: io.LimitReader(content, size), free: true}
		if w.listing.Entries[i].Mode&fs.ModeSymlink != 0 {
			w.attempt(i, func() error {
				target, err := io.ReadAll(io.LimitReader(one, maxName))
				w.listing.Entries[i].Link = string(target)
				return err
			})
		} else {
			w.attempt(i, func() error { return w.inside(i, one) })
		}
		if n == len(entries)-1 {
			return
		}
		failed := true
		w.attempt(i, func() error {
			err := one.drain()
			failed = err != nil
			return err
		})
		if failed {
			return
		}
	}
}

// sevenZipContent unpacks a folder.
func (w *walk) sevenZipContent(src source, folder sevenZipFolder) (*meter, error) {
	if len(folder.coders) != 1 || folder.offset < 0 {
		return nil, flaw("is packed with filters, which are not looked through")
	}
	if folder.packed > src.size-sevenZipHeaderSize || folder.offset > src.size-sevenZipHeaderSize-folder.packed {
		return nil, flaw("is damaged: its content is not in the archive")
	}
	in := &counter{Reader: src.section(sevenZipHeaderSize+folder.offset, folder.packed)}
	decoder, err := w.sevenZipDecoder(in, folder)
	if err != nil {
		return nil, err
	}
	return w.unpack(decoder, in), nil
}

// sevenZipDecoder unpacks by a method of 7-zip's Methods.txt.
func (w *walk) sevenZipDecoder(in io.Reader, folder sevenZipFolder) (io.Reader, error) {
	coder := folder.coders[0]
	switch coder.method {
	case "\x00":
		return in, nil
	case "\x03\x01\x01":
		return w.lzma(in, coder.properties, folder.size)
	case "\x21":
		if len(coder.properties) != 1 {
			return nil, flaw("is damaged: lzma2: no properties")
		}
		return w.lzma2(bufio.NewReader(in), coder.properties[0], folder.size)
	case "\x04\x01\x08":
		return flate.NewReader(bufio.NewReader(in)), nil
	case "\x04\x02\x02":
		return bzip2.NewReader(in), nil
	case "\x04\xf7\x11\x01":
		return w.zstd(in, folder.size)
	}
	return nil, flawf("is packed by method %x, which is not looked through", coder.method)
}

// encrypted reports whether AES is among the coders.
func (f sevenZipFolder) encrypted() bool {
	for _, c := range f.coders {
		if bytes.HasPrefix([]byte(c.method), []byte("\x06\xf1")) {
			return true
		}
	}
	return false
}
