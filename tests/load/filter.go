package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"luamilter/load"
)

// filter is a milter that is measured.
type filter struct {
	name    string
	command string // for the shell, with placeholders
}

// parsePeer reads NAME=COMMAND.
func parsePeer(text string) (filter, error) {
	name, command, ok := strings.Cut(text, "=")
	switch {
	case !ok || name == "" || strings.TrimSpace(command) == "":
		return filter{}, fmt.Errorf("peer %q: write NAME='command {addr} {workload}'", text)
	case strings.ContainsAny(name, " \t/"):
		return filter{}, fmt.Errorf("peer %q: a name has no blanks and no slashes", name)
	}
	f := filter{name, command}
	_, err := f.shell(place{})
	return f, err
}

// place is where a filter listens and what it has to do.
type place struct {
	workload string
	script   string // path of our Lua script for it
	path     string // of the unix socket
	port     int    // 0 for the unix socket
}

// spec returns the address as libmilter spells it.
func (p place) spec() string {
	if p.port > 0 {
		return fmt.Sprintf("inet:%d@127.0.0.1", p.port)
	}
	return "unix:" + p.path
}

// dial returns the address as Go spells it.
func (p place) dial() (network, address string) {
	if p.port > 0 {
		return "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port))
	}
	return "unix", p.path
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// shell returns the command with its placeholders replaced.
func (f filter) shell(p place) (string, error) {
	values := map[string]string{
		"{addr}": p.spec(), "{workload}": p.workload, "{script}": p.script,
		"{sock}": p.path, "{port}": strconv.Itoa(p.port), "{hostport}": net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)),
	}
	var unknown error
	out := placeholder.ReplaceAllStringFunc(f.command, func(name string) string {
		value, ok := values[name]
		if !ok {
			unknown = fmt.Errorf("peer %s: %s is unknown; there are {addr} {workload} {script} {sock} {port} {hostport}", f.name, name)
		}
		return value
	})
	return out, unknown
}

// running is a filter that has been started.
type running struct {
	filter
	place
	cmd    *exec.Cmd
	traced bool          // cmd is a tracer, the filter its child
	log    string        // path of what it prints
	done   chan struct{} // closed when it has ended
	err    error         // how; valid after done
}

// startTime is how long a filter may take before it answers.
const startTime = 15 * time.Second

// start runs a filter in the background, under a tracer unless that is "", and waits until it does a message.
func (b *bench) start(ctx context.Context, f filter, w *workload, tracer string) (*running, error) {
	p, err := b.place(f, w)
	if err != nil {
		return nil, err
	}
	r, err := b.launch(f, p, tracer)
	if err != nil {
		return nil, err
	}
	if err := r.ready(ctx, b.load(r, w, 1)); err != nil {
		r.stop()
		return nil, fmt.Errorf("start %s for %s: %w%s", f.name, w.name, err, r.said())
	}
	return r, nil
}

// launch runs a filter in the background and does not wait for it.
func (b *bench) launch(f filter, p place, tracer string) (*running, error) {
	r := &running{filter: f, place: p, traced: tracer != "", done: make(chan struct{})}
	command, err := f.shell(p)
	if err != nil {
		return nil, err
	}
	r.log = filepath.Join(b.dir, f.name+"-"+p.workload+".log")
	log, err := os.Create(r.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	r.cmd = exec.Command("/bin/sh", "-c", "exec "+tracer+" "+command)
	ownGroup(r.cmd)
	r.cmd.Stdout, r.cmd.Stderr = log, log
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", f.name, err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.done)
	}()
	return r, nil
}

// place finds a socket for a filter.
func (b *bench) place(f filter, w *workload) (place, error) {
	p := place{workload: w.name, script: filepath.Join(b.dir, w.name+".lua"), path: filepath.Join(b.dir, f.name+"-"+w.name+".sock")}
	if !b.tcp {
		return p, nil
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return p, fmt.Errorf("find a port: %w", err)
	}
	p.port = l.Addr().(*net.TCPAddr).Port
	return p, l.Close()
}

// ready waits until the filter does a message.
func (r *running) ready(ctx context.Context, l *load.Generator) error {
	for end := time.Now().Add(startTime); ; {
		network, address := r.dial()
		conn, err := net.Dial(network, address)
		if err == nil {
			_ = conn.Close()
			_, err = l.Count(ctx, 1, startTime)
			return err
		}
		select {
		case <-r.done:
			return fmt.Errorf("it ended: %v", r.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("it does not listen on %s after %v", r.spec(), startTime)
		}
	}
}

// said returns the last lines that the filter printed.
func (r *running) said() string {
	text, err := os.ReadFile(r.log)
	if err != nil || len(text) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return "\n  " + strings.Join(lines[max(0, len(lines)-5):], "\n  ")
}

// stop ends the filter and waits: asked first, then by force with all that it has started.
func (r *running) stop() {
	pid := r.cmd.Process.Pid
	if pids := load.Tree(pid); r.traced && len(pids) > 1 {
		pid = pids[1] // the tracer writes what it counted when the filter ends
	}
	p, err := os.FindProcess(pid)
	if err == nil {
		_ = p.Signal(syscall.SIGTERM) // an error means that it has ended
		if !r.endsWithin(time.Second) {
			_ = p.Kill()
			r.endsWithin(time.Second)
		}
	}
	killGroup(r.cmd)
	<-r.done
	_ = os.Remove(r.path) // which a good filter has done
}

func (r *running) endsWithin(d time.Duration) bool {
	select {
	case <-r.done:
		return true
	case <-time.After(d):
		return false
	}
}
