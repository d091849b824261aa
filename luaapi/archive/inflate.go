package archive

import (
	"bufio"
	"compress/flate"
	"io"
)

// inflater unpacks deflate. It has a window of 32 KiB, so that it is used again: an archive may have thousands of small entries.
type inflater struct {
	walk *walk
	in   *bufio.Reader
	io.ReadCloser
}

// inflate returns an inflater that is not in use.
func (w *walk) inflate(in io.Reader) *inflater {
	if n := len(w.inflaters); n > 0 {
		f := w.inflaters[n-1]
		w.inflaters = w.inflaters[:n-1]
		f.in.Reset(in)
		_ = f.ReadCloser.(flate.Resetter).Reset(f.in, nil) // never fails without a dictionary
		return f
	}
	buffered := bufio.NewReader(in)
	return &inflater{w, buffered, flate.NewReader(buffered)}
}

// Close gives it back.
func (f *inflater) Close() error {
	f.walk.inflaters = append(f.walk.inflaters, f)
	return nil
}
