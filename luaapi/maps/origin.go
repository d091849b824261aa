package maps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"luamilter/luaapi/maps/fetch"
	"luamilter/luaapi/maps/format"
	"luamilter/luaapi/maps/live"
)

// origin is where a list comes from. It is asked by one goroutine at a time.
type origin interface {
	// load returns the list as it is now, or errSame if it is as it was at the last call that brought one.
	load(ctx context.Context, s *Spec) (Loaded, error)
}

// errSame says that a list has not changed.
var errSame = errors.New("the list has not changed")

// maxFile is how long a file may be.
const maxFile = 1 << 30

// file is a list in a file.
type file struct {
	seen fs.FileInfo // what was there when it was read; nil before
}

// changed reports whether the file is another one than was read last.
func (f *file) changed(path string) bool {
	now, err := os.Stat(path)
	return err != nil || f.seen == nil || !same(f.seen, now)
}

func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// load implements origin. A file that is being written is read again later.
func (f *file) load(_ context.Context, s *Spec) (Loaded, error) {
	if !f.changed(s.Source) {
		return nil, errSame
	}
	text, info, err := readFile(s.Source)
	if err != nil {
		f.seen = nil
		return nil, err
	}
	list, err := build(s, text)
	if err != nil {
		f.seen = info // it is said once
		return nil, inFile(s.Source, err)
	}
	f.seen = info
	return list, nil
}

// inFile names the file of an error, and the line as compilers do.
func inFile(name string, err error) error {
	var e format.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%s:%d: %w", name, e.Line, e.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// readable adds to an error what to do.
func readable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; the daemon's user must be able to read it, and with sandbox = true its folder must be in maps.folders", err)
	}
	return err
}

// readFile reads a file, and what it was before that was done.
func readFile(path string) (string, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", nil, readable(err)
	case !info.Mode().IsRegular():
		return "", nil, fmt.Errorf("%s is no file", path)
	case info.Size() > maxFile:
		return "", nil, fmt.Errorf("%s has %d MiB, of at most %d", path, info.Size()>>20, maxFile>>20)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, readable(err)
	}
	defer f.Close()
	var b strings.Builder
	b.Grow(int(info.Size()) + 1)
	_, err = io.Copy(&b, io.LimitReader(f, maxFile))
	return b.String(), info, err
}

// page is a list on a web server.
type page struct {
	fetch.Page
	begun bool
	note  func(error) // tells what the list can be used without
}

// load implements origin. The first time, the copy of an earlier list stands in for the server's.
func (p *page) load(ctx context.Context, s *Spec) (Loaded, error) {
	if !p.begun {
		p.begun = true
		if list := p.fromCopy(s); list != nil {
			return list, nil
		}
	}
	text, changed, err := p.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(), err)
	}
	if !changed {
		return nil, errSame
	}
	list, err := build(s, text)
	if err != nil {
		p.Forget()
		return nil, inFile(s.Name(), err)
	}
	if err := p.Keep(text); err != nil {
		p.note(fmt.Errorf("keep a copy of %s: %w", s.Name(), err))
	}
	return list, nil
}

// fromCopy returns the list of the copy, nil if there is none that can be used.
func (p *page) fromCopy(s *Spec) Loaded {
	text, written, err := p.Copy()
	if err == nil && written.IsZero() {
		return nil
	}
	var list Loaded
	if err == nil {
		list, err = build(s, text)
	}
	if err != nil {
		p.Forget()
		p.note(fmt.Errorf("read the copy of %s: %w", s.Name(), err))
		return nil
	}
	return list
}

// rows is a list that a query finds.
type rows struct {
	server *server
}

// loadTime is how long a whole list may take to be read.
const loadTime = time.Minute

// load implements origin.
func (r *rows) load(ctx context.Context, s *Spec) (Loaded, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	b, err := newBuilder(s.Kind, format.Lines, s.Fold, "")
	if err != nil {
		return nil, err
	}
	err = r.server.guard(func(remote live.Server) error {
		return remote.All(ctx, s.Query, func(key, value string) error { return b.add(format.Entry{Key: key, Value: value}) })
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(), err)
	}
	return b.done()
}
