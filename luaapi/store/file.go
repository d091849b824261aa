package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// File is a store in a file, which one process has at a time. What it has answered is on the disk.
//
// All that changes goes through one writer, which puts what has come meanwhile into one transaction: an answer takes one or two
// syncs of the disk, however many there are. What reads, and steps that change nothing, do not wait for it.
//
// While a daemon hands over to its successor, two processes need the file. Then each opens it for a transaction at a time (Share).
type File struct {
	// Now tells the time; it is set before the first use, by those that have a time of their own.
	Now func() time.Time

	path   string
	size   int64
	writer writer

	mu     sync.RWMutex // held for reading while db is used
	db     *bbolt.DB    // nil while the file is shared and at rest
	shared time.Time    // until when the file is left to others between transactions; guarded by mu
	rested time.Time    // when it was last left, by the system's clock; used by the writer only
}

// How long others may have the file: at the start, and while it is shared.
const (
	openTime   = time.Second
	shareTime  = 4 * time.Second
	sharePause = 60 * time.Millisecond // bbolt looks every 50 ms whether a file is free: so the other one gets its turn
)

// OpenFile opens a file, which it makes if there is none, for at most so many bytes of keys and values. A file that another process has is
// an error after a second.
func OpenFile(path string, size int64) (*File, error) {
	f := &File{Now: time.Now, path: path, size: size}
	if err := f.open(openTime); err != nil {
		return nil, err
	}
	f.writer.start(f.pause, f.commit)
	return f, nil
}

// OpenSharedFile is OpenFile for a successor, while its predecessor still has the file: it is opened for one transaction at a time, until then.
func OpenSharedFile(path string, size int64, until time.Time) *File {
	f := &File{Now: time.Now, path: path, size: size, shared: until}
	f.writer.start(f.pause, f.commit)
	return f
}

// Share leaves the file to another process between transactions, until then.
func (f *File) Share(until time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shared = until
	return f.rest()
}

// Local implements Store.
func (f *File) Local() bool { return false }

// Close implements Store.
func (f *File) Close() error {
	f.writer.end()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rest()
}

// open opens the file if it is not, and waits so long for a process that has it. The caller has mu, or is alone.
func (f *File) open(wait time.Duration) (err error) {
	if f.db != nil {
		return nil
	}
	defer f.guard(&err)()
	db, err := bbolt.Open(f.path, 0o600, &bbolt.Options{Timeout: wait, FreelistType: bbolt.FreelistMapType, MaxSize: f.most()})
	if err != nil {
		return f.fault("open", err)
	}
	err = db.View(prepared)
	if err == errNew {
		err = db.Update(prepare)
	}
	if err != nil {
		return errors.Join(f.fault("prepare", err), db.Close())
	}
	f.db = db
	return nil
}

// most is how many bytes the file may have. What belongs into it never takes as many; what a damaged page takes for a length may be gigabytes.
func (f *File) most() int {
	most := 16*f.size + 64<<20
	if info, err := os.Stat(f.path); err == nil {
		most = max(most, 2*info.Size()) // one that was filled when it might be larger
	}
	return int(min(most, math.MaxInt))
}

// rest closes the file if it is open. The caller has mu.
func (f *File) rest() error {
	if f.db == nil {
		return nil
	}
	err := f.db.Close()
	f.db = nil
	if err != nil {
		return f.fault("close", err)
	}
	return nil
}

// fault says what to do about an error of the file.
func (f *File) fault(what string, err error) error {
	advice := ""
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s store %s: another process has the file; stop it, or give each its own file in store.url", what, f.path)
	case errors.Is(err, fs.ErrNotExist):
		advice = "; make the folder, with the daemon's user as its owner"
	case errors.Is(err, fs.ErrPermission):
		advice = "; the daemon's user must be able to write to the file and its folder"
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, errDamaged):
		advice = "; it is damaged or something else: move it away, and a new one is made"
	}
	return fmt.Errorf("%s store %s: %w%s", what, f.path, err, advice)
}

// errDamaged is why a transaction could not be done.
var errDamaged = errors.New("what is in it makes no sense")

// Get implements Store.
func (f *File) Get(ctx context.Context, key string) (value string, found bool, err error) {
	reply, err := f.Decide(ctx, &read, key)
	if err != nil || len(reply) == 0 {
		return "", false, err
	}
	return reply[0], true, nil
}

