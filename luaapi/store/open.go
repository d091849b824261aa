package store

import (
	"time"
)

// Limits are those of a store. Not all apply to all kinds.
type Limits struct {
	Size    int64         // bytes of keys and values, in memory or a file
	Keys    int           // in memory
	Timeout time.Duration // for an answer of Redis
}

// Open opens the store at a location.
func Open(at Location, limits Limits) (Store, error) {
	switch at.Kind {
	case KindMemory:
		return NewMemory(limits.Size, limits.Keys), nil
	case KindFile:
		f, err := OpenFile(at.Path, limits.Size)
		if err != nil {
			return nil, err // not a Store that holds a nil
		}
		return f, nil
	}
	r, err := OpenRedis(at, limits.Timeout)
	if err != nil {
		return nil, err
	}
	return r, nil
}
