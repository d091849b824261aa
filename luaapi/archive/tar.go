package archive

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
)

// tar lists a tar. The memory that archive/tar takes for a pax or GNU header is at most 1 MiB.
func (w *walk) tar(at place, r io.Reader) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // names are judged here
			return err
		}
		mode := h.FileInfo().Mode()
		e := Entry{Name: h.Name, Size: h.Size, Packed: h.Size, Dir: mode.IsDir(), Link: h.Linkname, Mode: mode, Modified: h.ModTime}
		if sparse(h) {
			e.Packed = -1
		}
		if h.ModTime.Unix() == 0 {
			e.Modified = h.ModTime.UTC()
		}
		i, ok := w.add(at, e)
		if !ok {
			return errLimit
		}
		if mode&fs.ModeType == 0 && h.Typeflag != tar.TypeLink && h.Size > 0 {
			w.attempt(i, func() error { return w.inside(i, w.unpack(t, nil)) })
		}
	}
}

func sparse(h *tar.Header) bool {
	return h.Typeflag == tar.TypeGNUSparse || h.PAXRecords["GNU.sparse.major"] != "" || h.PAXRecords["GNU.sparse.map"] != ""
}
