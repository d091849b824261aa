package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/dns"
	"luamilter/luaapi/geo"
	"luamilter/luaapi/maps"
	"luamilter/luaapi/spool"
	"luamilter/luaapi/store"
	"luamilter/record"
	"luamilter/system"
)

// Daemon is a running luamilter. Its fields are set before Run.
type Daemon struct {
	Configure func() (*config.Config, error)           // reads the configuration, at the start and at each reload
	Logger    func(config.Log) (zerolog.Logger, error) // opens the log; the level is set with zerolog.SetGlobalLevel
	Version   string                                   // for status and metrics
	Ready     func(first engine.Spec) error            // called once, when the sockets are served; may be nil

	log        zerolog.Logger
	memory     *engine.Memory
	spool      *spool.Dir
	upstreams  *upstreams
	records    *record.Dir // nil if nothing is recorded
	store      *store.Watched
	dns        *dns.Resolver
	geo        *geo.Databases // nil without files
	services   *luaapi.Services
	maps       *maps.Pool
	engine     *engine.Engine
	supervisor system.Supervisor
	sockets    []socket
	admin      net.Listener // nil without one
	metrics    net.Listener // likewise
	began      time.Time
	serving    atomic.Bool
	stopping   chan struct{}  // closed when it stops
	background sync.WaitGroup // what ends then

	reloading sync.Mutex // one at a time
	mu        sync.Mutex // guards what follows
	config    *config.Config
	listeners []config.Listener
	sources   fingerprint
	history   history
}

// socket is a listening socket of a listener.
type socket struct {
	net.Listener
	spec engine.Spec
	name string // of the listener
}

// ErrUnclean is the error of a stop that had to close sessions before their MTA was done. The log has said so.
var ErrUnclean = errors.New("sessions were closed before their MTA was done")

// gcPercent is how much garbage there may be, in percent of what is alive, until the watch over memory says otherwise.
const gcPercent = 400

// Run serves until a signal, or until a socket fails.
func (d *Daemon) Run(ctx context.Context) error {
	d.began, d.stopping = time.Now(), make(chan struct{})
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR2)
	defer signal.Stop(signals)
	inherited, err := system.Inherited()
	if err != nil {
		return err
	}
	if err := d.start(inherited); err != nil {
		return errors.Join(err, inherited.Close(), d.closeSockets(), d.closeServices())
	}
	return errors.Join(d.serve(ctx, inherited, signals), d.closeServices())
}

// start does everything up to the first Accept.
func (d *Daemon) start(inherited *system.Inheritance) error {
	c, err := d.Configure()
	if err != nil {
		return err
	}
	listeners, err := c.Listeners()
	if err != nil {
		return err
	}
	d.config, d.listeners = c, listeners
	d.spool = spool.NewDir(c.Spool.Dir, int64(c.Spool.Size))
	if d.log, err = d.Logger(c.Log); err != nil {
		return err
	}
	for _, w := range c.Warnings() {
		d.log.Warn().Msg(w)
	}
	if d.supervisor, err = system.FindSupervisor(); err != nil {
		return err
	}
	if err := d.openSockets(inherited); err != nil {
		return err
	}
	if err := d.giveUp(); err != nil {
		return err
	}
	d.limitMemory()
	if err := d.openServices(inherited.Successor); err != nil {
		return err
	}
	programs, err := d.load(c, listeners)
	if err != nil {
		return err
	}
	if err := d.trySpool(programs); err != nil {
		return err
	}
	d.warn(programs)
	d.sources = sourcesOf(programs)
	d.engine = engine.New(programs, d.log)
	d.engine.Messages, d.engine.ParkAfter = c.Log.Messages, c.Limits.ParkAfter
	if d.records != nil {
		d.engine.Tap = d.tap
	}
	d.history.note(Attempt{Time: d.began, Cause: "start", Release: 1})
	return nil
}

// inUse returns the configuration and the listeners that were taken up last.
func (d *Daemon) inUse() (*config.Config, []config.Listener) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.config, d.listeners
}

