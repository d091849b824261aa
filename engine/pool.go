package engine

import (
	"runtime"
	"sync"
)

// pool keeps spare VMs of a program. Their number follows the work: a VM is made when an event needs one and none is spare,
// and more than a few spare ones are let go.
type pool struct {
	make func() (*vm, error)

	mu    sync.Mutex
	spare []*vm
}

// maxUses is how often a VM is leased before it is let go: tables in a VM never give memory back for keys that are gone.
const maxUses = 10_000

// maxSpare is how many are kept: at some 70 KiB each they cost little, and making one costs as much as several messages.
var maxSpare = 32 * runtime.GOMAXPROCS(0)

// take returns a spare VM or makes one.
func (p *pool) take() (*vm, error) {
	p.mu.Lock()
	if n := len(p.spare); n > 0 {
		v := p.spare[n-1]
		p.spare[n-1] = nil
		p.spare = p.spare[:n-1]
		p.mu.Unlock()
		v.uses++
		return v, nil
	}
	p.mu.Unlock()
	return p.make()
}

// put takes a VM back.
func (p *pool) put(v *vm) {
	if v.uses < maxUses {
		p.mu.Lock()
		if len(p.spare) < maxSpare {
			p.spare = append(p.spare, v)
			v = nil
		}
		p.mu.Unlock()
	}
	if v != nil {
		v.close()
	}
}
