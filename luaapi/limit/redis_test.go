package limit_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"luamilter/luaapi/limit/limittest"
	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// imitation returns a store in an imitation of the server, with a clock, and what lets time pass for both; tests/limits has the real one.
func imitation(t *testing.T, c *clock) (*store.Redis, func(time.Duration)) {
	t.Helper()
	server := miniredis.RunT(t)
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
	r.Now = c.now
	return r, func(d time.Duration) {
		c.pass(d)
		if d > 0 {
			server.FastForward(d)
		}
	}
}

func TestRedis(t *testing.T) {
	var c clock
	r, pass := imitation(t, &c)
	limittest.Run(t, storetest.Subject{Store: r, Pass: pass})
}

func TestRedisAsMemory(t *testing.T) {
	var c clock
	r, _ := imitation(t, &c) // whose own clock stands still: the steps know what is over
	storetest.Same(t, memory(&c), r, 5_000, func(r *rand.Rand) storetest.Step { return limittest.Any(r, c.pass) })
}
