package archive

import (
	"context"
	"io"
	"io/fs"
	"time"
)

// Listing is what was found in an archive.
type Listing struct {
	Kind      Kind     // None if the data is no archive
	Entries   []Entry  // those of an archive in the archive come after it, not always directly
	Encrypted bool     // an entry, or the list of entries, is encrypted
	Truncated bool     // a limit was reached: there may be more entries
	Problems  []string // what is wrong with the archive as a whole
	Unpacked  int64    // bytes that were unpacked, or taken for names, in order to list it
}

// Entry is a file, folder or link in an archive.
type Entry struct {
	Path      string      // the names of the archives it is in and its own, as in "a.zip!b.tar!c.txt"
	Name      string      // as the archive has it, at most 4096 bytes; it may be hostile, see Problems
	Size      int64       // bytes unpacked, as the archive claims or, in gzip and the like, as counted; -1 if not known
	Packed    int64       // bytes in the archive; -1 if not known
	Encrypted bool        // its content is
	Dir       bool        // is a folder
	Link      string      // where a symbolic or hard link points, if it is one and its target is known
	Mode      fs.FileMode // permissions and type, as far as the archive says
	Modified  time.Time   // zero if the archive does not say; in UTC where it does not say a zone
	Depth     int         // in how many archives below the outermost it is
	Kind      Kind        // what its content begins like; None if it is no archive, is encrypted, or was not looked into
	Problems  []string    // what is wrong with it
}

// List looks into an archive of size bytes. What the data is, decide its bytes. Bad data is no error: what is wrong is in Problems. When ctx is
// done, the listing is truncated. data is read by this goroutine only, and not after the return.
func List(ctx context.Context, data io.ReaderAt, size int64, limits Limits) Listing {
	limits = limits.filled()
	ctx, cancel := context.WithTimeout(ctx, limits.Time)
	defer cancel()
	listing := Listing{}
	w := &walk{ctx: ctx, limits: limits, listing: &listing, bytes: limits.Bytes, windows: windowsPerByte * min(limits.Bytes, 1<<40)}
	w.attempt(outermost, func() error { return w.look(source{watched{w, data}, max(size, 0)}) })
	listing.Unpacked = limits.Bytes - w.bytes
	return listing
}

// look finds out what the data is, and lists it.
func (w *walk) look(src source) error {
	head := make([]byte, min(HeadLength, src.size))
	if _, err := io.ReadFull(src.reader(), head); err != nil {
		return err
	}
	kind := Detect(head)
	at := place{owner: outermost}
	if kind == None {
		found, offset, err := w.embedded(src, head)
		if err != nil || found == None {
			return err
		}
		kind = found
		if kind != Zip { // a zip file counts from its end
			w.problem(outermost, begins(offset))
			src = source{io.NewSectionReader(src, offset, src.size-offset), src.size - offset}
		}
	}
	w.listing.Kind = kind
	return w.open(at, kind, src)
}

// open lists an archive that can be read at any place.
func (w *walk) open(at place, kind Kind, src source) error {
	switch kind {
	case Zip:
		return w.zip(at, src)
	case SevenZip:
		return w.sevenZip(at, src)
	case Rar:
		return w.rar(at, src)
	case Tar:
		return w.tar(at, src.reader())
	case Gzip, Bzip2, Xz, Zstd:
		return w.compressed(at, kind, src.reader())
	}
	w.problem(at.owner, string(kind)+" archives cannot be listed")
	return nil
}

// inside looks into the content of an entry, if it is an archive.
func (w *walk) inside(i int, content *meter) error {
	e := &w.listing.Entries[i]
	head, err := content.peek(headLength(e.Name))
	if err != nil {
		return err
	}
	kind := Detect(head)
	e.Kind = kind
	if kind == None {
		return nil
	}
	if e.Depth >= w.limits.Depth && kind.listable() {
		w.listing.Truncated = true
		w.problem(i, "is an archive too deep inside others to be looked into")
		return nil
	}
	at := place{owner: i, prefix: e.Path + "!", depth: e.Depth + 1}
	switch kind {
	case Tar:
		return w.tar(at, content)
	case Gzip, Bzip2, Xz, Zstd:
		return w.compressed(at, kind, content)
	case Zip, SevenZip, Rar:
		src, err := spool(content)
		if err != nil {
			return err
		}
		return w.open(at, kind, src)
	}
	return w.open(at, kind, source{})
}
