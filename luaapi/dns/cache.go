package dns

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"
)

// cache keeps answers and failures, so many bytes of them. What was put into it first goes first, unless it was asked for since it was last
// looked at: then it has another turn. So a hit changes nothing that others wait for.
type cache struct {
	mu    sync.RWMutex
	most  int64
	size  int64
	byKey map[Question]*list.Element
	order *list.List // of *entry, the last one put first
}

// entry is what is known about a question. Only asked changes while it is in the cache.
type entry struct {
	asked    atomic.Bool // for since its turn came last
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
	return &cache{most: most, byKey: map[Question]*list.Element{}, order: list.New()}
}

// size returns what an entry takes in bytes.
func (e *entry) size() int64 {
	n := int64(entrySize + 2*len(e.question.Name))
	for _, r := range e.answer.Records {
		n += recordSize + int64(len(r.Value))
	}
	return n
}

// get returns what is known about a question, nil if nothing is; it may have ended before now.
func (c *cache) get(q Question) *entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at := c.byKey[q]
	if at == nil {
		return nil
	}
	e := at.Value.(*entry)
	if !e.asked.Load() { // so that it is written to once only
		e.asked.Store(true)
	}
	return e
}

// put keeps what is known about a question, instead of what was known before.
func (c *cache) put(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byKey[e.question]; old != nil {
		c.remove(old)
	}
	if e.size() > c.most {
		return
	}
	for c.size += e.size(); c.size > c.most; {
		c.removeOne()
	}
	c.byKey[e.question] = c.order.PushFront(e)
}

// removeOne removes the first entry whose turn it is. Each has another turn once at most before that, as nobody can ask now.
func (c *cache) removeOne() {
	for at := c.order.Back(); ; at = c.order.Back() {
		if e := at.Value.(*entry); !e.asked.Swap(false) {
			c.remove(at)
			return
		}
		c.order.MoveToFront(at)
	}
}

func (c *cache) remove(at *list.Element) {
	e := c.order.Remove(at).(*entry)
	delete(c.byKey, e.question)
	c.size -= e.size()
}

// bytes returns how much is in use.
func (c *cache) bytes() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.size
}
