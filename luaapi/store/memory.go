package store

import (
	"context"
	"hash/maphash"
	"sync"
	"time"
)

// Memory is a store that ends with the process. When it is full, what was not used for long makes room.
type Memory struct {
	// Now tells the time; it is set before the first use, by those that have a time of their own.
	Now func() time.Time

	seed   maphash.Seed
	shards [numShards]shard
}

const (
	numShards = 32  // a power of two; so many can work at a time
	overhead  = 128 // bytes that an entry takes besides its key and value: measured, with its place in the map
	looks     = 8   // entries among which the least useful makes room
	sweeps    = 2   // entries that each change looks at, whether their time is over
)

// shard is a part of a Memory, by the hash of the key.
type shard struct {
	mu      sync.Mutex
	entries map[string]*slot
	bytes   int64
	clock   uint64 // counts uses
	size    int64
	keys    int
	evicted uint64
	_       [64]byte // shards are used by different processors
}

// slot is an entry with its last use.
type slot struct {
	Entry
	used uint64
}

// NewMemory returns an empty store for so many bytes and keys; it takes 8 MiB at the least.
func NewMemory(size int64, keys int) *Memory {
	m := &Memory{Now: time.Now, seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i] = shard{entries: map[string]*slot{}, size: max(8<<20, size) / numShards, keys: max(1, keys/numShards)}
	}
	return m
}

// Local implements Store.
func (m *Memory) Local() bool { return true }

// Close implements Store.
func (m *Memory) Close() error { return nil }

func (m *Memory) shard(key string) *shard {
	return &m.shards[maphash.String(m.seed, key)&(numShards-1)]
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) (value string, found bool, err error) {
	now := m.Now()
	s := m.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.entries[key]
	if at == nil || at.past(now) {
		return "", false, nil
	}
	s.clock++
	at.used = s.clock
	return at.Value, true, nil
}

// Decide implements Store.
func (m *Memory) Decide(_ context.Context, d *Decision, key string, args ...string) (reply []string, err error) {
	now := m.Now()
	s := m.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	var e Entry
	at := s.entries[key]
	if at != nil {
		e = at.Entry
	}
	reply, changed := d.run(&e, now, args)
	if !changed {
		if at != nil {
			s.clock++
			at.used = s.clock
		}
		return reply, nil
	}
	return reply, s.put(key, e, now)
}

// put makes an entry what a decision left, and makes room for it.
func (s *shard) put(key string, e Entry, now time.Time) error {
	size := int64(len(key)+len(e.Value)) + overhead
	if e.Exists && size > s.size {
		return ErrFull
	}
	s.drop(key)
	s.sweep(now)
	if !e.Exists {
		return nil
	}
	for s.bytes+size > s.size || len(s.entries) >= s.keys {
		s.makeRoom(now)
	}
	s.clock++
	s.entries[key] = &slot{e, s.clock}
	s.bytes += size
	return nil
}

// drop removes an entry, if there is one.
func (s *shard) drop(key string) {
	if at := s.entries[key]; at != nil {
		s.bytes -= int64(len(key)+len(at.Value)) + overhead
		delete(s.entries, key)
	}
}

// sweep looks at a few entries and removes those whose time is over. As every change does it, what is over stays a small part, and no
// goroutine is needed.
func (s *shard) sweep(now time.Time) {
	n := 0
	for key, at := range s.entries { // begins anywhere
		if at.past(now) {
			s.drop(key)
		}
		if n++; n == sweeps {
			return
		}
	}
}

// makeRoom removes one of a few entries: one whose time is over, or the one that was not used for the longest time.
func (s *shard) makeRoom(now time.Time) {
	var oldest string
	var used uint64
	n := 0
	for key, at := range s.entries {
		if at.past(now) {
			s.drop(key)
			return
		}
		if n == 0 || at.used < used {
			oldest, used = key, at.used
		}
		if n++; n == looks {
			break
		}
	}
	s.drop(oldest)
	s.evicted++
}

// Usage is how much a store holds.
type Usage struct {
	Keys    int
	Bytes   int64
	Evicted uint64 // entries that made room before their time
}

// Usage returns how much there is now. What is past its time counts until it is removed.
func (m *Memory) Usage() Usage {
	var u Usage
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		u.Keys, u.Bytes, u.Evicted = u.Keys+len(s.entries), u.Bytes+s.bytes, u.Evicted+s.evicted
		s.mu.Unlock()
	}
	return u
}
