package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi/metric"
	"luamilter/luaapi/schedule"
	"luamilter/poll"
)

// Engine serves MTAs with a program.
type Engine struct {
	Messages  bool          // write a line for every message, at info; not to be changed later
	ParkAfter time.Duration // how long a connection must be quiet before its VM goes back to the pool; 0: it goes back after each event; not to be changed later

	// Tap, if not nil, is given each connection before anything is read from it, and returns what is to be served in its place, such as one that
	// records it. id is that of the connection in the log. It must not wait, nor must Read of what it returns where that of nc does not (poll.Conn);
	// not to be changed later.
	Tap func(nc net.Conn, listener, id string) net.Conn

	log       zerolog.Logger
	keepAlive time.Duration // how often the MTA is told to wait during a long eom hook
	nextID    atomic.Uint64
	failures  *failures
	started   int64
	turns     turns
	workers   workers
	counts    counts
	metrics   *metric.Store
	timers    *schedule.Schedule

	poller *poll.Poller // made when the first listener is served; nil where there is none on this system

	swap     sync.Mutex // guards what follows against changes at the same time
	current  atomic.Pointer[Release]
	trial    atomic.Pointer[trial]
	tracers  atomic.Pointer[[]*tracer]
	releases []*Release // that have sessions, or may get some
	numbers  atomic.Int64

	stopping chan struct{} // closed when sessions are to end at once
	stopOnce sync.Once

	mu        sync.Mutex // guards what follows, and the making of poller
	listeners map[net.Listener]struct{}
	conns     map[net.Conn]struct{}
	draining  chan struct{}  // closed when no more is accepted
	accepting sync.WaitGroup // of the listeners
	ends      sync.WaitGroup // of sessions and timers
}

// stuckTime is how long closed sessions may take to end.
const stuckTime = 5 * time.Second

// Times of an engine that are not said otherwise.
const (
	DefaultParkAfter = 50 * time.Millisecond
	defaultKeepAlive = 4 * time.Second // Sendmail gives up after 10 s without a word
)

// New returns an engine for programs, by the names of their listeners.
func New(programs map[string]*Program, log zerolog.Logger) *Engine {
	e := &Engine{
		log:       log,
		ParkAfter: DefaultParkAfter,
		keepAlive: defaultKeepAlive,
		started:   time.Now().Unix(),
		turns:     newTurns(),
		stopping:  make(chan struct{}),
		draining:  make(chan struct{}),
		failures:  newFailures(log),
		timers:    newSchedule(log),
		listeners: map[net.Listener]struct{}{},
		conns:     map[net.Conn]struct{}{},
	}
	e.metrics = metric.NewStore(func(listener, script, what string) {
		log.Warn().Str("listener", listener).Str("script", script).Msg("metrics: " + what)
	})
	e.Reload(programs)
	return e
}

// Serve accepts connections for the programs of a listener's name until Shutdown, and closes the listener then. Errors that pass, such as
// too many open files, are waited out.
func (e *Engine) Serve(l net.Listener, name string) error {
	l, err := e.polled(l)
	if err != nil {
		return err
	}
	if !e.track(l) {
		return l.Close()
	}
	defer e.accepting.Done()
	wait := time.Duration(0)
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			wait = 0
			e.start(job{conn: nc, listener: name})
		case e.isDraining():
			e.empty(l, name)
			return nil
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			e.log.Error().Err(err).Stringer("retry_in", wait).Msg("cannot accept a connection")
			select {
			case <-time.After(wait):
			case <-e.draining:
				e.empty(l, name)
				return nil
			}
		}
	}
}

// queueTime is how long a listener is still asked for who waits in its queue when no more are to be accepted.
const queueTime = 20 * time.Millisecond

// withDeadline is a listener whose Accept can be interrupted, as those of TCP and unix sockets.
type withDeadline interface{ SetDeadline(time.Time) error }

// empty serves those who wait in a listener's queue, and closes it. The kernel has told them already that they are connected: an MTA that was cut off
// there would take that for a failure and refuse mail, and a load balancer would not try another daemon any more.
func (e *Engine) empty(l net.Listener, name string) {
	d, ok := l.(withDeadline)
	if !ok {
		return // interrupt has closed it
	}
	defer l.Close() // a unix socket's file goes with it
	if d.SetDeadline(time.Now().Add(queueTime)) != nil {
		return
	}
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		e.start(job{conn: nc, listener: name})
	}
}

