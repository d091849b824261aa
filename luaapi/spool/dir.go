package spool

import (
	"errors"
	"fmt"
	"math"
	"os"
	"sync/atomic"
)

// Dir is a folder for large bodies. It is safe for use by several goroutines.
type Dir struct {
	path  string
	limit int64
	used  atomic.Int64
}

// ErrFull means that the files of a Dir have taken all that they may.
var ErrFull = errors.New("the spool is full: spool.size in the configuration bounds it")

// NewDir returns a Dir in a folder, "" for DefaultPath, whose files may have some bytes together, 0 for no limit.
func NewDir(path string, limit int64) *Dir {
	if path == "" {
		path = DefaultPath()
	}
	if limit <= 0 {
		limit = math.MaxInt64
	}
	return &Dir{path: path, limit: limit}
}

// DefaultPath returns where large bodies go if nothing else is said: what TMPDIR says, else /var/tmp, which other than /tmp is not kept in
// memory.
func DefaultPath() string {
	const onDisk = "/var/tmp"
	if os.Getenv("TMPDIR") != "" {
		return os.TempDir()
	}
	if info, err := os.Stat(onDisk); err == nil && info.IsDir() {
		return onDisk
	}
	return os.TempDir()
}

// Path returns the folder.
func (d *Dir) Path() string { return d.path }

// Used returns how many bytes the files have.
func (d *Dir) Used() int64 { return d.used.Load() }

// Try makes a file and removes it, and so tells early what would go wrong later.
func (d *Dir) Try() error {
	f, err := d.New()
	if err != nil {
		return err
	}
	return f.Close()
}

// New makes an empty file that has no name.
func (d *Dir) New() (*File, error) {
	file, err := os.CreateTemp(d.path, "luamilter-*")
	if err != nil {
		return nil, fmt.Errorf("make a file for a large message (spool.dir): %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("unlink a file for a large message (spool.dir): %w", err), file.Close())
	}
	return &File{dir: d, file: file}, nil
}

// take reserves room for bytes.
func (d *Dir) take(n int64) bool {
	if d.used.Add(n) <= d.limit {
		return true
	}
	d.used.Add(-n)
	return false
}

func (d *Dir) giveBack(n int64) { d.used.Add(-n) }
