package engine

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// pool lends a script's VMs. Their number follows the work: one is made when an event needs it and none is spare. There is a most;
// who comes when it is reached waits, but not for long.
type pool struct {
	make   func() (*vm, error)
	memory *Memory
	most   int          // VMs at a time
	rotate bool         // see Options.Rotate
	stuck  atomic.Int64 // VMs that idle connections hold, because their data cannot leave
	warned atomic.Bool  // the log has said so
	made   atomic.Int64 // in existence; it changes while the pool is locked

	mu      sync.Mutex
	spare   []*vm
	waiting []chan *vm // in the order in which they came; nil means: make one
	closed  bool       // the program is used by nobody new: what comes back is let go
}

// maxUses is how often a VM is leased before it is let go: tables in a VM never give memory back for keys that are gone.
const maxUses = 10_000

// maxSpare is how many are kept: at some 50 KiB each they cost little, and making one costs as much as several messages. Postfix has 100
// connections at most by default.
var maxSpare = max(150, 32*runtime.GOMAXPROCS(0))

// poolWait is how long a session waits for a VM: less than MTAs wait for a reply.
const poolWait = 5 * time.Second

// take returns a spare VM or makes one. Before it waits for one it calls wait, which may be nil.
func (p *pool) take(stop <-chan struct{}, wait func()) (*vm, error) {
	p.mu.Lock()
	if v := p.pick(); v != nil {
		p.mu.Unlock()
		v.uses++
		return v, nil
	}
	if int(p.made.Load()) < p.most {
		p.count(+1)
		p.mu.Unlock()
		return p.build()
	}
	turn := make(chan *vm, 1)
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	if wait != nil {
		wait()
	}
	return p.await(turn, stop)
}

// pick takes one of the spare VMs, nil if none is to be used. The pool is locked.
func (p *pool) pick() *vm {
	n := len(p.spare) - 1
	switch {
	case n < 0 || p.rotate && p.made.Load() < 2:
		return nil
	case p.rotate: // the one that waits the longest
		v := p.spare[0]
		p.spare = slices.Delete(p.spare, 0, 1)
		return v
	}
	v := p.spare[n]
	p.spare[n] = nil
	p.spare = p.spare[:n]
	return v
}

// build makes a VM that is counted already.
func (p *pool) build() (*vm, error) {
	var v *vm
	defer func() {
		if v == nil {
			p.gone()
		}
	}()
	v, err := p.make()
	if err == nil {
		p.memory.add(v)
	}
	return v, err
}

// await waits for a VM that another session gives back.
func (p *pool) await(turn chan *vm, stop <-chan struct{}) (*vm, error) {
	patience := time.NewTimer(poolWait)
	defer patience.Stop()
	select {
	case v := <-turn:
		return p.turn(v)
	case <-patience.C:
	case <-stop:
	}
	p.mu.Lock()
	for i, w := range p.waiting {
		if w == turn {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			p.mu.Unlock()
			return nil, fmt.Errorf("all %d VMs are in use, and none came back within %v", p.most, poolWait)
		}
	}
	p.mu.Unlock()
	return p.turn(<-turn) // it came at the last moment
}

func (p *pool) turn(v *vm) (*vm, error) {
	if v == nil {
		return p.build()
	}
	v.uses++
	return v, nil
}

// put takes a VM back.
func (p *pool) put(v *vm) {
	if v.uses >= maxUses {
		p.drop(v)
		return
	}
	p.mu.Lock()
	switch {
	case len(p.waiting) > 0:
		p.next() <- v
	case len(p.spare) < maxSpare && !p.closed:
		p.spare = append(p.spare, v)
	default:
		p.mu.Unlock()
		p.drop(v)
		return
	}
	p.mu.Unlock()
}

// drop lets a VM go for good.
func (p *pool) drop(v *vm) {
	p.memory.remove(v)
	v.close()
	p.gone()
}

// gone notes that there is one VM less; who waits longest may make another.
func (p *pool) gone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) > 0 {
		p.next() <- nil
		return
	}
	p.count(-1)
}

// count notes how many more VMs there are. The pool is locked.
func (p *pool) count(more int) { p.made.Add(int64(more)) }

// pressed reports whether there are more than are kept, so that a session should not hold one while it waits: a burst of connections, each
// with little to do, would make one for each.
func (p *pool) pressed() bool { return int(p.made.Load()) > maxSpare }

// next returns whose turn it is.
func (p *pool) next() chan *vm {
	turn := p.waiting[0]
	p.waiting = p.waiting[1:]
	return turn
}

// close lets the spare VMs go, and those in use when they come back.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	spare := p.spare
	p.spare = nil
	p.count(-len(spare))
	p.mu.Unlock()
	for _, v := range spare {
		p.memory.remove(v)
		v.close()
	}
}