// interrupt has a listener's Accept return, so that Serve can empty its queue.
func interrupt(l net.Listener) {
	if d, ok := l.(withDeadline); !ok || d.SetDeadline(time.Unix(1, 0)) != nil {
		_ = l.Close()
	}
}

func (e *Engine) track(l net.Listener) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.isDraining() {
		return false
	}
	e.listeners[l] = struct{}{}
	e.accepting.Add(1)
	return true
}

// start serves one connection. One that was accepted just before the listener was closed is served too: the MTA would take its loss for a
// failure and refuse mail, while another process may listen already.
func (e *Engine) start(j job) {
	j.id = e.id()
	j.polled, _ = j.conn.(*poll.Conn)
	if e.Tap != nil {
		j.conn = e.Tap(j.conn, j.listener, j.id)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped() {
		_ = j.conn.Close()
		return
	}
	e.conns[j.conn] = struct{}{}
	e.ends.Add(1)
	if j.polled == nil {
		e.workers.run(j, e.serve)
	} else if err := j.polled.Start(&polledJob{e, j}); err != nil {
		e.log.Error().Err(err).Msg("cannot serve a connection")
		_ = j.conn.Close()
		delete(e.conns, j.conn)
		e.ends.Done()
	}
}

// serve serves a connection until it ends or is idle.
func (e *Engine) serve(j job) {
	idle := false
	defer func() {
		if !idle {
			e.ended(j.conn)
		}
	}()
	defer e.survive(j.conn)
	if j.session == nil {
		j.session = newSession(e, j)
	}
	if idle = j.session.serve() != poll.Gone; idle {
		go e.await(j)
	}
}

// await waits until an idle connection has something to say, and has it served then.
func (e *Engine) await(j job) {
	came := false
	defer func() {
		if !came {
			e.ended(j.conn)
		}
	}()
	defer e.survive(j.conn)
	j.session.conn.Await()
	came = true
	e.workers.run(j, e.serve)
}

// survive is to be deferred: a panic, which is a bug of ours, costs the connection only.
func (e *Engine) survive(nc net.Conn) {
	if v := recover(); v != nil {
		e.survived(nc, v)
	}
}

// survived logs a panic.
func (e *Engine) survived(nc net.Conn, v any) {
	_ = nc.Close()
	e.log.Error().Str("stack", string(debug.Stack())).Msg(fmt.Sprintf("internal error: %v", v))
}

// ended notes that a connection is served no more.
func (e *Engine) ended(nc net.Conn) {
	e.forget(nc)
	e.ends.Done()
}

func (e *Engine) forget(nc net.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.conns, nc)
}

// id returns a connection id that no other connection in the log has, also after a restart.
func (e *Engine) id() string {
	return strconv.FormatInt(e.started, 36) + "-" + strconv.FormatUint(e.nextID.Add(1), 36)
}

// Sessions returns the number of open connections.
func (e *Engine) Sessions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.conns)
}

func (e *Engine) isDraining() bool { return isClosed(e.draining) }

func (e *Engine) stopped() bool { return isClosed(e.stopping) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// StopAccepting closes the listeners. From then on the engine gets no new sessions.
func (e *Engine) StopAccepting() {
	e.mu.Lock()
	if !e.isDraining() {
		close(e.draining)
		for l := range e.listeners {
			interrupt(l)
		}
	}
	e.mu.Unlock()
	e.accepting.Wait()
}

// Shutdown stops accepting and lets the open sessions end at their MTA's QUIT. When ctx is done first, the rest are closed and the
// number of those is in the error.
func (e *Engine) Shutdown(ctx context.Context) error {
	defer e.failures.close()
	e.StopAccepting()
	done := make(chan struct{})
	go func() {
		e.ends.Wait()
		close(done)
	}()
	defer e.closeWorkers()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	n := e.closeAll()
	select {
	case <-done:
	case <-time.After(stuckTime): // a hook deep in a library call that nothing can stop
		e.log.Error().Int("connections", e.Sessions()).Msg("hooks do not end; leaving them")
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d connections were closed before their MTA was done: %w", n, ctx.Err())
}

// closeWorkers ends the goroutines that sessions ran in.
func (e *Engine) closeWorkers() {
	e.workers.close()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.poller != nil {
		_ = e.poller.Close()
	}
}

// closeAll ends every session now.
func (e *Engine) closeAll() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopOnce.Do(func() { close(e.stopping) })
	for nc := range e.conns {
		_ = nc.Close() // its session ends with an error that says why
	}
	return len(e.conns)
}
