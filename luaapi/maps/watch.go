package maps

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long nothing may have happened in the folder of a list before it is read: editors write in several steps.
const settleTime = 150 * time.Millisecond

// Watch says how Run finds out that files have changed.
type Watch struct {
	Notify bool          // the system tells
	Poll   time.Duration // look at them as often; 0 for never
}

// Run keeps the maps fresh until ctx is done. It returns an error only if the system does not tell of changes; then it has not begun.
func (p *Pool) Run(ctx context.Context, w Watch) error {
	var notifier *fsnotify.Watcher
	if w.Notify {
		var err error
		if notifier, err = fsnotify.NewWatcher(); err != nil {
			return err
		}
		defer func() { _ = notifier.Close() }()
	}
	opened := make(chan struct{}, 1)
	p.mu.Lock()
	p.opened = opened
	p.mu.Unlock()
	var loading sync.WaitGroup
	defer loading.Wait()
	for {
		p.follow(notifier)
		if !p.pause(ctx, notifier, opened, w.Poll) {
			return nil
		}
		now := time.Now()
		for _, m := range p.all() {
			if m.isDue(now) && !m.faked() {
				loading.Go(func() {
					_ = m.refresh(ctx) // it is told
					nudge(opened)
				})
			}
		}
	}
}

// nudge leaves a notice, unless there is one.
func nudge(notices chan<- struct{}) {
	select {
	case notices <- struct{}{}:
	default:
	}
}

// faked reports whether a test stands in for the source.
func (m *Map) faked() bool {
	_, ok := m.pool.fake(&m.spec)
	return ok
}

// pause waits for something to do. It reports false when ctx is done.
func (p *Pool) pause(ctx context.Context, notifier *fsnotify.Watcher, opened <-chan struct{}, poll time.Duration) bool {
	var events <-chan fsnotify.Event
	var troubles <-chan error
	if notifier != nil {
		events, troubles = notifier.Events, notifier.Errors
	}
	var look <-chan time.Time
	if wait := p.untilDue(poll); wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		look = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-opened:
		return true
	case <-look:
		return true
	case <-troubles: // such as too many events at a time
	case <-events:
	}
	return settle(ctx, events)
}

// settle waits until the system has no more to tell, but not for ever.
func settle(ctx context.Context, events <-chan fsnotify.Event) bool {
	for range 20 {
		select {
		case <-ctx.Done():
			return false
		case <-events:
		case <-time.After(settleTime):
			return true
		}
	}
	return true
}

// untilDue returns how long nothing has to be looked at, 0 for ever.
func (p *Pool) untilDue(poll time.Duration) time.Duration {
	wait := poll
	for _, m := range p.all() {
		if !m.loading.TryLock() {
			continue // it is being read, and is looked at in the next round
		}
		if _, isFile := m.from.(*file); m.from != nil && !isFile {
			until := max(time.Until(m.due), 10*time.Millisecond)
			if wait == 0 || until < wait {
				wait = until
			}
		}
		m.loading.Unlock()
	}
	return wait
}

// follow has the system tell of changes in the folders of the files.
func (p *Pool) follow(notifier *fsnotify.Watcher) {
	if notifier == nil {
		return
	}
	folders := map[string]bool{}
	for _, m := range p.all() {
		if _, isFile := m.from.(*file); isFile {
			folders[filepath.Dir(m.spec.Source)] = true
		}
	}
	for _, had := range notifier.WatchList() {
		if !folders[had] {
			_ = notifier.Remove(had)
		}
	}
	for folder := range folders {
		_ = notifier.Add(folder) // one that is gone will be looked at when it is back
	}
}
