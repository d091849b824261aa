package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"luamilter/protocol"
)

// load is what a filter is measured with: messages over several connections at once.
type load struct {
	network, address string
	connections      int
	churn            bool // a message per connection
	bag              *mailbag
	opened           []*player // the connections, where they are open already; they are ended by the run
}

// tally is what one connection, or all of them, did.
type tally struct {
	messages  int
	trips     int // replies that were waited for
	wrong     int // messages that the filter treated wrongly
	lost      int // connections that broke
	fault     string
	latencies []time.Duration // of every message; with churn from connecting on
}

func (t *tally) add(other *tally) {
	t.messages += other.messages
	t.trips += other.trips
	t.wrong += other.wrong
	t.lost += other.lost
	if t.fault == "" {
		t.fault = other.fault
	}
	t.latencies = append(t.latencies, other.latencies...)
}

// err tells what went wrong, nil if nothing did.
func (t *tally) err() error {
	switch {
	case t.wrong > 0:
		return fmt.Errorf("%d messages were treated wrongly, first: %s", t.wrong, t.fault)
	case t.lost > 0:
		return fmt.Errorf("%d connections were lost, first: %s", t.lost, t.fault)
	}
	return nil
}

// phase is where a run is.
type phase = int32

const (
	warming phase = iota
	counting
	stopping
)

const (
	patience = 20 * time.Second // for a filter that does not answer, beyond the time of the run
	maxLost  = 20               // connections that may break before a worker gives up
)

// run is one use of a load.
type run struct {
	*load
	phase    atomic.Int32
	tickets  atomic.Int64 // messages that may still begin
	deadline time.Time

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool // no connection may be opened any more
}

func (l *load) newRun(within time.Duration, phase phase, messages int64) *run {
	r := &run{load: l, deadline: time.Now().Add(within), open: map[net.Conn]struct{}{}}
	r.phase.Store(phase)
	r.tickets.Store(messages)
	return r
}

// count plays that many messages.
func (l *load) count(ctx context.Context, messages int, within time.Duration) (tally, error) {
	r := l.newRun(within, counting, int64(messages))
	t := r.wait(ctx, r.start())
	return t, errors.Join(ctx.Err(), t.err())
}

// sample is a tally with what it cost.
type sample struct {
	tally
	wall      time.Duration
	cpu       time.Duration // of the filter
	generator time.Duration // CPU of this program
	memory    int64         // of the filter at the end, in bytes
}

// timed plays messages for a time, after a time that does not count, and measures what the process and its children use.
func (l *load) timed(ctx context.Context, warm, length time.Duration, pid int) (sample, error) {
	const endless = 1 << 60
	r := l.newRun(warm+length+patience, warming, endless)
	tallies := r.start()
	sleep(ctx, warm)

	pids := tree(pid)
	cpu, cpuErr := cpuTime(pids)
	own, begin := ownCPU(), time.Now()
	r.phase.Store(counting)
	sleep(ctx, length)
	pids = tree(pid)
	r.phase.Store(stopping)
	s := sample{wall: time.Since(begin), generator: ownCPU() - own}
	if cpuErr == nil {
		after, err := cpuTime(pids)
		s.cpu, cpuErr = after-cpu, err
	}
	s.memory = memory(pids)
	s.tally = r.wait(ctx, tallies)
	if cpuErr != nil {
		s.cpu = 0
	}
	if s.messages == 0 && s.fault == "" {
		return s, errors.Join(ctx.Err(), fmt.Errorf("no message was done within %v", length))
	}
	return s, errors.Join(ctx.Err(), s.err())
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// start lets every connection work in a goroutine of its own.
func (r *run) start() <-chan *tally {
	done := make(chan *tally, r.connections)
	for i := range r.connections {
		var p *player
		if i < len(r.opened) {
			p = r.opened[i]
			r.enter(p.conn)
		}
		go func() { done <- r.work(i, p) }()
	}
	return done
}

// wait collects what the connections did. When ctx is done they are closed.
func (r *run) wait(ctx context.Context, done <-chan *tally) tally {
	stop := context.AfterFunc(ctx, r.closeAll)
	defer stop()
	var sum tally
	for range r.connections {
		sum.add(<-done)
	}
	return sum
}

func (r *run) closeAll() {
	r.phase.Store(stopping)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for c := range r.open {
		_ = c.Close() // its worker sees it
	}
}

// more reports whether another message may begin.
func (r *run) more() bool { return r.phase.Load() != stopping && r.tickets.Add(-1) >= 0 }

// work is one connection's messages. The connection may be open already.
func (r *run) work(number int, p *player) *tally {
	t := &tally{latencies: make([]time.Duration, 0, 1<<12)}
	for kind := number * 3; r.more() && t.lost < maxLost; kind++ {
		trips := 0
		if p != nil {
			trips = p.trips
		}
		begin := time.Now()
		err := r.message(&p, number, kind)
		end := time.Now()
		if err != nil {
			if r.phase.Load() != stopping {
				t.lost++
				t.blame(err.Error())
			}
			if p != nil {
				r.drop(p.conn)
				p = nil
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if r.phase.Load() == counting {
			t.messages++
			t.trips += p.trips - trips
			t.latencies = append(t.latencies, end.Sub(begin))
		}
		if p.check.wrong != "" {
			t.wrong++
			t.blame(p.check.wrong)
		}
		if r.churn {
			r.end(p)
			p = nil
		}
	}
	if p != nil {
		r.end(p)
	}
	return t
}

// message plays one message, over a new connection if there is none.
func (r *run) message(p **player, number, kind int) error {
	if *p == nil {
		opened, err := r.connect(number)
		if err != nil {
			return err
		}
		*p = opened
	}
	return (*p).play(kind)
}

func (r *run) connect(number int) (*player, error) {
	conn, err := dial(r.network, r.address, r.deadline)
	if err != nil {
		return nil, err
	}
	if !r.enter(conn) {
		r.drop(conn)
		return nil, net.ErrClosed
	}
	p, err := newPlayer(conn, r.bag, number)
	if err != nil {
		r.drop(conn)
	}
	return p, err
}

// enter notes a connection as open. It reports whether that is still allowed.
func (r *run) enter(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[conn] = struct{}{}
	return !r.closed
}

// end says goodbye to the filter.
func (r *run) end(p *player) {
	_ = p.say(protocol.CmdQuit) // a filter may have closed the connection first
	r.drop(p.conn)
}

// drop closes a connection.
func (r *run) drop(conn net.Conn) {
	_ = conn.Close() // nothing is lost with it
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, conn)
}

func (t *tally) blame(fault string) {
	if t.fault == "" {
		t.fault = fault
	}
}
