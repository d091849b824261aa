package limits

import (
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/limit/limittest"
	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// clock is a time that tests set. The server has its own, which goes on as it does: decisions know themselves what is over.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_800_000_000, c.passed.Load()) }
func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// open opens a store in a server, with a time that tests set.
func open(t *testing.T, server *mta.RedisServer, c *clock) *store.Redis {
	t.Helper()
	at, err := store.ParseURL("redis://" + server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenRedis(at, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	s.Now = c.now
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestRedis(t *testing.T) {
	var c clock
	limittest.Run(t, storetest.Subject{Store: open(t, mta.Redis(t), &c), Pass: c.pass})
}

func TestRedisAsMemory(t *testing.T) {
	var c clock
	m := store.NewMemory(64<<20, 100_000)
	m.Now = c.now
	storetest.Same(t, m, open(t, mta.Redis(t), &c), 20_000, func(r *rand.Rand) storetest.Step { return limittest.Any(r, c.pass) })
}
