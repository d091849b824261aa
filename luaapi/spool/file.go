package spool

import (
	"fmt"
	"io"
	"os"

	"luamilter/luaapi/mime"
)

// File is a body in a file. It is a mime.Source, and a mime.Scratch: what is made of it goes into files that are closed with it. It is not
// safe for use by several goroutines, but for reading.
type File struct {
	dir  *Dir
	file *os.File
	size int64
	made []*File // by Keep
}

// Write appends to the file. An error is one of the disk, or ErrFull.
func (f *File) Write(p []byte) (int, error) {
	if !f.dir.take(int64(len(p))) {
		return 0, ErrFull
	}
	n, err := f.file.Write(p)
	f.size += int64(n)
	if n < len(p) {
		f.dir.giveBack(int64(len(p) - n))
	}
	if err != nil {
		return n, fmt.Errorf("write a message to the spool: %w", err)
	}
	return n, nil
}

// Len returns the size in bytes.
func (f *File) Len() int64 { return f.size }

// ReadAt is that of io.ReaderAt.
func (f *File) ReadAt(p []byte, at int64) (int, error) { return f.file.ReadAt(p, at) }

// Keep writes what it reads to another file, which is closed with this one.
func (f *File) Keep(r io.Reader) (mime.Source, error) {
	other, err := f.dir.New()
	if err != nil {
		return nil, err
	}
	f.made = append(f.made, other)
	if _, err := io.Copy(other, r); err != nil {
		return nil, err
	}
	return other, nil
}

// Close gives the room back. Nothing can be read any more.
func (f *File) Close() error {
	for _, other := range f.made {
		_ = other.Close() // it was only read
	}
	f.dir.giveBack(f.size)
	f.made, f.size = nil, 0
	return f.file.Close()
}
