package archive

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"
)

// compressed lists a single compressed file, or the tar that it is.
func (w *walk) compressed(at place, kind Kind, r io.Reader) error {
	in := &counter{Reader: r}
	entry := Entry{Size: -1, Packed: -1, Mode: 0o666}
	if at.owner != outermost {
		entry.Name = without(w.listing.Entries[at.owner].Name, kind)
	}
	decoder, err := w.decompress(kind, in, &entry)
	if err != nil {
		return err
	}
	defer decoder.Close()
	content := w.unpack(decoder, in)
	head, err := content.peek(tarBlock)
	if err == nil && Detect(head) == Tar {
		w.is(at.owner, Tar+"."+kind)
		return w.tar(at, content)
	}
	i, ok := w.add(at, entry)
	if !ok {
		return errLimit
	}
	w.attempt(i, func() error {
		if err != nil {
			return err
		}
		if err := w.inside(i, content); err != nil {
			return err
		}
		if err := content.drain(); err != nil {
			return err
		}
		e := &w.listing.Entries[i]
		e.Size, e.Packed = content.out, in.n
		return nil
	})
	return nil
}

// decompress begins to unpack. What the header says of the file goes into the entry.
func (w *walk) decompress(kind Kind, in io.Reader, entry *Entry) (io.ReadCloser, error) {
	switch kind {
	case Gzip:
		z, err := gzip.NewReader(bufio.NewReader(in))
		if err != nil {
			return nil, err
		}
		if z.Name != "" {
			entry.Name = z.Name
		}
		if !z.ModTime.IsZero() {
			entry.Modified = z.ModTime.UTC()
		}
		return z, nil
	case Bzip2:
		return io.NopCloser(bzip2.NewReader(in)), nil
	case Xz:
		return io.NopCloser(w.xz(in, -1)), nil
	case Zstd:
		return w.zstd(in, -1)
	}
	return nil, flaw("is compressed in an unknown way")
}

// zstd unpacks zstd with windows of up to 8 MiB, as RFC 8878 section 3.1.1.1.2 recommends. Only zstd --ultra and --long make others.
// size is what it should unpack to, -1 if that is not known.
func (w *walk) zstd(in io.Reader, size int64) (io.ReadCloser, error) {
	const window = 8 << 20
	claimed := int64(window)
	if size >= 0 {
		claimed = min(claimed, size)
	}
	if _, err := w.window(claimed); err != nil {
		return nil, err
	}
	d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(1<<62))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// dosTime returns what MS-DOS calls a time: in an unknown zone, here UTC, and the zero time if there is none.
func dosTime(date, clock uint16) time.Time {
	if date == 0 {
		return time.Time{}
	}
	return time.Date(1980+int(date>>9), time.Month(date>>5&15), int(date&31), int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC)
}
