// Command lookups measures what scripts ask besides the message: stores, name servers, lists and greylists, each beside programs that
// do the same. go run ./tests/lookups --help explains it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"luamilter/load"
)

// Exit codes.
const (
	exitGood  = 0
	exitBad   = 1 // somebody failed, or came to another result than the others
	exitUsage = 2 // the command line is wrong
)

const help = `lookups measures what scripts ask besides the message, and beside it the programs that do the same work.

  go run ./tests/lookups                   everything, some four minutes
  go run ./tests/lookups --only maps       one part: %s
  go run ./tests/lookups --rounds 1 --length 100ms
                                           a look, in a minute and a half
  go run ./tests/lookups --json            what was measured, for programs

Peers that are not installed are named in the table, with the Debian package they are in. Servers are started on loopback, with files in a
folder of their own, and ended afterwards; nobody has to be root.

Columns: the median of the rounds, for luamilter and for a peer, and in brackets the least and the most. The last column is luamilter's figure by the
peer's, the median of the rounds' ratios: where it says "/s" more is better, else less. In each round all who do the same work are measured one
after the other, beginning with another one each round. What runs in this process shares its cores with the servers that it asks.

Exit code: 0 all is well, 1 somebody failed or came to another result, 2 wrong usage.

`

// options is the command line.
type options struct {
	parts  []part
	rounds int
	length time.Duration
	scale  int // by what the material is made smaller
	daemon string
	json   bool
}

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
		fmt.Fprintf(stderr, "lookups: %v; see --help\n", err)
		return exitUsage
	}
	debug.SetGCPercent(400) // as the daemon does
	load.AllowFiles()
	bad, err := measure(ctx, o, stdout, stderr)
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "lookups: interrupted")
		return exitBad
	case err != nil:
		fmt.Fprintf(stderr, "lookups: %v\n", err)
		return exitBad
	case bad:
		return exitBad
	}
	return exitGood
}

// parse reads the command line.
func parse(args []string, stdout io.Writer) (options, error) {
	o := options{parts: parts()}
	f := flag.NewFlagSet("lookups", flag.ContinueOnError)
	f.SetOutput(io.Discard) // the caller prints the error
	f.IntVar(&o.rounds, "rounds", 3, "`number` of rounds")
	f.DurationVar(&o.length, "length", 300*time.Millisecond, "how long one measurement `takes`, about")
	f.IntVar(&o.scale, "scale", 1, "make lists this `many` times smaller, for a look")
	f.StringVar(&o.daemon, "daemon", "", "`path` of a luamilter; without it, that of this checkout is built")
	f.BoolVar(&o.json, "json", false, "print JSON instead of tables")
	f.Func("only", "only the `part` of that name", o.only)
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(stdout, help+"Flags:\n", strings.Join(names(parts()), ", "))
			f.SetOutput(stdout)
			f.PrintDefaults()
		}
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	case o.rounds < 1 || o.rounds > 100:
		return o, fmt.Errorf("--rounds %d: from 1 to 100 work", o.rounds)
	case o.length < time.Millisecond || o.length > time.Minute:
		return o, fmt.Errorf("--length %v: from 1ms to 1m work", o.length)
	case o.scale < 1 || o.scale > 1000:
		return o, fmt.Errorf("--scale %d: from 1 to 1000 work", o.scale)
	}
	return o, nil
}

// only leaves the part of a name.
func (o *options) only(name string) error {
	o.parts = slices.DeleteFunc(parts(), func(p part) bool { return p.name != name })
	if len(o.parts) == 0 {
		return fmt.Errorf("there is no part of that name; there are %s", strings.Join(names(parts()), ", "))
	}
	return nil
}

// measure measures the parts and prints what came of them. It reports whether somebody did something wrong.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (bad bool, err error) {
	dir, err := os.MkdirTemp("", "lookups-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // servers may give up root
		return false, err
	}
	b := &bench{options: o, dir: dir, notes: stderr}
	var all []*result
	for _, p := range o.parts {
		r, err := b.part(ctx, p)
		if err != nil {
			return b.bad, err
		}
		all = append(all, r)
		if !o.json {
			printTable(stdout, r)
		}
	}
	if o.json {
		return b.bad, printJSON(stdout, all, o)
	}
	fmt.Fprintf(stdout, "Median of %d rounds; %d cores, %s/%s, %s.\n", o.rounds, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	return b.bad, nil
}
