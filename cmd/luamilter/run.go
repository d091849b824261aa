package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/protocol"
)

// runCmd is the daemon.
type runCmd struct {
	Scripts []string      `arg:"" name:"script" complete:"*.lua" help:"Lua scripts, asked in this order."`
	Listen  []string      `short:"l" sep:"none" placeholder:"SPEC" help:"Where the MTA connects, may be repeated: inet:port@host, inet6:port@host, unix:/path, or Postfix's inet:host:port. A path may end in ?mode=0660&group=postfix. Default: ${default_listen}."`
	OnError string        `enum:"tempfail,reject,accept,continue" default:"tempfail" help:"What an error in a script amounts to: ${enum}. Default: ${default}."`
	Drain   time.Duration `default:"60s" help:"How long SIGTERM waits for open SMTP sessions; a second signal ends at once. Default: ${default}."`

	Memory size `default:"1GiB" placeholder:"SIZE" help:"How much memory the daemon may take: before it takes more, it stops hooks and refuses mail for the time being. Default: ${default}; 0 for no limit."`

	Probe bool `help:"Once ready, play a sample message to the first socket, as luamilter probe does, to show what the scripts do."`

	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"The least that is logged: ${enum}. Default: ${default}."`
	LogFormat string `enum:"auto,text,json" default:"auto" help:"How the log looks: ${enum}; auto is text on a terminal and JSON elsewhere."`
}

// Help is shown below the flags.
func (c *runCmd) Help() string {
	return `Examples:
  luamilter run filter.lua
  luamilter run --listen 'unix:/run/luamilter/milter.sock?mode=0660&group=postfix' first.lua second.lua

The line for main.cf of Postfix, and for sendmail.mc of Sendmail:

  smtpd_milters = inet:127.0.0.1:8891
  INPUT_MAIL_FILTER(` + "`luamilter', `S=inet:8891@127.0.0.1, F=T, T=R:30s;E:5m')" + `

SIGTERM and SIGINT stop accepting, let open SMTP sessions finish, and end.`
}

// gcPercent is how much garbage there may be, in percent of what is alive, until the watch over memory says otherwise.
const gcPercent = 400

var verdictNames = map[string]protocol.Verdict{
	"tempfail": protocol.Tempfail, "reject": protocol.Reject, "accept": protocol.Accept, "continue": protocol.Continue,
}

// Run serves until a signal.
func (c *runCmd) Run(t *terminal) error {
	log, err := t.logger(c.LogLevel, c.LogFormat)
	if err != nil {
		return usageError{err}
	}
	specs, err := c.specs()
	if err != nil {
		return usageError{err}
	}
	memory := engine.NewMemory(int64(c.Memory))
	program, err := engine.Load(c.Scripts, engine.Options{Limits: engine.DefaultLimits, OnError: verdictNames[c.OnError], Memory: memory})
	if err != nil {
		return describe(err)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		memory.Tune = true
	}
	if os.Getenv("GOMEMLIMIT") == "" && c.Memory > 0 {
		debug.SetMemoryLimit(int64(c.Memory) / 4 * 5) // the watch acts before
	}
	watching, stopWatching := context.WithCancel(context.Background())
	defer stopWatching()
	go memory.Watch(watching, log)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	return c.serve(t, engine.New(program, log), program, specs, log, signals)
}

func (c *runCmd) specs() ([]engine.Spec, error) {
	if len(c.Listen) == 0 {
		c.Listen = []string{engine.DefaultSpec}
	}
	var specs []engine.Spec
	for _, text := range c.Listen {
		s, err := engine.ParseSpec(text)
		if err != nil {
			return nil, err
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// serve opens the sockets, serves them, and stops at a signal or when a socket fails.
func (c *runCmd) serve(t *terminal, e *engine.Engine, p *engine.Program, specs []engine.Spec, log zerolog.Logger, signals <-chan os.Signal) error {
	listeners, err := openAll(specs)
	if err != nil {
		return err
	}
	warnAbout(p, log)
	failed := make(chan error, len(listeners))
	for i, l := range listeners {
		go func() { failed <- e.Serve(l) }()
		log.Info().Stringer("listen", specs[i]).Strs("scripts", c.Scripts).Msg("luamilter is ready")
	}
	if c.Probe {
		if err := (&probeCmd{Addr: specs[0].String(), From: "sender@example.com", Rcpt: sampleRcpts, Timeout: 30 * time.Second}).Run(t); err != nil {
			log.Warn().Err(err).Msg("probe")
		}
	}
	select {
	case err = <-failed:
	case sig := <-signals:
		log.Info().Stringer("signal", sig).Int("connections", e.Sessions()).Stringer("wait_up_to", c.Drain).Msg("stopping")
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.Drain)
	defer cancel()
	go func() {
		select {
		case <-signals: // the second
			cancel()
		case <-ctx.Done():
		}
	}()
	if drainErr := e.Shutdown(ctx); drainErr != nil {
		log.Warn().Err(drainErr).Msg("stopped")
		return errors.Join(err, errFound)
	}
	log.Info().Msg("stopped")
	return err
}

// openAll opens every socket or none.
func openAll(specs []engine.Spec) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, s := range specs {
		l, err := s.Listen()
		if err != nil {
			for _, open := range listeners {
				err = errors.Join(err, open.Close())
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// warnAbout logs what check would call an error in scripts that load all the same.
func warnAbout(p *engine.Program, log zerolog.Logger) {
	for _, f := range p.Check() {
		if f.Rank == "error" {
			f.Log(log.Warn())
		}
	}
}

// describe adds the source line to an error in a script.
func describe(err error) error {
	var script *engine.ScriptError
	if errors.As(err, &script) {
		return errors.New(script.Detail())
	}
	return err
}
