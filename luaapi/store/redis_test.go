package store_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// openRedis opens a store at a URL, and closes it at the end of the test.
func openRedis(t testing.TB, url string) *store.Redis {
	t.Helper()
	at, err := store.ParseURL(url)
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

// TestRedis runs against an imitation of the server; tests/store has the real one.
func TestRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var c clock
	r := openRedis(t, "redis://"+server.Addr())
	r.Now = c.now
	storetest.Run(t, storetest.Subject{Store: r, Pass: func(d time.Duration) {
		c.pass(d)
		server.FastForward(d)
	}})
}

func TestRedisAsMemory(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	storetest.Same(t, store.NewMemory(1<<30, 1000), openRedis(t, "redis://"+server.Addr()), 5000, storetest.Any)
}

func TestRedisPassword(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireUserAuth("luamilter", "s:cr@t")
	good := store.Space{Store: openRedis(t, "redis://luamilter:s%3acr%40t@"+server.Addr()+"/3"), Name: "s"}
	if err := good.Set(t.Context(), "a", store.Text("x"), 0); err != nil {
		t.Error(err)
	}
	if !server.DB(3).Exists("luamilter:s:v:a") {
		t.Error("the key is not in database 3, where it belongs")
	}
	_, _, err := store.Space{Store: openRedis(t, "redis://luamilter:wrong@"+server.Addr()), Name: "s"}.Get(t.Context(), "a")
	if err == nil || !strings.Contains(err.Error(), "redis://user:password@host") || strings.Contains(err.Error(), "wrong@") {
		t.Errorf("the error of a wrong password is: %v", err)
	}
}

// TestRedisOutage has a port behind which nobody is: after three attempts none are made for a while.
func TestRedisOutage(t *testing.T) {
	t.Parallel()
	const address = "127.0.0.1:1" // no server is given it by chance
	s := store.Space{Store: openRedis(t, "redis://"+address), Name: "s"}
	for i := range 5 {
		_, _, err := s.Get(t.Context(), "a")
		want := "connection refused"
		if i >= 3 {
			want = "it did not answer lately, and is asked again within 5s"
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "store redis://"+address) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
}

// TestRedisSilent has a server that takes connections and says nothing.
func TestRedisSilent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r, err := store.OpenRedis(store.Location{Kind: store.KindRedis, Servers: []string{l.Addr().String()}}, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	_, _, err = store.Space{Store: r, Name: "s"}.Get(t.Context(), "a")
	if err == nil || !strings.Contains(err.Error(), "no answer within 50ms (store.timeout)") {
		t.Errorf("the error is: %v", err)
	}
}
