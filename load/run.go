package load

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"luamilter/protocol"
)

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

// run is one use of a generator.
type run struct {
	*Generator
	phase    atomic.Int32
	tickets  atomic.Int64 // messages that may still begin
	due      atomic.Int64 // messages that were due so far, where there is a rate
	begin    time.Time
	deadline time.Time
	stopped  chan struct{} // closed when no message may begin any more

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool // no connection may be opened any more
}

func (g *Generator) newRun(within time.Duration, phase phase, messages int64) *run {
	now := time.Now()
	r := &run{Generator: g, begin: now, deadline: now.Add(within), stopped: make(chan struct{}), open: map[net.Conn]struct{}{}}
	r.phase.Store(phase)
	r.tickets.Store(messages)
	return r
}

// start lets every connection work in a goroutine of its own.
func (r *run) start() <-chan *Tally {
	done := make(chan *Tally, r.Connections)
	for i := range r.Connections {
		w := &worker{run: r, number: i, tally: &Tally{}}
		if i < len(r.Opened) {
			w.player = r.Opened[i]
			r.enter(w.player.conn)
		}
		go func() { done <- w.work() }()
	}
	return done
}

// wait collects what the connections did. When ctx is done they are closed.
func (r *run) wait(ctx context.Context, done <-chan *Tally) Tally {
	stop := context.AfterFunc(ctx, r.closeAll)
	defer stop()
	var sum Tally
	for range r.Connections {
		sum.add(<-done)
	}
	return sum
}

// stop lets no more messages begin.
func (r *run) stop() {
	if r.phase.Swap(stopping) != stopping {
		close(r.stopped)
	}
}

func (r *run) closeAll() {
	r.stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for c := range r.open {
		_ = c.Close() // its worker sees it
	}
}

// more waits for the time at which another message may begin and returns it; false if none may.
func (r *run) more() (time.Time, bool) {
	if r.phase.Load() == stopping || r.tickets.Add(-1) < 0 {
		return time.Time{}, false
	}
	now := time.Now()
	if r.Rate <= 0 {
		return now, true
	}
	due := r.begin.Add(time.Duration(r.due.Add(1)-1) * time.Second / time.Duration(r.Rate))
	if wait := due.Sub(now); wait > 0 {
		select {
		case <-time.After(wait):
		case <-r.stopped:
			return due, false
		}
	}
	return due, true
}

// enter notes a connection as open. It reports whether that is still allowed.
func (r *run) enter(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[conn] = struct{}{}
	return !r.closed
}

// drop closes a connection.
func (r *run) drop(conn net.Conn) {
	_ = conn.Close() // nothing is lost with it
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, conn)
}

// worker is one connection's messages, or those of the connections that follow each other in its place.
type worker struct {
	*run
	number int
	player *Player // nil while there is no connection
	played int     // messages over this connection
	tally  *Tally
}

// work plays messages for as long as there are any.
func (w *worker) work() *Tally {
	for kind := w.number * 3; w.tally.Lost < maxLost; kind++ {
		begin, ok := w.more()
		if !ok {
			break
		}
		trips := 0
		if w.player != nil {
			trips = w.player.trips
		}
		if err := w.message(kind); err != nil {
			w.lose(err)
			continue
		}
		w.note(time.Since(begin), w.player.trips-trips)
		if w.played++; w.PerConnection > 0 && w.played >= w.PerConnection {
			w.end()
		}
	}
	w.end()
	return w.tally
}

// message plays one message, over a new connection if there is none.
func (w *worker) message(kind int) error {
	if w.player == nil {
		p, err := w.connect(w.number)
		if err != nil {
			return err
		}
		w.player, w.played = p, 0
	}
	return w.player.Play(kind)
}

// lose gives a connection up.
func (w *worker) lose(err error) {
	if w.phase.Load() != stopping {
		w.tally.Lost++
		w.tally.blame(err.Error())
	}
	if w.player != nil {
		w.drop(w.player.conn)
		w.player = nil
	}
	time.Sleep(10 * time.Millisecond)
}

// note counts a message.
func (w *worker) note(took time.Duration, trips int) {
	if w.phase.Load() == counting {
		w.tally.Messages++
		w.tally.Trips += trips
		w.tally.Latencies.Add(took)
		if w.player.check.refused {
			w.tally.Refused++
		}
	}
	if wrong := w.player.Wrong(); wrong != "" {
		w.tally.Wrong++
		w.tally.blame(wrong)
	}
}

// end says goodbye to the filter.
func (w *worker) end() {
	if w.player == nil {
		return
	}
	_ = w.player.say(protocol.CmdQuit) // a filter may have closed the connection first
	w.drop(w.player.conn)
	w.player = nil
}

func (r *run) connect(number int) (*Player, error) {
	conn, err := Dial(r.Network, r.Address, r.deadline)
	if err != nil {
		return nil, err
	}
	if !r.enter(conn) {
		r.drop(conn)
		return nil, net.ErrClosed
	}
	p, err := NewPlayer(conn, r.Bag, number)
	if err != nil {
		r.drop(conn)
	}
	return p, err
}