// read is what Get asks, so that it goes the same ways. It is for this process only.
var read = Decision{Step: func(e *Entry, _ time.Time, _ []string) []string {
	if !e.Exists {
		return nil
	}
	return []string{e.Value}
}}

// Decide implements Store.
func (f *File) Decide(ctx context.Context, d *Decision, key string, args ...string) (reply []string, err error) {
	reply, done, err := f.look(d, key, args)
	if done || err != nil {
		return reply, err
	}
	w := &request{decision: d, key: []byte(key), args: args, answer: make(chan error, 1)}
	if err := f.writer.add(w); err != nil {
		return nil, f.fault("write", err)
	}
	select {
	case err := <-w.answer:
		return w.reply, err
	case <-ctx.Done():
		return nil, f.fault("write", fmt.Errorf("the disk is too slow: %w", context.Cause(ctx)))
	}
}

// look takes a step that turns out to change nothing, without the writer.
func (f *File) look(d *Decision, key string, args []string) (reply []string, done bool, err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.db == nil {
		return nil, false, nil
	}
	now := f.Now()
	defer f.guard(&err)()
	err = f.db.View(func(tx *bbolt.Tx) error {
		e, err := entryOf(tx.Bucket(entries).Get([]byte(key)))
		if err != nil {
			return err
		}
		var changed bool
		reply, changed = d.run(&e, now, args)
		done = !changed
		return nil
	})
	if err != nil {
		return nil, false, f.fault("read", err)
	}
	return reply, done, nil
}

// guard makes a panic an error until the function that it returns is called, and so a read beyond the file: a damaged one must not end the daemon.
func (f *File) guard(err *error) (end func()) {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			*err = f.fault("use", fmt.Errorf("%w: %v", errDamaged, p))
		}
	}
}

// pause leaves the file to the other process for a while, if it is shared. What is asked meanwhile is done together.
func (f *File) pause() { time.Sleep(sharePause - time.Since(f.rested)) }

// commit takes steps in one transaction, and sets the reply of each.
func (f *File) commit(batch []*request) error {
	for {
		if done, err := f.commitShared(batch); done {
			return err
		}
		if done, err := f.commitOwn(batch); done {
			return err
		}
		// It became shared in between.
	}
}

// commitShared opens the file for one transaction, if it is shared; if not, it is left open. done says that nothing more is to be tried.
func (f *File) commitShared(batch []*request) (done bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.open(shareTime); err != nil {
		return true, err
	}
	if !f.Now().Before(f.shared) {
		return false, nil
	}
	err = f.update(batch)
	err = errors.Join(err, f.rest())
	f.rested = time.Now()
	return true, err
}

// commitOwn uses the file that is open, while others may read.
func (f *File) commitOwn(batch []*request) (done bool, err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.db == nil {
		return false, nil
	}
	return true, f.update(batch)
}

func (f *File) update(batch []*request) (err error) {
	defer f.guard(&err)()
	now := f.Now()
	err = f.db.Update(func(tx *bbolt.Tx) error {
		c := change{tx: tx, now: now, size: f.size}
		return c.take(batch)
	})
	if err != nil {
		return f.fault("write", err)
	}
	return nil
}

// A file has three buckets: what is kept, by key; when it ends, as a time and a key; and how much there is.
var entries, expiries, totals, totalBytes = []byte("entries"), []byte("expiries"), []byte("totals"), []byte("bytes") // read only

var errNew = errors.New("the file is new")

// prepared returns errNew if the file has no buckets yet. To look first saves writing to the disk each time that a shared file is opened.
func prepared(tx *bbolt.Tx) error {
	for _, name := range [][]byte{entries, expiries, totals} {
		if tx.Bucket(name) == nil {
			return errNew
		}
	}
	return nil
}

// prepare makes the buckets of a new file.
func prepare(tx *bbolt.Tx) error {
	for _, name := range [][]byte{entries, expiries, totals} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// entryOf reads what is kept for a key: when it ends, in milliseconds since 1970 or 0, and the value. The entry does not refer to it.
func entryOf(kept []byte) (Entry, error) {
	if kept == nil {
		return Entry{}, nil
	}
	if len(kept) < 8 {
		return Entry{}, errDamaged
	}
	e := Entry{Exists: true, Value: string(kept[8:])}
	if ms := binary.BigEndian.Uint64(kept); ms != 0 {
		e.Expires = time.UnixMilli(int64(ms))
	}
	return e, nil
}
