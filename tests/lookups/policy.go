package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"luamilter/load"
	"luamilter/protocol"
)

//go:embed greylist.lua
var greylistScript string

// sessions is how many ask at a time, each over a connection of its own.
const sessions = 16

// repeatedCount is how many triplets come again.
const repeatedCount = 2_000

// grey is a greylist that is asked over sessions. Everybody is asked about one client and puts every triplet off.
type grey struct {
	name   string
	own    bool
	beside string // as that of a doer
	dial   func(deadline time.Time) (session, error)
}

// session is a connection to a greylist.
type session interface {
	// ask asks about the n-th triplet; that it is not put off is an error.
	ask(n int64) error
	close()
}

// The parts of a triplet.
const client = "192.0.2.77"

func sender(n int64) string    { return fmt.Sprintf("sender%d@client.example", n) }
func recipient(n int64) string { return fmt.Sprintf("reader%d@site.example", n%1000) }

// preparePolicy starts the greylists.
func preparePolicy(ctx context.Context, b *bench) ([]*work, error) {
	redis, err := b.startRedis(ctx)
	if err != nil {
		return nil, err
	}
	all, err := b.ourGreylists(ctx, redis)
	if err != nil {
		return nil, err
	}
	var peers []*doer
	for _, p := range []struct {
		name, beside string // who keeps its state in the same way
		start        func(ctx context.Context, redis string) (grey, error)
	}{{"postgrey", "file", b.startPostgrey}, {"rspamd greylist", "redis", b.startRspamdGreylist}} {
		g, err := p.start(ctx, redis)
		switch g.name, g.beside = p.name, p.beside; {
		case errors.As(err, new(lacking)):
			peers = append(peers, beside(p.beside, absent(p.name, err)))
		case err != nil:
			return nil, err
		default:
			all = append(all, g)
		}
	}
	var fresh atomic.Int64 // numbers of triplets that did not come yet
	repeated := int64(max(100, repeatedCount/b.scale))
	fresh.Store(repeated)
	first := &work{name: fmt.Sprintf("a new triplet, %d connections", sessions), units: []unit{perSecond}}
	again := &work{name: fmt.Sprintf("one that comes too early, %d connections", sessions), units: []unit{perSecond}}
	for _, g := range all {
		if err := g.tell(ctx, repeated); err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		first.doers = append(first.doers, b.decisions(g, func(int, int) int64 { return fresh.Add(1) }))
		again.doers = append(again.doers, b.decisions(g, func(caller, n int) int64 { return int64(caller*1009+n*7919) % repeated }))
	}
	first.doers, again.doers = append(first.doers, peers...), append(again.doers, peers...)
	return []*work{first, again}, nil
}

// tell asks a greylist about the first triplets, each once.
func (g *grey) tell(ctx context.Context, triplets int64) error {
	failed := make(chan error, sessions)
	for c := range int64(sessions) {
		go func() {
			s, err := g.dial(time.Now().Add(longest))
			if err != nil {
				failed <- err
				return
			}
			defer s.close()
			for n := c; n < triplets && err == nil && ctx.Err() == nil; n += sessions {
				err = s.ask(n)
			}
			failed <- err
		}()
	}
	var all []error
	for range sessions {
		all = append(all, <-failed)
	}
	return errors.Join(append(all, ctx.Err())...)
}

// decisions is a greylist asked about the triplets whose numbers are told.
func (b *bench) decisions(g grey, number func(caller, n int) int64) *doer {
	d := rate(g.name, func(ctx context.Context) (float64, error) {
		open := make([]session, sessions)
		for i := range open {
			s, err := g.dial(time.Now().Add(b.length + longest/2))
			if err != nil {
				return 0, err
			}
			defer s.close()
			open[i] = s
		}
		return perform(ctx, sessions, b.length, func(caller, n int) error { return open[caller].ask(number(caller, n)) })
	})
	d.own, d.beside = g.own, g.beside
	return d
}

// ourGreylists starts a daemon for each kind of store.
func (b *bench) ourGreylists(ctx context.Context, redis string) (all []grey, err error) {
	daemon := b.daemon
	if daemon == "" {
		daemon = filepath.Join(b.dir, "luamilter")
		b.note("policy: builds luamilter")
		out, err := exec.CommandContext(ctx, "go", "build", "-race=false", "-o", daemon, "luamilter/cmd/luamilter").CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("build luamilter: %w (run this inside the checkout, or name a program with --daemon)\n%s", err, out)
		}
	}
	folder := filepath.Join(b.dir, "scripts") // of its own, as the daemon trusts all Lua beside a script
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	script, err := b.write("scripts/greylist.lua", greylistScript)
	if err != nil {
		return nil, err
	}
	stores := [][2]string{{"memory", "memory:"}, {"file", "file:" + filepath.Join(b.dir, "grey.db")}}
	if redis != "" {
		stores = append(stores, [2]string{"redis", "redis://" + redis + "/1"})
	}
	for _, s := range stores {
		name, socket := s[0], filepath.Join(b.dir, s[0]+".sock")
		config := fmt.Sprintf("listen = [%q]\nscripts = [%q]\n[log]\nlevel = \"warn\"\n[store]\nurl = %q\n", "unix:"+socket, script, s[1])
		path, err := b.write(name+".toml", config)
		if err != nil {
			return nil, err
		}
		if _, err := b.start(ctx, exec.Command(daemon, "run", "-c", path), listens("unix", socket)); err != nil {
			return nil, err
		}
		all = append(all, grey{name: name, own: true, dial: func(deadline time.Time) (session, error) { return dialMilter(socket, deadline) }})
	}
	return all, nil
}

// milterSession asks a milter, as an MTA does that has a client which is refused each time.
type milterSession struct{ *protocol.Client }

// dialMilter connects, negotiates and tells of a client.
func dialMilter(socket string, deadline time.Time) (session, error) {
	conn, err := load.Dial("unix", socket, deadline)
	if err != nil {
		return nil, err
	}
	m := milterSession{protocol.NewClient(conn, 0)}
	_, err = m.Negotiate(protocol.FullOffer)
	for _, ev := range []protocol.Event{
		&protocol.Connect{Host: []byte("client.example"), Family: protocol.FamilyInet, Port: 49153, Address: []byte(client)},
		&protocol.Helo{Name: []byte("client.example")},
	} {
		if err == nil {
			_, err = m.Send(ev)
		}
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return m, nil
}

func (m milterSession) ask(n int64) error {
	if _, err := m.Send(&protocol.Mail{Sender: []byte("<" + sender(n) + ">")}); err != nil {
		return err
	}
	r, err := m.Send(&protocol.Rcpt{Recipient: []byte("<" + recipient(n) + ">")})
	if err != nil {
		return err
	}
	if r.Code != 451 {
		return fmt.Errorf("triplet %d is not put off: %v", n, r)
	}
	return m.Abort()
}

func (m milterSession) close() {
	_ = m.Quit() // a daemon that has ended has closed it
	_ = m.Close()
}
