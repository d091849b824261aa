package schedule

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// shared returns a store in an imitation of Redis, which is no local one.
func shared(t *testing.T, server *miniredis.Miniredis) *store.Redis {
	t.Helper()
	at, err := store.ParseURL("redis://" + server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenRedis(at, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Three daemons, two of them with clocks that are wrong by less than the minute that keys are kept: each turn is run once.
func TestOnceAmongAll(t *testing.T) {
	server := miniredis.RunT(t)
	var all []*desk
	runs := map[string]int{}
	for i := range 3 {
		d := newDesk(noon.Add(time.Duration(i-1) * 400 * time.Millisecond))
		d.Who = fmt.Sprint("daemon ", i)
		timer := Timer{Name: "a", Every: time.Second, AtStart: true}
		job := Job{Timer: timer, Of: "a.lua", Turns: store.Space{Store: shared(t, server), Name: "a"}}
		job.Do = func(turn time.Time) error { runs[turn.Format("15:04:05")]++; return nil }
		d.Set([]Job{job})
		all = append(all, d)
	}
	for range 100 {
		for _, d := range all {
			d.until(t, d.clock.Add(200*time.Millisecond))
		}
		server.FastForward(200 * time.Millisecond)
	}
	if len(runs) < 20 {
		t.Errorf("%d turns ran in 20 seconds", len(runs))
	}
	for turn, n := range runs {
		if n != 1 {
			t.Errorf("the turn of %s ran %d times", turn, n)
		}
	}
	var ran, elsewhere uint64
	for _, d := range all {
		c := d.Status()[0].Counts
		ran, elsewhere = ran+c.Ran, elsewhere+c.Elsewhere
	}
	if int(ran) != len(runs) || elsewhere == 0 {
		t.Errorf("%d ran and %d elsewhere, of %d", ran, elsewhere, len(runs))
	}
}

func TestClaimsAtTheSameTime(t *testing.T) {
	server := miniredis.RunT(t)
	job := Job{Timer: Timer{Name: "a", Every: time.Minute}, Turns: store.Space{Store: shared(t, server), Name: "a"}}
	var won atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			mine, err := New(time.Now).mine(t.Context(), &job, noon)
			if err != nil {
				t.Error(err)
			}
			if mine {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("the turn went to %d", won.Load())
	}
	server.FastForward(2*time.Minute + time.Second)
	if n := len(server.Keys()); n != 0 {
		t.Errorf("%d keys are left when the turn is long over", n)
	}
}

// While the store is away, turns are left out, but for those of timers that run alone; that is told once, and so is its return.
func TestOutage(t *testing.T) {
	t.Parallel() // it waits for the store
	server := miniredis.RunT(t)
	d := newDesk(noon)
	var failing []error
	var working []uint64
	d.Failing = func(err error) { failing = append(failing, err) }
	d.Working = func(missed uint64) { working = append(working, missed) }
	r := shared(t, server)
	job := func(timer Timer) Job {
		j := d.job(timer)
		j.Turns = store.Space{Store: r, Name: "script"}
		return j
	}
	d.Set([]Job{job(Timer{Name: "a", Every: time.Minute}), job(Timer{Name: "b", Every: time.Minute, Alone: true})})
	d.until(t, noon.Add(time.Minute))
	d.want(t, "a 05 12:01:00", "b 05 12:01:00")
	server.Close()
	d.until(t, noon.Add(3*time.Minute))
	d.want(t, "b 05 12:02:00", "b 05 12:03:00")
	if len(failing) != 1 || len(working) != 0 {
		t.Errorf("that it fails was told %d times, that it works %d times", len(failing), len(working))
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for minute := 4; len(working) == 0; minute++ { // the store is left alone for a while after failures
		if minute > 100 {
			t.Fatal("it never works again")
		}
		time.Sleep(100 * time.Millisecond)
		d.until(t, noon.Add(time.Duration(minute)*time.Minute))
	}
	if len(failing) != 1 || len(working) != 1 || working[0] < 4 {
		t.Errorf("that it fails was told %d times, that it works %v", len(failing), working)
	}
	if c := d.Status()[0].Counts; c.Skipped < 2 || c.Failed != 0 {
		t.Errorf("the counts are %+v", c)
	}
}

// Nothing is begun when Run is to end, even if the turn is ours.
func TestNoMoreAfterTheEnd(t *testing.T) {
	d := newDesk(noon)
	d.Set([]Job{d.job(Timer{Name: "a", Every: time.Minute, AtStart: true})})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.RunDue(ctx)
	d.want(t)
	if c := d.Status()[0].Counts; c.Skipped != 1 {
		t.Errorf("the counts are %+v", c)
	}
}

// The decision is the same in Go and in Redis.
func TestClaimInRedisAsInMemory(t *testing.T) {
	server := miniredis.RunT(t)
	now := noon
	memory := store.NewMemory(8<<20, 10_000)
	memory.Now = func() time.Time { return now }
	r := shared(t, server)
	r.Now = memory.Now
	storetest.Same(t, memory, r, 2000, func(r *rand.Rand) storetest.Step {
		d := time.Duration(r.IntN(1000)) * time.Millisecond
		now = now.Add(d)
		server.FastForward(d)
		kept := fmt.Sprint(1 + r.IntN(5000))
		return func(ctx context.Context, s store.Space, key string) (any, error) {
			reply, err := s.Decide(ctx, &claim, key, "somebody", kept)
			return fmt.Sprint(reply), err
		}
	})
}