// giveUp becomes the configured user and closes the file system, as far as the configuration wants it.
func (d *Daemon) giveUp() error {
	c, listeners := d.inUse()
	if err := system.CheckScripts(trusted(c, listeners), owner(c)); err != nil {
		return err
	}
	if c.User != "" || c.Group != "" {
		if err := system.Drop(c.User, c.Group, true); err != nil {
			return err
		}
	}
	if err := d.openRecords(); err != nil { // as the user that writes them, and before the file system is closed
		return err
	}
	if err := system.Harden(); err != nil {
		return err
	}
	if !c.Sandbox {
		return nil
	}
	enforced, err := system.Restrict(system.MailFilterPaths().With(d.paths()))
	if err != nil {
		return err
	}
	d.log.Info().Msg(enforced)
	return nil
}

// trySpool makes a file for large messages, if any are collected, so that a folder that cannot be used is no surprise later.
func (d *Daemon) trySpool(programs map[string]*engine.Program) error {
	for _, p := range programs {
		if len(p.Needs.Body) > 0 {
			return d.spool.Try()
		}
	}
	return nil
}

// limitMemory has Go and the watch keep within the configured memory.
func (d *Daemon) limitMemory() {
	c, _ := d.inUse()
	limit := int64(c.Limits.Memory)
	d.memory = engine.NewMemory(limit)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		d.memory.Tune = true
	}
	if os.Getenv("GOMEMLIMIT") == "" && limit > 0 {
		debug.SetMemoryLimit(limit / 4 * 5) // the watch acts before
	}
}

// serve accepts connections until something ends it.
func (d *Daemon) serve(ctx context.Context, inherited *system.Inheritance, signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer d.closeMaps()
	defer d.background.Wait()
	defer close(d.stopping)
	defer cancel()
	leading, follow := context.WithCancel(ctx) // until a successor leads
	defer follow()
	if err := inherited.Ready(); err != nil {
		return errors.Join(err, d.closeSockets())
	}
	failed := make(chan error, len(d.sockets)+2)
	for _, s := range d.sockets {
		go func() { failed <- d.engine.Serve(s.Listener, s.name) }()
		d.log.Info().Stringer("listen", s.spec).Str("listener", s.name).Strs("scripts", d.listener(s.name).Scripts).Msg("luamilter is ready")
	}
	d.background.Go(func() { d.memory.Watch(ctx, d.log) })
	d.background.Go(func() { d.watch(leading) })
	d.background.Go(func() { d.upstreams.run(leading, d.log) })
	if inherited.Successor {
		d.engine.ContinueTimers()
	}
	go d.engine.RunTimers(leading) // which the engine's shutdown waits for
	d.watchGeo(ctx)
	d.runMaps(ctx)
	d.serveAdmin(ctx, leading, failed)
	d.serving.Store(true)
	d.tell(inherited)
	d.background.Go(func() { d.supervisor.Watchdog(ctx, d.healthy) })
	if d.Ready != nil {
		if err := d.Ready(d.sockets[0].spec); err != nil {
			d.log.Warn().Err(err).Msg("ready")
		}
	}
	return d.await(ctx, follow, failed, signals)
}

// tell says to the supervisor that all is ready. Of a successor it hears from the predecessor.
func (d *Daemon) tell(inherited *system.Inheritance) {
	if inherited.Successor {
		return
	}
	if err := d.supervisor.Ready(); err != nil {
		d.log.Warn().Err(err).Msg("the supervisor cannot be told that the daemon is ready")
	}
}

// healthy reports whether the daemon does what it is for. Where a lock is never given back, it never answers, and no sign of life is sent.
func (d *Daemon) healthy() bool {
	d.inUse()
	d.engine.Counts()
	return d.serving.Load() && d.engine.Sessions() >= 0
}

// await waits for what ends the daemon, and ends it. It calls follow when a successor leads.
func (d *Daemon) await(ctx context.Context, follow func(), failed <-chan error, signals <-chan os.Signal) error {
	handing, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var ready chan int // gets the process id of the successor, or 0; nil while none is being started
	for {
		select {
		case <-ctx.Done():
			return d.stop(nil, signals)
		case err := <-failed:
			return errors.Join(err, d.stop(nil, signals))
		case pid := <-ready:
			if pid != 0 {
				return d.leave(pid, follow, signals, 2)
			}
			ready = nil
		case sig := <-signals:
			switch sig {
			case syscall.SIGHUP:
				go d.hangUp()
			case syscall.SIGUSR2:
				if ready == nil {
					ready = make(chan int, 1)
					go func() { ready <- d.handOver(handing) }()
				}
			default:
				giveUp()
				if ready != nil {
					if pid := <-ready; pid != 0 {
						return d.leave(pid, follow, signals, 1)
					}
				}
				return d.stop(sig, signals)
			}
		}
	}
}

