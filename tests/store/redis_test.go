package store

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
	"luamilter/tests/mta"
)

// timeout is for servers that share a busy machine.
const timeout = 5 * time.Second

// open opens a store, and closes it at the end of the test.
func open(t testing.TB, url string) store.Store {
	t.Helper()
	at, err := store.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(at, store.Limits{Size: 64 << 20, Keys: 100_000, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestRedis(t *testing.T) {
	s := open(t, "redis://"+mta.Redis(t).Addr)
	storetest.Run(t, storetest.Subject{Store: s, Pass: pass})
	t.Run("as memory", func(t *testing.T) { storetest.Same(t, store.NewMemory(1<<30, 1000), s, 20_000, storetest.Any) })
}

// pass lets time pass for a server. It counts in whole milliseconds, and a key is still there in the last of them.
func pass(d time.Duration) { time.Sleep(d + 5*time.Millisecond) }

// TestTLS has a server that speaks TLS, with a certificate that is trusted or not.
func TestTLS(t *testing.T) {
	server, ca := mta.RedisTLS(t)
	s := store.Space{Store: open(t, "rediss://"+server.Addr+"?ca="+ca), Name: "s"}
	await(t, "the server answers", func(ctx context.Context) bool { return s.Set(ctx, "a", store.Text("x"), 0) == nil })
	_, _, err := store.Space{Store: open(t, "rediss://"+server.Addr), Name: "s"}.Get(t.Context(), "a")
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody trusts gives %v", err)
	}
}

// TestUser has a user who may do no more than docs/store.md says, and one who may not write.
func TestUser(t *testing.T) {
	server := mta.Redis(t, "user luamilter on >secret ~luamilter:* +@read +@write +@scripting +@connection", "user reader on >secret ~luamilter:* +get +@connection")
	s := open(t, "redis://luamilter:secret@"+server.Addr)
	storetest.Run(t, storetest.Subject{Store: s, Pass: pass})
	err := store.Space{Store: open(t, "redis://reader:secret@"+server.Addr), Name: "s"}.Set(t.Context(), "a", store.Text("x"), 0)
	if err == nil || !strings.Contains(err.Error(), "allow the user") {
		t.Errorf("a user who may not write gives %v", err)
	}
}

// TestFull has a server that has no memory left.
func TestFull(t *testing.T) {
	server := mta.Redis(t, "maxmemory 1kb")
	err := store.Space{Store: open(t, "redis://"+server.Addr), Name: "s"}.Set(t.Context(), "a", store.Text("x"), 0)
	if err == nil || !strings.Contains(err.Error(), "raise the server's maxmemory") {
		t.Errorf("a full server gives %v", err)
	}
}

// TestCluster has a cluster of one server: what differs is how the client finds keys.
func TestCluster(t *testing.T) {
	server := mta.RedisCluster(t)
	slots := make([]string, 0, 16384+2)
	slots = append(slots, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	command(t, server.Addr, slots...)
	s := open(t, "redis+cluster://"+server.Addr)
	await(t, "the cluster takes keys", func(ctx context.Context) bool {
		return store.Space{Store: s, Name: "s"}.Set(ctx, "a", store.Text("x"), 0) == nil
	})
	storetest.Run(t, storetest.Subject{Store: s, Pass: pass})
}

// TestServerIsSilent suspends a server: after some time-outs errors come at once, and it is asked again when some time has passed.
func TestServerIsSilent(t *testing.T) {
	server := mta.Redis(t)
	at, err := store.ParseURL("redis://" + server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenRedis(at, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	s := store.Space{Store: r, Name: "s"}
	await(t, "the server answers", func(ctx context.Context) bool { return s.Set(ctx, "a", store.Text("x"), 0) == nil })
	server.Suspend(t)
	var errs []string
	for range 6 {
		_, _, err := s.Get(t.Context(), "a")
		if err == nil {
			t.Fatal("a server that is suspended answers")
		}
		errs = append(errs, err.Error())
	}
	if !strings.Contains(errs[0], "no answer within 200ms") || !strings.Contains(errs[5], "it did not answer lately") {
		t.Errorf("the errors are:\n%s", strings.Join(errs, "\n"))
	}
	server.Resume(t)
	await(t, "the server is asked again", func(ctx context.Context) bool {
		_, found, err := s.Get(ctx, "a")
		return found && err == nil
	})
}

// TestSentinel has a master fail: the sentinel makes the replica the master, and the store goes on there.
func TestSentinel(t *testing.T) {
	master := mta.Redis(t)
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := mta.Redis(t, "replicaof "+host+" "+port)
	sentinel := mta.Sentinel(t, "sentinel monitor mail "+host+" "+port+" 1", "sentinel down-after-milliseconds mail 300", "sentinel failover-timeout mail 2000")
	s := store.Space{Store: open(t, "redis+sentinel://"+sentinel.Addr+"/mail"), Name: "s"}
	await(t, "the master answers", func(ctx context.Context) bool { return s.Set(ctx, "a", store.Text("x"), 0) == nil })
	await(t, "the replica has it, and the sentinel knows the replica", func(context.Context) bool {
		return strings.Contains(command(t, replica.Addr, "GET", "luamilter:s:v:a"), "tx") &&
			strings.Contains(command(t, sentinel.Addr, "SENTINEL", "REPLICAS", "mail"), "master-link-status\r\n$2\r\nok")
	})
	master.Kill(t)
	await(t, "the store goes on with the replica", func(ctx context.Context) bool { return s.Set(ctx, "b", store.Text("y"), 0) == nil })
	if v, found, err := s.Get(t.Context(), "a"); v != store.Text("x") || !found || err != nil {
		t.Errorf("what the master had been told is %v %v %v", v, found, err)
	}
}

// await waits until something is so.
func await(t *testing.T, what string, is func(context.Context) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is(t.Context()) {
			return
		}
	}
	t.Fatalf("it does not come that %s", what)
}

// command gives a Redis server a command and returns its answer as it comes.
func command(t *testing.T, addr string, words ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.SetDeadline(time.Now().Add(time.Minute))
	_, err1 := conn.Write([]byte(strings.Join(words, " ") + "\r\n"))
	answer := make([]byte, 64<<10)
	n, err2 := conn.Read(answer)
	if err := errors.Join(err, err1, err2); err != nil {
		t.Fatal(err)
	}
	return string(answer[:n])
}
