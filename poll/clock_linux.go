package poll

import "time"

// tickTime is how often the clock looks. A worker is replaced when it serves the same connection at two looks.
const tickTime = 2 * time.Millisecond

// restless is for how many ticks without work the clock goes on, so that it need not be started again and again.
const restless = 50

// clock finds workers that take long and connections that are quiet. It runs only while there is work.
type clock struct {
	quiet   uint32 // ticks
	now     uint32 // in ticks that it ran
	running bool
	rest    int     // ticks without work
	warm    []*Conn // with those that have become cold since
}

func newClock(quiet time.Duration) clock {
	return clock{quiet: uint32(max(1, (quiet+tickTime-1)/tickTime))}
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
	c.last, k.rest = k.now, 0
	if !k.running {
		k.running = true
		go p.run()
	}
}

// run lets the clock run until there is no work.
func (p *Poller) run() {
	t := time.NewTicker(tickTime)
	defer t.Stop()
	for range t.C {
		if !p.tick() {
			return
		}
	}
}

// tick looks once. It reports whether there will be another.
func (p *Poller) tick() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := &p.clock
	k.now++
	k.rest++
	for i := len(p.busy) - 1; i >= 0; i-- { // leave takes one out, and puts the last in its place
		if w := p.busy[i]; w.turn == w.seen {
			p.leave(w)
		} else {
			w.seen = w.turn
		}
	}
	if k.now%max(1, k.quiet/4) == 0 {
		p.findQuiet()
	}
	k.running = !p.closed && (k.rest < restless || len(p.busy) > 0 || len(k.warm) > 0)
	return k.running
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
