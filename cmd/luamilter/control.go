package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"

	"luamilter/config"
	"luamilter/daemon"
	"luamilter/engine"
)

// daemonFlags find the running daemon.
type daemonFlags struct {
	Config string `short:"c" placeholder:"FILE" complete:"*.toml" help:"The daemon's configuration, which says where its control socket is. Default: ${config_path}, if it exists."`
	Socket string `placeholder:"PATH" help:"The daemon's control socket, whatever the configuration says."`
}

// client returns a client for the daemon.
func (f *daemonFlags) client() (*daemon.Client, error) {
	if f.Socket != "" {
		return daemon.NewClient(f.Socket), nil
	}
	c, err := (&configFlags{Config: f.Config}).base()
	if errors.Is(err, os.ErrPermission) && f.Config == "" {
		c, err = config.Default(), nil
	}
	if err != nil {
		return nil, err
	}
	spec, ok := c.AdminSocket()
	if !ok {
		return nil, errors.New("the configuration has no control socket: admin.listen is empty")
	}
	return daemon.NewClient(spec.Address), nil
}

// askTime is how long the daemon may take for an answer. A reload runs the scripts' own tests.
const askTime = 2 * time.Minute

// reloadCmd has the daemon take up what has changed.
type reloadCmd struct {
	daemonFlags `embed:""`
}

// Help is shown below the flags.
func (c *reloadCmd) Help() string {
	return `Has the running daemon read its configuration and scripts again, and use them for new connections. If anything is wrong with them, nothing
changes: the mistake is printed, and the exit code is 1. Daemons watch their files anyway; this is for those that don't, and for scripts
that want to know.

Example:
  luamilter reload`
}

// Run asks and prints what came of it.
func (c *reloadCmd) Run(t *terminal) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	a, err := client.Reload(ctx)
	if err != nil {
		return err
	}
	what := "in use by all new connections"
	if a.Canary {
		what = "on trial"
	}
	fmt.Fprintf(t.stdout, "reloaded: release %d is %s\n", a.Release, what)
	for _, note := range a.Notes {
		fmt.Fprintf(t.stdout, "note: %s\n", note)
	}
	return nil
}

// logLevelCmd shows or changes what is logged.
type logLevelCmd struct {
	daemonFlags `embed:""`
	Level       string `arg:"" optional:"" default:"" enum:"debug,info,warn,error," help:"debug, info, warn or error; without it the level is shown."`
}

// Help is shown below the flags.
func (c *logLevelCmd) Help() string {
	return `Changes the least that the running daemon logs, until it is restarted.

Example:
  luamilter log-level debug`
}

// Run asks and prints the level.
func (c *logLevelCmd) Run(t *terminal) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	level, err := client.LogLevel(ctx, c.Level)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.stdout, level)
	return nil
}

// traceCmd follows sessions.
type traceCmd struct {
	daemonFlags `embed:""`
	IP          string `name:"ip" placeholder:"ADDRESS" help:"Only clients with this address, or in this network: 192.0.2.1, 192.0.2.0/24."`
	Sender      string `placeholder:"TEXT" help:"Only messages whose envelope sender contains this."`
	Recipient   string `placeholder:"TEXT" help:"Only messages with an envelope recipient that contains this, from that recipient on."`
	Script      string `placeholder:"NAME" help:"Only this script."`
	JSON        bool   `name:"json" help:"One JSON object for each event."`
}

// Help is shown below the flags.
func (c *traceCmd) Help() string {
	return `Shows what the running daemon's scripts are asked and answer, as it happens: for each hook the connection, the client, the event, the
script, its verdict and the time it took. Mail does not wait for it: when there is more than can be shown, the number of events left out
is. Ends at Ctrl-C.

Examples:
  luamilter trace --ip 192.0.2.0/24
  luamilter trace --sender @example.com --script greylist`
}

// Run shows events until it is interrupted.
func (c *traceCmd) Run(t *terminal) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	query := url.Values{}
	for key, value := range map[string]string{"ip": c.IP, "sender": c.Sender, "recipient": c.Recipient, "script": c.Script} {
		if value != "" {
			query.Set(key, value)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := json.NewEncoder(t.stdout)
	return client.Trace(ctx, query, func(e engine.TraceEvent) {
		if c.JSON {
			_ = out.Encode(e)
			return
		}
		if e.Lost > 0 {
			fmt.Fprintf(t.stdout, "(%d events are left out)\n", e.Lost)
		}
		fmt.Fprintln(t.stdout, traceLine(&e))
	})
}

// traceLine shows an event on one line.
func traceLine(e *engine.TraceEvent) string {
	parts := []string{e.Time.Local().Format("15:04:05.000"), e.Conn, orDash(e.Client)}
	if e.QueueID != "" {
		parts = append(parts, e.QueueID)
	}
	parts = append(parts, e.Stage)
	if e.Event != "" {
		parts = append(parts, "<"+harmless(e.Event)+">")
	}
	verdict := e.Verdict
	if e.Observed {
		verdict = "(" + verdict + ")"
	}
	parts = append(parts, e.Script+":", verdict)
	if e.Reply != "" {
		parts = append(parts, e.Reply)
	}
	if e.Error != "" {
		parts = append(parts, "ERROR", harmless(e.Error))
	}
	return strings.Join(append(parts, e.Took.Round(time.Microsecond).String()), " ")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
