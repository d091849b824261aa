package poll

import "time"

// The clock looks often while workers serve, to replace one that serves the same connection at two looks, and seldom while they wait: to look
// costs a wait more than it is worth.
const (
	busyTick = 2 * time.Millisecond
	idleTick = 10 * time.Millisecond
)

// restTime is how long the clock goes on without work, so that it need not be started again and again.
const restTime = 100 * time.Millisecond

// clock finds workers that take long and connections that are quiet. It runs only while there is work.
type clock struct {
	quiet   time.Duration // after which a connection counts as quiet
	now     time.Duration // since the clock was made; it stands while there is no work
	stirred time.Duration // when something came last
	swept   time.Duration // when quiet connections were looked for last
	running bool
	warm    []*Conn // with those that have become cold since
}

// watch notes that a connection is to be told when it is quiet.
func (k *clock) watch(c *Conn) {
	if !c.watched {
		c.watched = true
		k.warm = append(k.warm, c)
	}
}

// stir notes that something came for a connection. The poller is locked.
func (p *Poller) stir(c *Conn) {
	k := &p.clock
	c.last, k.stirred = k.now, k.now
	if !k.running {
		k.running = true
		go p.run()
	}
}

// run lets the clock run until there is no work.
func (p *Poller) run() {
	wait := busyTick
	for wait > 0 {
		time.Sleep(wait)
		wait = p.tick(wait)
	}
}

// tick looks once, so long after the last time. It returns when to look again, 0 for never.
func (p *Poller) tick(passed time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := &p.clock
	k.now += passed
	for i := len(p.busy) - 1; i >= 0; i-- { // leave takes one out, and puts the last in its place
		if w := p.busy[i]; w.turn == w.seen {
			p.leave(w)
		} else {
			w.seen = w.turn
		}
	}
	if k.now-k.swept >= k.quiet/4 {
		k.swept = k.now
		p.findQuiet()
	}
	k.running = !p.closed && (k.now-k.stirred < restTime || len(p.busy) > 0 || len(k.warm) > 0)
	switch {
	case !k.running:
		return 0
	case len(p.busy) > 0:
		return busyTick
	}
	return min(idleTick, max(busyTick, k.quiet/4))
}

// findQuiet tells the connections for which nothing has come for long.
func (p *Poller) findQuiet() {
	k := &p.clock
	rest := k.warm[:0]
	for _, c := range k.warm {
		switch {
		case !c.warm:
			c.watched = false
		case c.worker != nil || k.now-c.last < k.quiet:
			rest = append(rest, c)
		default:
			c.watched, c.quiet = false, true
			p.queue(c)
		}
	}
	clear(k.warm[len(rest):])
	k.warm = rest
}
