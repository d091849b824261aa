package main

import (
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/store"
)

// How many callers a store has at a time: one, and as many as an MTA has connections.
var callers = [...]int{1, 16} // read only

// keyCount is how many keys there are. Each has 12 digits, as those of redis-benchmark have.
const keyCount = 10_000

// step is one thing that is done with a key.
type step struct {
	name string
	do   func(ctx context.Context, s store.Space, key string) error
}

// steps returns what is measured: plain values, and the decisions of policies.
func steps() ([]step, error) {
	value := store.Text(strings.Repeat("v", 100))
	r, err := limit.ParseRate("1000000000/h", 0, "") // never exceeded
	if err != nil {
		return nil, err
	}
	grey := limit.Greylist{Delay: 5 * time.Minute, Window: 48 * time.Hour, Keep: 35 * 24 * time.Hour, IPv4: 24, IPv6: 64}
	client := netip.MustParseAddr("192.0.2.77")
	return []step{
		{"set", func(ctx context.Context, s store.Space, key string) error { return s.Set(ctx, key, value, time.Hour) }},
		{"get", func(ctx context.Context, s store.Space, key string) error {
			_, found, err := s.Get(ctx, key)
			if err == nil && !found {
				err = fmt.Errorf("%s is gone", key)
			}
			return err
		}},
		{"incr", func(ctx context.Context, s store.Space, key string) error {
			_, err := s.Incr(ctx, "n"+key, 1, time.Hour)
			return err
		}},
		{"rate limit, take", func(ctx context.Context, s store.Space, key string) error {
			taken, err := r.Take(ctx, s, key, 1)
			if err == nil && !taken.OK {
				err = fmt.Errorf("the limit of %s is exceeded", key)
			}
			return err
		}},
		{"greylist, early", func(ctx context.Context, s store.Space, key string) error {
			j, err := grey.Judge(ctx, s, limit.Attempt{IP: client, Sender: "sender@client.example", Recipient: key})
			if err == nil && j.Pass {
				err = fmt.Errorf("%s passes", key)
			}
			return err
		}},
	}, nil
}

// prepareStore opens the stores and fills them.
func prepareStore(ctx context.Context, b *bench) ([]*work, error) {
	all, err := steps()
	if err != nil {
		return nil, err
	}
	redis, err := b.startRedis(ctx)
	if err != nil {
		return nil, err
	}
	stores, err := b.openStores(redis)
	if err != nil {
		return nil, err
	}
	keys := make([]string, max(10, keyCount/b.scale))
	for i := range keys {
		keys[i] = fmt.Sprintf("%012d", i)
	}
	for _, s := range stores {
		if err := fill(ctx, s.Store, all, keys); err != nil {
			return nil, err
		}
	}
	var works []*work
	for _, st := range all {
		var sent command
		if redis != "" {
			if sent, err = listen(ctx, redis, func() error { return st.do(ctx, space(stores[len(stores)-1].Store), keys[0]) }); err != nil {
				return nil, fmt.Errorf("%s: %w", st.name, err)
			}
		}
		for _, n := range callers {
			w := &work{name: fmt.Sprintf("%s, %s", st.name, counted(n, "caller")), units: []unit{perSecond}}
			for _, s := range stores {
				w.doers = append(w.doers, ours(b.inStore(s, st, keys, n)))
			}
			w.doers = append(w.doers, b.redisBenchmark(redis, sent, n))
			works = append(works, w)
		}
	}
	return works, nil
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// openStore is a store with its name.
type openStore struct {
	name string
	store.Store
}

func space(s store.Store) store.Space { return store.Space{Store: s, Name: "lookups"} }

// openStores opens one of each kind, that in Redis last, if there is a server.
func (b *bench) openStores(redis string) (all []openStore, err error) {
	urls := []string{"memory:", "file:" + filepath.Join(b.dir, "state.db")}
	if redis != "" {
		urls = append(urls, "redis://"+redis)
	}
	for _, url := range urls {
		at, err := store.ParseURL(url)
		if err != nil {
			return nil, err
		}
		s, err := store.Open(at, store.Limits{Size: 1 << 30, Keys: 1_000_000, Timeout: 10 * time.Second})
		if err != nil {
			return nil, err
		}
		b.later(s.Close)
		name, _, _ := strings.Cut(url, ":")
		all = append(all, openStore{name, s})
	}
	return all, nil
}

// fill takes every step with every key once.
func fill(ctx context.Context, s store.Store, all []step, keys []string) error {
	const together = 64 // so that a file writes many in one transaction
	for _, st := range all {
		failed := make(chan error, together)
		for c := range together {
			go func() {
				var err error
				for i := c; i < len(keys) && err == nil; i += together {
					err = st.do(ctx, space(s), keys[i])
				}
				failed <- err
			}()
		}
		var first error
		for range together {
			if err := <-failed; err != nil && first == nil {
				first = err
			}
		}
		if first != nil {
			return fmt.Errorf("%s: %w", st.name, first)
		}
	}
	return nil
}

// inStore is a step in one of our stores.
func (b *bench) inStore(s openStore, st step, keys []string, callers int) *doer {
	const stride = 7919 // a prime, so that all keys come
	return rate(s.name, func(ctx context.Context) (float64, error) {
		in := space(s.Store)
		return perform(ctx, callers, b.length, func(caller, n int) error {
			return st.do(ctx, in, keys[(caller*1009+n*stride)%len(keys)])
		})
	})
}

// startRedis starts a server that keeps nothing on the disk, and returns where it listens: "" if it is not installed.
func (b *bench) startRedis(ctx context.Context) (address string, err error) {
	path, err := find("redis-server", "redis-server")
	if err != nil {
		b.note("redis-server: %v", err)
		return "", nil
	}
	if address, err = freePort(); err != nil {
		return "", err
	}
	port := netip.MustParseAddrPort(address).Port()
	cmd := exec.Command(path, "--bind", "127.0.0.1", "--port", fmt.Sprint(port), "--save", "", "--appendonly", "no", "--dir", b.dir)
	_, err = b.start(ctx, cmd, listens("tcp", address))
	return address, err
}
