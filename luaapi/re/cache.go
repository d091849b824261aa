package re

import (
	"strings"
	"sync"
)

// maxCached is how many compiled things a Cache keeps, and maxCachedBytes how long they are together as text. With one more, it begins anew.
const (
	maxCached      = 1000
	maxCachedBytes = 1 << 20
)

// Cache keeps what is compiled, for all VMs of a script. The zero value is ready; it is safe for use by several goroutines.
type Cache struct {
	mu    sync.Mutex
	kept  map[string]*Regexp
	sets  map[string]*Set
	bytes int
}

// Compile is Compile of the package, for an expression seen before the same one.
func (c *Cache) Compile(source, flags string) (*Regexp, error) {
	key := flags + "/" + source
	if r := lookUp(c, &c.kept, key); r != nil {
		return r, nil
	}
	r, err := Compile(strings.Clone(source), flags)
	if err == nil {
		keep(c, &c.kept, strings.Clone(key), r)
	}
	return r, err
}

// CompileSet is CompileSet of the package, for expressions seen before the same one.
func (c *Cache) CompileSet(sources []string, flags string) (*Set, error) {
	key := flags + "/" + strings.Join(sources, "\x00") // none has a NUL
	if s := lookUp(c, &c.sets, key); s != nil {
		return s, nil
	}
	s, err := CompileSet(sources, flags)
	if err == nil {
		keep(c, &c.sets, key, s)
	}
	return s, err
}

// Knows reports whether an expression is in the cache.
func (c *Cache) Knows(source, flags string) bool { return lookUp(c, &c.kept, flags+"/"+source) != nil }

// KnowsSet reports whether a set is in the cache.
func (c *Cache) KnowsSet(sources []string, flags string) bool {
	return lookUp(c, &c.sets, flags+"/"+strings.Join(sources, "\x00")) != nil
}

func lookUp[T any](c *Cache, in *map[string]*T, key string) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return (*in)[key]
}

func keep[T any](c *Cache, in *map[string]*T, key string, v *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes += len(key); len(c.kept)+len(c.sets) >= maxCached || c.bytes > maxCachedBytes {
		c.kept, c.sets, c.bytes = nil, nil, len(key)
	}
	if *in == nil {
		*in = map[string]*T{}
	}
	(*in)[key] = v
}
