package record

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Suffix is what the names of recordings end in.
const Suffix = ".rec"

// names matches the files that are ours to count and to delete.
var names = regexp.MustCompile(`^\d{8}T\d{6}\.\d{6}Z-[0-9a-z-]+\.rec$`)

// Options say what is recorded, and where.
type Options struct {
	Path    string  // an absolute path
	Bodies  Bodies  // "" is KeepBodies
	Size    int64   // of all recordings together, in bytes; 0 for no limit
	Sample  float64 // which share of the connections, up to 1
	Version string  // of luamilter, for the Head

	Warn func(conn string, err error) // is told once of each recording that stops before its connection ends; may be nil
}

// Dir is a folder with recordings. It is safe for use by several goroutines.
type Dir struct {
	options Options
	root    *os.Root
	came    atomic.Uint64 // connections
	waiting atomic.Int64  // bytes for the disk
	paused  atomic.Int64  // no recording begins before; in nanoseconds since 1970
	writers sync.WaitGroup

	mu     sync.Mutex
	used   int64           // bytes of all files, as far as known
	open   map[string]bool // files that are being written
	counts Counts
}

// Counts are how many recordings have ended.
type Counts struct {
	Complete uint64 // with their connection
	Stopped  uint64 // before
}

// pause is how long no recording begins after one could not be written.
const pause = time.Minute

// Open makes ready for recordings. The folder is made if the one above it is there.
func Open(o Options) (*Dir, error) {
	if o.Bodies == "" {
		o.Bodies = KeepBodies
	}
	if err := checkFolder(o.Path); err != nil {
		return nil, fmt.Errorf("folder for recordings (record.dir): %w", err)
	}
	root, err := os.OpenRoot(o.Path)
	if err != nil {
		return nil, fmt.Errorf("folder for recordings (record.dir): %w", err)
	}
	d := &Dir{options: o, root: root, open: map[string]bool{}}
	if err := d.try(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	d.used, _, err = d.files()
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// checkFolder makes the folder if it is missing, and refuses one that others could have laid out.
func checkFolder(path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("%q is not an absolute path: it must begin with /", path)
	}
	path = filepath.Clean(path)
	for at := path; at != filepath.Dir(at); at = filepath.Dir(at) {
		if target, err := os.Readlink(at); err == nil {
			return fmt.Errorf("%s is a symbolic link to %s; name the folder itself", at, target)
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w; make it, and give it to the user that the daemon runs as", err)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", path)
	case info.Mode().Perm()&0o002 != 0:
		return fmt.Errorf("everybody may write to %s; chmod o-w it", path)
	}
	return nil
}

// try makes a file and removes it, and so tells early what would go wrong later.
func (d *Dir) try() error {
	name := nameOf(time.Now(), "try")
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make a recording in %s (record.dir): %w", d.options.Path, err)
	}
	return errors.Join(f.Close(), d.root.Remove(name))
}

// Path returns the folder.
func (d *Dir) Path() string { return d.options.Path }

// Counts returns how many recordings have ended.
func (d *Dir) Counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts
}

// Tap returns a connection of an MTA that is recorded, or nc itself if it is not one of the sample. The scripts are named in the recording. It
// does not wait for the disk.
func (d *Dir) Tap(nc net.Conn, listener, id string, scripts []string) net.Conn {
	n := d.came.Add(1)
	sampled := int64(float64(n-1)*d.options.Sample) != int64(float64(n)*d.options.Sample)
	now := time.Now()
	if !sampled || now.UnixNano() < d.paused.Load() {
		return nc
	}
	r := &recording{dir: d, began: now, head: Head{
		Conn: id, Listener: listener, Began: now.UTC(), Bodies: d.options.Bodies, Scripts: scripts, Version: d.options.Version,
	}}
	r.more.L = &r.mu
	return &conn{Conn: nc, rec: r}
}

// finished counts a recording, and tells of one that has stopped.
func (d *Dir) finished(conn string, err error) {
	d.mu.Lock()
	if err == nil {
		d.counts.Complete++
	} else {
		d.counts.Stopped++
	}
	d.mu.Unlock()
	if err == nil {
		return
	}
	if !errors.Is(err, errTooLarge) && !errors.Is(err, errNotMilter) {
		d.paused.Store(time.Now().Add(pause).UnixNano())
	}
	if d.options.Warn != nil {
		d.options.Warn(conn, err)
	}
}

// create makes the file of a recording.
func (d *Dir) create(name string) (*os.File, error) {
	d.mu.Lock()
	d.open[name] = true
	d.mu.Unlock()
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.forget(name)
		return nil, err
	}
	return f, nil
}

// forget notes that a file is not written any more.
func (d *Dir) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, name)
}

func (d *Dir) add(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used += n
}

// reserve makes room for n bytes more of a recording that has then so many in all.
func (d *Dir) reserve(n, all int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	limit := d.options.Size
	switch {
	case limit <= 0:
		return nil
	case all > limit/4:
		return errTooLarge
	}
	if d.used += n; d.used <= limit {
		return nil
	}
	if err := d.makeRoom(n); err != nil {
		d.used -= n
		return err
	}
	return nil
}

// makeRoom deletes the oldest recordings until a tenth of the folder is free with n bytes more in it. The lock is held.
func (d *Dir) makeRoom(n int64) error {
	used, files, err := d.files()
	if err != nil {
		return err
	}
	used += n
	for _, f := range files {
		if used <= d.options.Size/10*9 {
			break
		}
		if d.open[f.Name()] {
			continue
		}
		if err := d.root.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete an old recording: %w", err)
		}
		used -= f.Size()
	}
	d.used = used
	if used > d.options.Size {
		return errNoneOlder
	}
	return nil
}

// files returns the recordings, the oldest first, and how many bytes they have together. It is asked of the folder, because there may
// be another process that records into it, and people who take files away.
func (d *Dir) files() (used int64, files []fs.FileInfo, err error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return 0, nil, fmt.Errorf("list the recordings in %s: %w", d.options.Path, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !names.MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil { // else it is gone
			files, used = append(files, info), used+info.Size()
		}
	}
	return used, files, nil
}

// closeTime is how long Close waits for the disk.
const closeTime = 5 * time.Second

// Close waits until all is written, but not for long. The connections have ended before.
func (d *Dir) Close() error {
	done := make(chan struct{})
	go func() {
		d.writers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return d.root.Close()
	case <-time.After(closeTime):
		return errors.New("the recordings of the last connections are not written after " + closeTime.String())
	}
}

// Find returns the recordings among files and in folders, and reports whether all that there is are recordings. What cannot be read is none.
func Find(paths []string) (found []string, others bool) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			if Is(path) {
				found = append(found, path)
			} else {
				others = true
			}
			continue
		}
		before := len(found)
		entries, _ := os.ReadDir(path)
		for _, e := range entries {
			if file := filepath.Join(path, e.Name()); strings.HasSuffix(e.Name(), Suffix) && e.Type().IsRegular() && Is(file) {
				found = append(found, file)
			}
		}
		others = others || len(found) == before
	}
	return found, others
}
