package main

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/daemon"
	"luamilter/engine"
)

// runCmd is the daemon.
type runCmd struct {
	configFlags `embed:""`
	Probe       bool `help:"Once ready, play a sample message to the first socket, as luamilter probe does, to show what the scripts do."`
}

// Help is shown below the flags.
func (c *runCmd) Help() string {
	return `Examples:
  luamilter run filter.lua
  luamilter run -c /etc/luamilter/luamilter.toml
  luamilter run --listen 'unix:/run/luamilter/milter.sock?mode=0660&group=postfix' first.lua second.lua

The line for main.cf of Postfix, and for sendmail.mc of Sendmail:

  smtpd_milters = inet:127.0.0.1:8891
  INPUT_MAIL_FILTER(` + "`luamilter', `S=inet:8891@127.0.0.1, F=T, T=R:30s;E:5m')" + `

Scripts and the configuration are taken up when their files change, when luamilter reload asks for it, and at SIGHUP; a mistake in them
changes nothing. SIGTERM and SIGINT stop accepting, let open SMTP sessions finish, and end. SIGUSR2 starts the binary anew, with the same
sockets, and then does the same.`
}

// Run serves until a signal.
func (c *runCmd) Run(t *terminal) error {
	d := &daemon.Daemon{
		Configure: c.load,
		Version:   version(),
		Logger:    t.logger,
	}
	d.Ready = func(first engine.Spec) error {
		if c.Probe {
			if err := sampleProbe(first.String()).Run(t); err != nil {
				return err
			}
		}
		t.nextAfterReady(first)
		return nil
	}
	err := d.Run(context.Background())
	t.flush()
	if errors.Is(err, daemon.ErrUnclean) {
		return errFound
	}
	return daemon.Describe(err)
}

// logger opens the log. What it writes is decided by the global level, so that it can change.
func (t *terminal) logger(c config.Log) (zerolog.Logger, error) {
	if err := daemon.SetLogLevel(c.Level); err != nil {
		return zerolog.Logger{}, usageError{err}
	}
	out, err := t.logWriter(c.Format)
	if err != nil {
		return zerolog.Logger{}, err
	}
	return zerolog.New(out).With().Timestamp().Logger(), nil
}
