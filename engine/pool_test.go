package engine

import (
	"errors"
	"sync"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// emptyProto is the file level of an empty script.
var emptyProto = func() *lua.FunctionProto {
	proto, err := lua.Compile(nil, "none.lua")
	if err != nil {
		panic(err)
	}
	return proto
}()

// testPool lends at most so many VMs that can do nothing.
func testPool(most int) *pool {
	p := &pool{most: most, memory: NewMemory(0)}
	p.make = func() (*vm, error) {
		return newVM(&Script{File: &File{Path: "none.lua", proto: emptyProto}}, &Program{limits: DefaultLimits})
	}
	return p
}

// Who comes when all VMs are lent gets the next that comes back, in the order of coming.
func TestPoolHasAMost(t *testing.T) {
	p := testPool(2)
	a, _ := p.take(nil, nil)
	b, _ := p.take(nil, nil)
	order := make(chan int, 2)
	for i := range 2 {
		go func() {
			if v, err := p.take(nil, nil); err == nil {
				order <- i
				p.put(v)
			}
		}()
		wait(t, "the one who waits", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.waiting) == i+1 })
	}
	p.put(a)
	if first, second := <-order, <-order; first != 0 || second != 1 {
		t.Errorf("served %d before %d", first, second)
	}
	p.drop(b)
	if c, err := p.take(nil, nil); err != nil || p.made.Load() != 1 || c != a {
		t.Errorf("%d VMs, %v", p.made.Load(), err)
	}
}

// One that is let go makes room for another.
func TestPoolMakesAnotherForWhoWaits(t *testing.T) {
	p := testPool(1)
	a, _ := p.take(nil, nil)
	got := make(chan *vm)
	go func() { v, _ := p.take(nil, nil); got <- v }()
	wait(t, "the one who waits", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.waiting) == 1 })
	p.drop(a)
	if b := <-got; b == nil || b == a || p.made.Load() != 1 {
		t.Errorf("got %p after %p; %d VMs", b, a, p.made.Load())
	}
}

// When the daemon stops, nobody waits for a VM.
func TestPoolStops(t *testing.T) {
	p := testPool(1)
	if _, err := p.take(nil, nil); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	close(stop)
	if v, err := p.take(stop, nil); err == nil || v != nil {
		t.Errorf("%v, %v", v, err)
	}
	if len(p.waiting) != 0 {
		t.Error("it still waits")
	}
}

// A VM that cannot be made is not counted.
func TestPoolAfterFailure(t *testing.T) {
	p := testPool(1)
	works := p.make
	p.make = func() (*vm, error) { return nil, errors.New("no") }
	for range 3 {
		if _, err := p.take(nil, nil); err == nil {
			t.Fatal("it was made")
		}
	}
	p.make = works
	if _, err := p.take(nil, nil); err != nil {
		t.Error(err)
	}
}

// Many sessions at a time get along with few VMs, and none is lost.
func TestPoolUnderLoad(t *testing.T) {
	p := testPool(3)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for range 100 {
				v, err := p.take(nil, nil)
				switch {
				case err != nil:
					t.Error(err)
				case i%10 == 0:
					p.drop(v)
				default:
					p.put(v)
				}
			}
		})
	}
	all.Wait()
	if p.made.Load() > 3 || int(p.made.Load()) != len(p.spare) || len(p.waiting) != 0 {
		t.Errorf("%d VMs, %d spare, %d wait", p.made.Load(), len(p.spare), len(p.waiting))
	}
}

// A long hook does not hold up others: it goes on by turns.
func TestTurns(t *testing.T) {
	s := defaults()
	s.limits.Instructions = 3_000_000
	r := s.start(t, `
function mail(conn, sender)
  if sender == "long" then while true do end end
  return continue
end`)
	var long sync.WaitGroup
	for range 2 * cap(r.engine.turns.free) {
		c := r.mta()
		long.Go(func() { c.do("mail long") })
	}
	wait(t, "all turns to be taken", func() bool { return len(r.engine.turns.free) == 0 })
	r.mta().dialog("mail short -> continue")
	long.Wait()
	wait(t, "the turns to be given back", func() bool { return len(r.engine.turns.free) == cap(r.engine.turns.free) })
	r.engine.failures.flush()
	if n := r.log.failures(); n != 2*cap(r.engine.turns.free) {
		t.Errorf("%d hooks were stopped", n)
	}
}

// While there are more VMs than are kept, sessions are told.
func TestPressed(t *testing.T) {
	p := &pool{}
	for made, want := range map[int]bool{0: false, maxSpare: false, maxSpare + 1: true} {
		if p.made.Store(int64(made)); p.pressed() != want {
			t.Errorf("%d VMs: %v", made, !want)
		}
	}
}