// stop says that the daemon stops, and drains.
func (d *Daemon) stop(sig os.Signal, signals <-chan os.Signal) error {
	ev := d.log.Info()
	if sig != nil {
		ev = ev.Stringer("signal", sig)
	}
	c, _ := d.inUse()
	ev.Int("connections", d.engine.Sessions()).Stringer("wait_up_to", c.Notice+c.Drain).Msg("stopping")
	if err := d.supervisor.Stopping(); err != nil {
		d.log.Warn().Err(err).Msg("the supervisor cannot be told that the daemon stops")
	}
	return d.drain(signals, c.Notice, 1)
}

// drain stops accepting when notice has passed, in which load balancers see that it is about to, and lets the open sessions end, but no longer than is
// configured, or until so many more signals have come. After a hand-over the first is none: systemctl stop sends it to the new process, which it is for,
// and to this one, which ends already.
func (d *Daemon) drain(signals <-chan os.Signal, notice time.Duration, enough int) error {
	d.serving.Store(false)
	c, _ := d.inUse()
	ctx, cancel := context.WithTimeout(context.Background(), notice+c.Drain)
	defer cancel()
	go func() {
		for {
			select {
			case sig := <-signals:
				if sig == syscall.SIGTERM || sig == syscall.SIGINT {
					enough--
				}
				if enough == 0 {
					cancel()
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	defer d.closeRecords()
	select {
	case <-time.After(notice):
	case <-ctx.Done():
	}
	if err := d.engine.Shutdown(ctx); err != nil {
		d.log.Warn().Err(err).Msg("stopped")
		return ErrUnclean
	}
	d.log.Info().Msg("stopped")
	return nil
}

// successorTime is how long a new binary may take to be ready.
const successorTime = 30 * time.Second

// handOver starts the binary anew with the open sockets. It returns the id of that process when it is ready, so that this one can leave; or 0.
func (d *Daemon) handOver(ctx context.Context) (pid int) {
	d.log.Info().Msg("handing over to a new process")
	ctx, cancel := context.WithTimeout(ctx, successorTime)
	defer cancel()
	var open []net.Listener
	var names []string
	for i, s := range d.sockets {
		open, names = append(open, s.Listener), append(names, fmt.Sprintf("listen%d", i))
	}
	for name, l := range map[string]net.Listener{"admin": d.admin, "metrics": d.metrics} {
		if l != nil {
			open, names = append(open, l), append(names, name)
		}
	}
	pid, err := system.StartSuccessor(ctx, open, names, os.Args, os.Environ())
	if err != nil {
		d.log.Error().Err(err).Msg("the new process did not get ready; this one goes on")
		return 0
	}
	d.serving.Store(false) // no sign of life once the supervisor knows that it is not this process any more that matters
	if err := d.supervisor.MainPID(pid); err != nil {
		d.log.Warn().Err(err).Msg("the supervisor cannot be told of the new process")
	}
	return pid
}

// leave leaves all to the successor but the open sessions, and drains.
func (d *Daemon) leave(successor int, follow func(), signals <-chan os.Signal, enough int) error {
	follow()
	d.shareServices()
	d.engine.StopAccepting()
	c, _ := d.inUse()
	d.log.Info().Int("pid", successor).Int("connections", d.engine.Sessions()).Stringer("wait_up_to", c.Drain).Msg("the new process is ready; this one ends when its sessions do")
	return d.drain(signals, 0, enough)
}

// listener returns a listener of the configuration by name.
func (d *Daemon) listener(name string) config.Listener {
	_, listeners := d.inUse()
	for _, l := range listeners {
		if l.Name == name {
			return l
		}
	}
	return config.Listener{}
}
