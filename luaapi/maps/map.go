package maps

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Map is a list that things are looked up in. It is safe for use by several goroutines.
type Map struct {
	spec Spec
	pool *Pool

	list  atomic.Pointer[Loaded] // nil while there is none
	ask   *asker                 // nil if it is in memory
	first sync.Once
	err   error // of the first load, for those who open it

	loads  atomic.Int64
	failed atomic.Int64
	broken atomic.Pointer[error] // why the list is not the newest; nil if it is

	from    origin     // nil if nothing changes
	loading sync.Mutex // one at a time; guards what follows
	due     time.Time  // of what comes from a server: when it is read again
}

// ErrNotThere is why nothing can be said yet.
var ErrNotThere = errors.New("the list could not be read so far")

// Live reports whether looking up asks a server, and so may take a while.
func (m *Map) Live() bool { return m.ask != nil }

// Remote reports whether what is in it comes from a server.
func (m *Map) Remote() bool { return m.spec.scheme != "" }

// Name returns the source, without a password.
func (m *Map) Name() string { return m.spec.Name() }

// Kind returns how it finds.
func (m *Map) Kind() Kind { return m.spec.Kind }

// Find returns the value of a key, "" if it has none, and whether it is there. Where a server is asked, that ends with ctx or the map's own
// time-out; else ctx does not matter.
func (m *Map) Find(ctx context.Context, key string) (value string, found bool, err error) {
	if entries, ok := m.pool.fake(&m.spec); ok {
		return fromFake(entries, &m.spec, key)
	}
	if m.ask != nil {
		return m.ask.find(ctx, &m.spec, key)
	}
	list := m.list.Load()
	if list == nil {
		return "", false, fmt.Errorf("%s: %w", m.Name(), m.notThere())
	}
	return (*list).Find(key)
}

// Known returns what is known of a key without asking a server, and whether anything is.
func (m *Map) Known(key string) (value string, found, known bool) {
	if m.ask == nil {
		return "", false, false
	}
	return m.ask.known(&m.spec, key)
}

// Len returns how many entries there are in memory.
func (m *Map) Len() int {
	if list := m.list.Load(); list != nil {
		return (*list).Len()
	}
	return 0
}

func (m *Map) notThere() error {
	if err := m.broken.Load(); err != nil {
		return *err
	}
	return ErrNotThere
}

// begin reads the list for the first time. Files must be good then; a server need not be there.
func (m *Map) begin(ctx context.Context) error {
	m.first.Do(func() {
		if m.spec.Source == "" {
			list, err := fromEntries(&m.spec, m.spec.Entries)
			if m.err = err; err == nil {
				m.list.Store(&list)
			}
			return
		}
		if m.from == nil {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, m.spec.Timeout)
		defer cancel()
		err := m.refresh(ctx)
		if _, isFile := m.from.(*file); isFile && err != nil {
			m.err = err
		}
	})
	return m.err
}

// retryTime is when a server that did not answer is asked again, unless it is due sooner.
const retryTime = 30 * time.Second

// refresh reads the list if it has changed. A mistake is logged, and leaves the old list where it is.
func (m *Map) refresh(ctx context.Context) error {
	m.loading.Lock()
	defer m.loading.Unlock()
	began := time.Now()
	list, err := m.from.load(ctx, &m.spec)
	m.due = time.Now().Add(m.spec.Refresh)
	if err == errSame {
		if _, isFile := m.from.(*file); !isFile {
			m.broken.Store(nil) // the server answers again
		}
		return nil
	}
	if err != nil {
		m.due = time.Now().Add(min(m.spec.Refresh, retryTime))
		before := m.broken.Swap(&err)
		again := before != nil && (*before).Error() == err.Error()
		m.failed.Add(1)
		if !again {
			m.pool.tell(Note{Map: m.Name(), Err: err, Kept: m.list.Load() != nil})
		}
		return err
	}
	m.list.Store(&list)
	m.broken.Store(nil)
	m.loads.Add(1)
	m.pool.tell(Note{Map: m.Name(), Entries: list.Len(), Bytes: list.Bytes(), Took: time.Since(began)})
	return nil
}

// isDue reports whether the list must be looked at.
func (m *Map) isDue(now time.Time) bool {
	if m.from == nil || !m.loading.TryLock() {
		return false
	}
	defer m.loading.Unlock()
	if f, isFile := m.from.(*file); isFile {
		return f.changed(m.spec.Source)
	}
	return !now.Before(m.due)
}
