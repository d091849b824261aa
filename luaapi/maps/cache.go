package maps

import (
	"sync"
	"time"
)

// maxKept is how many answers a cache has.
const maxKept = 10_000

// answer is what a server said of a key.
type answer struct {
	value string
	found bool
	until time.Time // when it is asked again
}

// cache keeps answers. When it is full, any of them goes: those that are asked for often are soon back.
type cache struct {
	mu   sync.Mutex
	kept map[string]answer
}

// get returns an answer, which may be old.
func (c *cache) get(key string) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.kept[key]
	return a, ok
}

func (c *cache) put(key string, a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]answer{}
	}
	for old := range c.kept {
		if len(c.kept) < maxKept {
			break
		}
		delete(c.kept, old)
	}
	c.kept[key] = a
}
