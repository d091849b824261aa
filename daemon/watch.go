package daemon

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// causeFiles is the cause of a reload because files have changed.
const causeFiles = "files"

const (
	// settleTime is how long nothing may have changed before files are read: editors write in several steps.
	settleTime = 150 * time.Millisecond
	// maxSettle is how long that is waited for at most.
	maxSettle = 5 * time.Second
	// maxWatched bounds how many files are looked at.
	maxWatched = 10_000
	// maxDepth is how deep below the folder of a script its modules are looked for.
	maxDepth = 8
)

// watch reloads when files change, until ctx is done.
func (d *Daemon) watch(ctx context.Context) {
	notices := make(chan struct{}, 1)
	c, _ := d.inUse()
	var notifier *fsnotify.Watcher
	if c.Reload.Watch {
		var err error
		if notifier, err = fsnotify.NewWatcher(); err != nil {
			d.log.Warn().Err(err).Msg("the system does not tell when files change; the daemon looks itself, as often as reload.poll says")
		} else {
			defer func() { _ = notifier.Close() }()
			d.background.Go(func() { forward(ctx, notifier, notices) })
		}
	}
	if notifier == nil && c.Reload.Poll == 0 {
		return
	}
	seen := d.look()
	for {
		follow(notifier, seen)
		if !d.pauseUntil(ctx, notices) {
			return
		}
		if now := d.look(); maps.Equal(now, seen) {
			continue
		}
		seen = d.settled(ctx)
		if _, err := d.reload(causeFiles, true); err == nil {
			seen = d.merge(seen)
		}
	}
}

// merge returns what to compare with after a reload: what was seen before it, and what it brought to look at.
func (d *Daemon) merge(seen state) state {
	for path, s := range d.look() {
		if _, known := seen[path]; !known {
			seen[path] = s
		}
	}
	return seen
}

// forward makes notices of the system's events.
func forward(ctx context.Context, w *fsnotify.Watcher, notices chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-w.Events:
			if !ok {
				return
			}
		case _, ok := <-w.Errors: // such as too many events at a time
			if !ok {
				return
			}
		}
		select {
		case notices <- struct{}{}:
		default:
		}
	}
}

// pauseUntil waits for a notice, or until it is time to look. It reports false when ctx is done.
func (d *Daemon) pauseUntil(ctx context.Context, notices <-chan struct{}) bool {
	var poll <-chan time.Time
	if c, _ := d.inUse(); c.Reload.Poll > 0 {
		t := time.NewTimer(c.Reload.Poll)
		defer t.Stop()
		poll = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-notices:
	case <-poll:
	}
	return true
}

// settled waits until nothing changes any more, and returns what there is then.
func (d *Daemon) settled(ctx context.Context) state {
	now := d.look()
	for range maxSettle / settleTime {
		select {
		case <-ctx.Done():
			return now
		case <-time.After(settleTime):
		}
		next := d.look()
		if maps.Equal(next, now) {
			break
		}
		now = next
	}
	return now
}

// follow has the system tell of changes in the folders of what is looked at. Folders are watched, not files: editors and package
// managers put another file in the place of one.
func follow(w *fsnotify.Watcher, seen state) {
	if w == nil {
		return
	}
	folders := map[string]bool{}
	for path, s := range seen {
		if s.folder {
			folders[path] = true
		} else {
			folders[filepath.Dir(path)] = true
		}
	}
	for _, had := range w.WatchList() {
		if !folders[had] {
			_ = w.Remove(had)
		}
	}
	for folder := range folders {
		_ = w.Add(folder) // one that is gone will be looked at when it is back
	}
}

// state is what there is on disk, by path.
type state map[string]sign

// sign is what changes when a file does.
type sign struct {
	folder  bool
	size    int64
	written int64 // the file, in nanoseconds
	changed int64 // the inode
	inode   uint64
	target  string // of a link
}

// look returns what there is of the configuration, of the scripts, and of what scripts may require.
func (d *Daemon) look() state {
	c, listeners := d.inUse()
	file, patterns, scripts := c.File(), c.Patterns(), scriptPaths(listeners)
	seen := state{}
	if file != "" {
		seen.add(file)
	}
	folders := map[string]bool{}
	for _, path := range scripts {
		folders[filepath.Dir(path)] = true
	}
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(filepath.Dir(pattern)) // the folder may have a pattern too
		for _, folder := range matches {
			folders[folder] = true
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		seen.tree(folder, maxDepth)
	}
	return seen
}

// add notes a file, and where it leads if it is a link.
func (s state) add(path string) {
	if len(s) >= maxWatched {
		return
	}
	var one sign
	if info, err := os.Stat(path); err == nil {
		one = signOf(info)
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil && resolved != path {
		one.target = resolved
	}
	s[path] = one
}

// tree notes the Lua files in a folder and those below, and the folders, where files may come.
func (s state) tree(folder string, depth int) {
	if depth == 0 || len(s) >= maxWatched {
		return
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		s[folder] = sign{folder: true}
		return
	}
	s[folder] = sign{folder: true, size: 1}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		switch {
		case entry.IsDir():
			if !strings.HasPrefix(entry.Name(), ".") {
				s.tree(path, depth-1)
			}
		case strings.HasSuffix(path, ".lua"):
			s.add(path)
		case entry.Type()&fs.ModeSymlink != 0: // perhaps to a folder with modules
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				s.add(path)
			}
		}
	}
}
