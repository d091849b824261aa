package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	"luamilter/luaapi/dns"
)

// nameCount is how many names are in the caches.
const nameCount = 10_000

// How many look something up at a time. Two is a goroutine for each of two cores.
var (
	lookers = [...]int{1, 2, 16} // read only
	askers  = [...]int{1, 16}    // likewise
)

// digits are those of a number in a name of the zone.
const digits = 12

// zoneName returns the n-th name of the zone.
func zoneName(n int64) string {
	number := strconv.FormatInt(n, 10)
	return "n000000000000"[:digits+1-len(number)] + number + ".zone.example"
}

// prepareDNS starts the name servers and fills the caches.
func prepareDNS(ctx context.Context, b *bench) ([]*work, error) {
	authority, err := b.startAuthority()
	if err != nil {
		return nil, err
	}
	resolver := dns.NewResolver(dns.Options{Servers: []string{authority}, Timeout: 5 * time.Second, Tries: 1, Cache: 64 << 20, Concurrency: 200})
	b.later(func() error { resolver.Close(); return nil })
	unbound, lacks := b.startUnbound(ctx, authority)
	if lacks != nil && !errors.As(lacks, new(lacking)) {
		return nil, lacks
	}
	questions, err := b.warm(ctx, resolver)
	if err != nil {
		return nil, err
	}
	var fresh atomic.Int64 // numbers of names that nobody asked for
	fresh.Store(nameCount)
	var works []*work
	for _, n := range lookers {
		w := &work{name: "cached answer, " + counted(n, "caller"), units: []unit{perSecond}}
		w.doers = append(w.doers, ours(b.cached(resolver, questions, n)))
		if lacks != nil {
			w.doers = append(w.doers, absent("unbound", lacks))
		} else {
			w.doers = append(w.doers, b.overUDP("unbound", unbound, n, func(caller, i int) int64 { return int64((caller*1009 + i*7919) % len(questions)) }))
		}
		works = append(works, w)
	}
	for _, n := range askers {
		anew := func(int, int) int64 { return fresh.Add(1) }
		w := &work{name: "new name, " + counted(n, "caller"), units: []unit{perSecond}}
		w.doers = append(w.doers, ours(b.missed(resolver, &fresh, n)))
		if lacks != nil {
			w.doers = append(w.doers, absent("unbound", lacks))
		} else {
			w.doers = append(w.doers, b.overUDP("unbound", unbound, n, anew))
		}
		w.doers = append(w.doers, b.overUDP("no resolver", authority, n, anew))
		works = append(works, w)
	}
	return works, nil
}

// warm looks the names of the cached answers up once.
func (b *bench) warm(ctx context.Context, r *dns.Resolver) ([]dns.Question, error) {
	questions := make([]dns.Question, max(10, nameCount/b.scale))
	for i := range questions {
		var err error
		if questions[i], err = dns.NewQuestion(zoneName(int64(i)), dns.A); err != nil {
			return nil, err
		}
		if err := lookUp(ctx, r, questions[i]); err != nil {
			return nil, err
		}
	}
	return questions, nil
}

// lookUp asks for an address, which there is.
func lookUp(ctx context.Context, r *dns.Resolver, q dns.Question) error {
	a, err := r.Lookup(ctx, q)
	if err == nil && len(a.Records) != 1 {
		err = fmt.Errorf("%v has %d records", q, len(a.Records))
	}
	return err
}

// cached is our resolver with names that it knows, as scripts write them: they are checked each time.
func (b *bench) cached(r *dns.Resolver, questions []dns.Question, callers int) *doer {
	return rate("resolver", func(ctx context.Context) (float64, error) {
		return perform(ctx, callers, b.length, func(caller, n int) error {
			q, err := dns.NewQuestion(questions[(caller*1009+n*7919)%len(questions)].Name, dns.A)
			if err != nil {
				return err
			}
			return lookUp(ctx, r, q)
		})
	})
}

// missed is our resolver with names that it does not know.
func (b *bench) missed(r *dns.Resolver, fresh *atomic.Int64, callers int) *doer {
	return rate("resolver", func(ctx context.Context) (float64, error) {
		return perform(ctx, callers, b.length, func(int, int) error {
			q, err := dns.NewQuestion(zoneName(fresh.Add(1)), dns.A)
			if err != nil {
				return err
			}
			return lookUp(ctx, r, q)
		})
	})
}

// overUDP is a client that asks a name server and waits for each answer. name says whose number is asked for.
func (b *bench) overUDP(name, address string, callers int, number func(caller, n int) int64) *doer {
	return rate(name, func(ctx context.Context) (float64, error) {
		clients := make([]*udpClient, callers)
		for i := range clients {
			c, err := dialUDP(address, time.Now().Add(b.length+longest/4))
			if err != nil {
				return 0, err
			}
			defer c.close()
			clients[i] = c
		}
		return perform(ctx, callers, b.length, func(caller, n int) error { return clients[caller].ask(number(caller, n)) })
	})
}

// unboundConf has unbound ask the authority for everything, and keep what it says. %[1]s is its folder, %[2]d its port, %[3]d the authority's.
const unboundConf = `server:
  interface: 127.0.0.1
  port: %[2]d
  directory: "%[1]s"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  do-ip6: no
  do-not-query-localhost: no
  num-threads: 1
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@%[3]d
remote-control:
  control-enable: no
`

// startUnbound starts it, has it look the names of the cached answers up, and returns its address.
func (b *bench) startUnbound(ctx context.Context, authority string) (address string, err error) {
	path, err := find("unbound", "unbound")
	if err != nil {
		return "", err
	}
	if address, err = freePort(); err != nil {
		return "", err
	}
	text := fmt.Sprintf(unboundConf, b.dir, netip.MustParseAddrPort(address).Port(), netip.MustParseAddrPort(authority).Port())
	conf, err := b.write("unbound.conf", text)
	if err != nil {
		return "", err
	}
	if _, err := b.start(ctx, exec.CommandContext(ctx, path, "-d", "-c", conf), listens("tcp", address)); err != nil {
		return "", err
	}
	c, err := dialUDP(address, time.Now().Add(startTime))
	if err != nil {
		return "", err
	}
	defer c.close()
	for i := range max(10, nameCount/b.scale) {
		if err := c.ask(int64(i)); err != nil {
			return "", err
		}
	}
	return address, nil
}
