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

// imitation returns a store in an imitation of the server, with a clock. The server's own stands still: the steps know what is over. tests/limits
// has a real one.
func imitation(t *testing.T, c *clock) *store.Redis {
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
	return r
}

func TestRedis(t *testing.T) {
	var c clock
	limittest.Run(t, storetest.Subject{Store: imitation(t, &c), Pass: c.pass})
}

func TestRedisAsMemory(t *testing.T) {
	var c clock
	storetest.Same(t, memory(&c), imitation(t, &c), 5_000, func(r *rand.Rand) storetest.Step { return limittest.Any(r, c.pass) })
}
