package poll

import "slices"

// worker is a goroutine that serves.
type worker struct {
	wake chan struct{}
	left bool   // another one has taken its place; it ends what it has begun
	turn uint64 // how many times it has served
	seen uint64 // turn, when the clock looked
}

// maxAsleep is how many workers are kept for later. Their stacks have grown with the work, which costs as much as the work does.
const maxAsleep = 128

// join has another worker join in, if there may be one more. The poller is locked, as for all that follows.
func (p *Poller) join() {
	if p.awake >= p.most || p.closed {
		return
	}
	p.awake++
	n := len(p.asleep) - 1
	if n < 0 {
		go p.work(&worker{wake: make(chan struct{}, 1)})
		return
	}
	w := p.asleep[n]
	p.asleep = p.asleep[:n]
	w.wake <- struct{}{}
}

// work serves connections until the worker is not needed any more.
func (p *Poller) work(w *worker) {
	p.mu.Lock()
	for {
		c := p.take(w)
		if c == nil {
			break
		}
		p.mu.Unlock()
		state := c.serve()
		p.mu.Lock()
		p.served(c, state)
		if !w.left {
			p.busy = without(p.busy, w)
			continue
		}
		w.left = false
		p.away--
		if !p.sleep(w) {
			break
		}
	}
	p.mu.Unlock()
}

// take returns the next connection to serve, nil if the worker is to end.
func (p *Poller) take(w *worker) *Conn {
	for !p.closed {
		if p.awake > p.most {
			if p.awake--; !p.sleep(w) {
				return nil
			}
			continue
		}
		c := p.next()
		switch {
		case c != nil:
			w.turn++
			c.worker = w
			p.busy = append(p.busy, w)
			p.remember(c)
			p.stir(c)
			return c
		case !p.leading:
			p.lead()
		default:
			if p.awake--; !p.sleep(w) {
				return nil
			}
		}
	}
	return nil
}

// remember notes whether other connections have something to say as well.
func (p *Poller) remember(c *Conn) {
	switch {
	case c != p.recent:
		p.recent, p.mixed = c, mix
	case p.mixed > 0:
		p.mixed--
	}
}

// served notes what becomes of a connection that was served.
func (p *Poller) served(c *Conn, state State) {
	c.worker = nil
	if state == Gone {
		p.remove(c)
		return
	}
	c.warm = state == Warm
	if c.warm {
		p.clock.watch(c)
	}
	if c.missed != 0 {
		p.queue(c)
	}
}

// leave has another worker take a worker's place.
func (p *Poller) leave(w *worker) {
	if w.left {
		return
	}
	w.left = true
	p.busy = without(p.busy, w)
	p.awake--
	p.away++
	if p.at < p.end || len(p.again) > 0 || p.awake == 0 && !p.leading {
		p.join()
	}
}

// sleep waits until the worker is to join in. It returns false if it is to end.
func (p *Poller) sleep(w *worker) bool {
	if p.closed || len(p.asleep) >= maxAsleep {
		return false
	}
	p.asleep = append(p.asleep, w)
	p.mu.Unlock()
	_, ok := <-w.wake
	p.mu.Lock()
	return ok
}

func without(all []*worker, w *worker) []*worker {
	i := slices.Index(all, w)
	n := len(all) - 1
	all[i], all[n] = all[n], nil
	return all[:n]
}
