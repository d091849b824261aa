// Command load measures milters: it is the MTA, sends whole messages over many connections as Postfix does, checks every
// reply, and tells what a message costs the filter. go run ./tests/load --help explains it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"luamilter/load"
)

// Exit codes.
const (
	exitGood  = 0
	exitBad   = 1 // a filter did something wrong, or nothing could be measured
	exitUsage = 2 // the command line is wrong, or a tool that it needs is not installed
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := realMain(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// realMain is main with its surroundings given; it returns the exit code.
func realMain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitGood
	case err != nil:
		fmt.Fprintf(stderr, "load: %v; see --help\n", err)
		return exitUsage
	}
	runtime.GOMAXPROCS(1) // one core for us is enough, and leaves the others alone
	load.AllowFiles()
	bad, err := measure(ctx, o, stdout, stderr)
	var lacking missing
	switch {
	case errors.As(err, &lacking):
		fmt.Fprintf(stderr, "load: %v\n", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "load: interrupted")
		return exitBad
	case err != nil:
		fmt.Fprintf(stderr, "load: %v\n", err)
		return exitBad
	case bad:
		return exitBad
	}
	return exitGood
}

// measure prepares the filters in a folder of its own and runs the measurements. It reports whether a filter did something wrong.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (bad bool, err error) {
	dir, err := os.MkdirTemp("", "load-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{options: o, dir: dir, bags: map[string]*load.Mailbag{}, out: stdout, notes: stderr}
	if err := b.prepare(ctx); err != nil {
		return false, err
	}
	fmt.Fprintln(stdout, b.title())
	err = b.run(ctx)
	return b.bad, err
}

// prepare makes the filters ready.
func (b *bench) prepare(ctx context.Context) error {
	need := func() error { return nil }
	switch {
	case b.syscalls:
		need = needStrace
	case b.postfix:
		need = needPostfix
	}
	if err := need(); err != nil {
		return err
	}
	if b.plotFile != "" {
		if _, err := os.Stat(filepath.Dir(b.plotFile)); err != nil { // better now than after the work
			return fmt.Errorf("plot: %w", err)
		}
	}
	if err := unpack(b.dir); err != nil {
		return err
	}
	if b.withC {
		c, err := buildC(ctx, b.dir)
		if err != nil {
			return err
		}
		b.filters = append(b.filters, c)
	}
	if b.withPython {
		python, err := findPython(ctx, b.dir, pythons)
		if err != nil {
			return err
		}
		b.filters = append(b.filters, python)
	}
	build := func() (filter, error) { return buildDaemon(ctx, b.dir) }
	if b.daemon != "" {
		build = func() (filter, error) { return namedDaemon(b.daemon) }
	}
	own, err := build()
	b.filters = append(append(b.filters, own), b.peers...)
	return err
}

// title says what the tables are of.
func (b *bench) title() string {
	connections, socket := b.connections, "unix sockets"
	if b.tcp {
		socket = "TCP on loopback"
	}
	what := fmt.Sprintf("rounds of %v: %d", b.length, b.roundCount)
	switch {
	case b.idle > 0:
		what = "idle connections after one message each"
	case b.open > 0:
		connections = b.open
		what = fmt.Sprintf("%d of them busy, for %v", b.active, b.openLength())
	case b.scripts > 0:
		connections = 1
		what = fmt.Sprintf("started %d times with %d scripts", starts, b.scripts)
	case b.postfix:
		what = fmt.Sprintf("Postfix, rounds of %d messages: %d", b.messages, b.roundCount)
	case b.syscalls:
		what = "system calls, " + fmt.Sprint(manyMessages) + " messages"
	case b.churn:
		what += ", a connection for each message"
	}
	return fmt.Sprintf("%d connections, %s, %s; %d cores, %s/%s", connections, socket, what, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}
