package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Store is where keys and values are kept, both of any bytes.
type Store interface {
	// Get returns the value of a key, and whether there is one.
	Get(ctx context.Context, key string) (value string, found bool, err error)
	// Decide takes an atomic step on a key and returns its reply.
	Decide(ctx context.Context, d *Decision, key string, args ...string) (reply []string, err error)
	// Local reports whether it answers at once: then nothing waits, and ctx is not looked at.
	Local() bool
	// Close ends what is open, after the answers that are due. Nothing may be asked afterwards.
	Close() error
}

// Decision is an atomic step on one key.
type Decision struct {
	// Kind is what the decision keeps: one or more small letters. Decisions of a kind work on the same keys, and must understand each other.
	Kind string
	// Step is the decision in Go. It may change the entry, which lasts if it Exists afterwards, and is deleted if not. It must have no
	// other effect and depend on nothing else: it may run twice.
	Step func(e *Entry, now time.Time, args []string) (reply []string)
	// Redis is the same in the Lua of Redis. KEYS[1] is the key, ARGV[1] the time in microseconds since 1970, the args are in ARGV[2] and so on.
	// It returns a table of strings, and keeps in a Redis value or other type what the entry has. Numbers are written with
	// string.format("%.0f", n): tostring has 14 digits only, too few for the time.
	Redis string
}

// Entry is what is kept for a key.
type Entry struct {
	Exists  bool
	Value   string
	Expires time.Time // zero: never; to the millisecond
}

// Lasting makes an entry exist with a value, for a length of time or, if that is 0, for ever.
func (e *Entry) Lasting(value string, now time.Time, ttl time.Duration) {
	*e = Entry{Exists: true, Value: value}
	if ttl > 0 {
		e.Expires = now.Add(ttl).Truncate(time.Millisecond)
	}
}

// past reports whether the entry's time is over.
func (e *Entry) past(now time.Time) bool { return !e.Expires.IsZero() && !now.Before(e.Expires) }

// run takes the step on what is there, and reports whether that is changed by it.
func (d *Decision) run(e *Entry, now time.Time, args []string) (reply []string, changed bool) {
	if e.past(now) {
		*e = Entry{}
	}
	before := *e
	reply = d.Step(e, now, args)
	return reply, e.Exists != before.Exists || e.Exists && (e.Value != before.Value || !e.Expires.Equal(before.Expires))
}

// Bounds of what callers may keep.
const (
	MaxKey     = 1 << 10  // bytes of a key, and of a member of a set
	MaxValue   = 64 << 10 // bytes of a value
	MaxMembers = 4096     // members of a set
)

// Errors that callers tell from one another.
var (
	ErrFull     = errors.New("the store is full; raise store.size")
	ErrTooLarge = errors.New("too large") // a key, a member or a value
	ErrEmpty    = errors.New("the key is empty")
	ErrNumber   = errors.New("is not a number")                    // of what Incr finds or would make
	ErrManyIn   = errors.New("which is as many as a set may have") // beyond MaxMembers
)

// IsMistake reports whether an error is one of what was asked, and no fault of the store.
func IsMistake(err error) bool {
	return errors.Is(err, ErrEmpty) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNumber)
}

// Space is the part of a store that belongs to a script.
type Space struct {
	Store Store
	Name  string // of the script
}

// escaped keeps the parts of a kept key apart, whatever a script is called.
var escaped = strings.NewReplacer("%", "%25", ":", "%3a") // read only

// kept returns the name under which a key is kept.
func (s Space) kept(kind, key string) (string, error) {
	switch {
	case key == "":
		return "", ErrEmpty
	case len(key) > MaxKey:
		return "", fmt.Errorf("the key has %d bytes, %w: %d are allowed", len(key), ErrTooLarge, MaxKey)
	}
	return escaped.Replace(s.Name) + ":" + kind + ":" + key, nil
}

// Decide takes a step on a key of the script's.
func (s Space) Decide(ctx context.Context, d *Decision, key string, args ...string) (reply []string, err error) {
	kept, err := s.kept(d.Kind, key)
	if err != nil {
		return nil, err
	}
	return s.Store.Decide(ctx, d, kept, args...)
}

// Read returns what decisions of a kind have kept as a value, and whether there is one.
func (s Space) Read(ctx context.Context, kind, key string) (value string, found bool, err error) {
	kept, err := s.kept(kind, key)
	if err != nil {
		return "", false, err
	}
	return s.Store.Get(ctx, kept)
}
