package smtp

import (
	"sync"
	"time"
)

const (
	knownTime   = 6 * time.Hour
	unknownTime = 10 * time.Minute
	maxKnown    = 10000 // answers that are remembered
)

// cache remembers answers.
type cache struct {
	mu      sync.Mutex
	answers map[Question]answer
}

type answer struct {
	verdict Verdict
	until   time.Time
}

func (c *cache) get(q Question) (Verdict, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.answers[q]
	return a.verdict, ok && time.Now().Before(a.until)
}

// put remembers an answer. If there are too many, a tenth of them goes, whichever.
func (c *cache) put(q Question, v Verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if len(c.answers) >= maxKnown {
		for old := range c.answers {
			if delete(c.answers, old); len(c.answers) <= maxKnown/10*9 {
				break
			}
		}
	}
	kept := unknownTime
	if v.Known {
		kept = knownTime
	}
	c.answers[q] = answer{v, now.Add(kept)}
}
