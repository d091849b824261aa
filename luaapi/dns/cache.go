package dns

import (
	"container/list"
	"sync"
	"time"
)

// cache keeps answers and failures, so many bytes of them: what was asked for longest ago goes first.
type cache struct {
	mu    sync.Mutex
	most  int64
	size  int64
	byKey map[Question]*list.Element
	used  *list.List // of *entry, the last used first
}

// entry is what is known about a question.
type entry struct {
	question Question
	answer   Answer
	err      error // of a lookup that failed
	ends     time.Time
	last     time.Time // until when the answer may be used if nobody knows better
}

// What an entry and a record take beyond their text, roughly, in bytes.
const (
	entrySize  = 300
	recordSize = 32
)

func newCache(most int64) *cache {
	return &cache{most: most, byKey: map[Question]*list.Element{}, used: list.New()}
}

// size returns what an entry takes in bytes.
func (e *entry) size() int64 {
	n := int64(entrySize + 2*len(e.question.Name))
	for _, r := range e.answer.Records {
		n += recordSize + int64(len(r.Value))
	}
	return n
}

// get returns what is known about a question; it may have ended before now.
func (c *cache) get(q Question) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.byKey[q]
	if at == nil {
		return entry{}, false
	}
	c.used.MoveToFront(at)
	return *at.Value.(*entry), true
}

// put keeps what is known about a question, instead of what was known before.
func (c *cache) put(e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byKey[e.question]; old != nil {
		c.remove(old)
	}
	if e.size() > c.most {
		return
	}
	c.byKey[e.question] = c.used.PushFront(&e)
	for c.size += e.size(); c.size > c.most; {
		c.remove(c.used.Back())
	}
}

func (c *cache) remove(at *list.Element) {
	e := c.used.Remove(at).(*entry)
	delete(c.byKey, e.question)
	c.size -= e.size()
}

// bytes returns how much is in use.
func (c *cache) bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}
