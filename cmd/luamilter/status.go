package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"luamilter/config"
	"luamilter/daemon"
	"luamilter/luaapi/date"
)

// statusCmd shows what the daemon does.
type statusCmd struct {
	daemonFlags `embed:""`
	JSON        bool `name:"json" help:"Everything, as JSON."`
}

// Help is shown below the flags.
func (c *statusCmd) Help() string {
	return `Shows the running daemon: how long it runs, which scripts since when and for how many connections, what they said and what went wrong in
them, VMs and memory. Exits with 1 if the files on disk cannot be used and an earlier state goes on.

Examples:
  luamilter status
  luamilter status --json | jq '.listeners[].messages'`
}

// Run asks and prints.
func (c *statusCmd) Run(t *terminal) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(t.stdout)
		out.SetIndent("", "  ")
		if err := out.Encode(s); err != nil {
			return err
		}
	} else {
		showStatus(t.stdout, &s)
	}
	if s.Reload.Last.Error != "" {
		return errFound
	}
	return nil
}

func showStatus(w io.Writer, s *daemon.Status) {
	fmt.Fprintf(w, "%s, up %s, %d connections, log level %s\n", s.Version, since(s.Uptime), s.Connections, s.LogLevel)
	showMemory(w, &s.Memory)
	showReloads(w, &s.Reload)
	for _, r := range s.Releases {
		fmt.Fprintf(w, "release %d (%s): loaded %s, %d connections, %d calls, %d failures\n", r.Number, r.State, clock(r.Loaded), r.Sessions, r.Calls, r.Failures)
	}
	for i := range s.Listeners {
		showListener(w, &s.Listeners[i])
	}
}

func showMemory(w io.Writer, m *daemon.MemoryStatus) {
	limit := "no limit"
	if m.Limit > 0 {
		limit = "of " + config.Size(m.Limit).String()
	}
	fmt.Fprintf(w, "memory: %d MiB %s, %d KiB for messages and idle connections", m.Heap>>20, limit, m.Kept>>10)
	if m.State != "fine" {
		fmt.Fprintf(w, ", SHORT")
	}
	fmt.Fprintln(w)
}

func showReloads(w io.Writer, r *daemon.ReloadStatus) {
	fmt.Fprintf(w, "reloads: %d, %d failed", r.Reloads, r.Failed)
	if r.RolledBack > 0 {
		fmt.Fprintf(w, ", %d rolled back", r.RolledBack)
	}
	fmt.Fprintln(w)
	if r.Last.Error != "" {
		fmt.Fprintf(w, "NOT RELOADED at %s, what ran before goes on: %s\n", clock(r.Last.Time), r.Last.Error)
	}
	for _, note := range r.Last.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
}

func showListener(w io.Writer, l *daemon.ListenerStatus) {
	fmt.Fprintf(w, "\n%s on %s: %d connections; messages: %s\n", l.Name, strings.Join(l.Sockets, ", "), l.Connections, tally(l.Messages))
	for _, extra := range []struct {
		n    uint64
		what string
	}{{l.Negotiations, "connections failed in negotiation"}, {l.Refused, "messages were refused because memory was short"}, {l.Panics, "internal errors: please report them, with the log"}} {
		if extra.n > 0 {
			fmt.Fprintf(w, "  %d %s\n", extra.n, extra.what)
		}
	}
	for i := range l.Scripts {
		showScript(w, &l.Scripts[i])
	}
}

func showScript(w io.Writer, s *daemon.ScriptStatus) {
	if s.Path == "" {
		fmt.Fprintf(w, "  %s (not used any more)\n", s.Name)
	} else {
		mode := ""
		if s.Observe {
			mode = ", only observed"
		}
		fmt.Fprintf(w, "  %s (%s%s): %d VMs, %d spare\n", s.Name, s.Path, mode, s.VMs, s.SpareVMs)
	}
	if s.StuckVMs > 0 {
		fmt.Fprintf(w, "    %d VMs are held by idle connections, because conn has a function or an object in it\n", s.StuckVMs)
	}
	for _, h := range s.Hooks {
		line := fmt.Sprintf("    %-9s %d calls: %s", h.Stage, h.Calls, tally(h.Verdicts))
		if len(h.Failures) > 0 {
			line += "; failed: " + tally(h.Failures)
		}
		fmt.Fprintln(w, line)
	}
	for i := range s.Timers {
		fmt.Fprintln(w, "    "+timerLine(&s.Timers[i]))
	}
	if len(s.Metrics) > 0 {
		fmt.Fprintf(w, "    %d metrics of its own (luamilter status --json shows them)\n", len(s.Metrics))
	}
	if s.OverCap > 0 {
		fmt.Fprintf(w, "    %d values for its metrics came beyond the limits; its labels have too many values\n", s.OverCap)
	}
	for _, e := range s.Errors {
		fmt.Fprintf(w, "    last error %s, %d times: %s:%d: %s\n", clock(e.Time), e.Times, e.Path, e.Line, harmless(e.Text))
	}
}

// timerLine is what there is to say of a timer.
func timerLine(t *daemon.TimerStatus) string {
	interval := date.FormatDuration(time.Duration(t.Interval * float64(time.Second)))
	line := fmt.Sprintf("timer %s every %s: %d runs", harmless(t.Name), interval, t.Runs)
	if t.Failed+t.Elsewhere+t.Skipped > 0 {
		line += ", " + tally(map[string]uint64{"failed": t.Failed, "elsewhere": t.Elsewhere, "skipped": t.Skipped})
	}
	if t.Running {
		return line + "; it runs"
	}
	return line + "; next " + clock(t.Next)
}

// tally lists counts that are not zero.
func tally(counts map[string]uint64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func since(seconds float64) string { return (time.Duration(seconds) * time.Second).String() }

func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
