// Command luabench measures what work on strings and protected calls cost in luamilter's Lua, beside gopher-lua as it comes, Lua 5.1
// and LuaJIT, and checks that all come to the same results. go run ./tests/luabench --help explains it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// Exit codes.
const (
	exitGood  = 0
	exitBad   = 1 // a Lua failed, or they came to different results
	exitUsage = 2 // the command line is wrong
)

const help = `luabench measures what filters do with strings, and calls, in four Luas: luamilter's VM as a script gets it, gopher-lua as it comes,
and the programs lua5.1 and luajit if they are on the PATH (Debian: apt install lua5.1 luajit). All run the same files and must come
to the same results.

  go run ./tests/luabench                     everything, half a minute
  go run ./tests/luabench --only body         the workloads on a body of 64 KiB
  go run ./tests/luabench --only pcall --rounds 11
                                              fewer things, measured better

Workloads, each a file in tests/luabench/workloads:
%s
Columns: CPU time of one run in microseconds, with garbage collection, without loading the workload; the median of the rounds. The last
columns are luamilter's time by that of Lua 5.1 and of plain gopher-lua, each the median of the rounds' ratios; below 1, luamilter is faster.
In each round every Lua is measured for some %d ms, in another order each round, so that what slows the machine down meets all alike.
Decide by the ratios; less than a tenth is noise.

Exit code: 0 all results were the same, 1 a Lua failed or came to another result, 2 wrong usage.

`

// options is the command line.
type options struct {
	workloads []*workload
	rounds    int
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
		fmt.Fprintf(stderr, "luabench: %v; see --help\n", err)
		return exitUsage
	}
	runtime.GOMAXPROCS(1)   // as the others have; a second one collects garbage when it has nothing else to do
	debug.SetGCPercent(400) // as the daemon does
	bad, err := measure(ctx, o, stdout, stderr)
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "luabench: interrupted")
		return exitBad
	case err != nil:
		fmt.Fprintf(stderr, "luabench: %v\n", err)
		return exitBad
	case bad:
		return exitBad
	}
	return exitGood
}

// parse reads the command line.
func parse(args []string, stdout io.Writer) (options, error) {
	var o options
	only := regexp.MustCompile("")
	f := flag.NewFlagSet("luabench", flag.ContinueOnError)
	f.SetOutput(io.Discard) // the caller prints the error
	f.IntVar(&o.rounds, "rounds", 5, "`number` of rounds")
	f.Func("only", "only workloads whose line above the `regexp` matches", func(text string) (err error) {
		only, err = regexp.Compile(text)
		return err
	})
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			usage(f, stdout)
		}
		return o, err
	}
	o.workloads = matching(only)
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	case o.rounds < 1 || o.rounds > 1000:
		return o, fmt.Errorf("--rounds %d: from 1 to 1000 work", o.rounds)
	case len(o.workloads) == 0:
		return o, fmt.Errorf("--only %s: no workload is called so", only)
	}
	return o, nil
}

func usage(f *flag.FlagSet, stdout io.Writer) {
	var list strings.Builder
	for _, w := range workloads() {
		fmt.Fprintf(&list, "  %s\n", w.title())
	}
	fmt.Fprintf(stdout, help+"Flags:\n", list.String(), length.Milliseconds())
	f.SetOutput(stdout)
	f.PrintDefaults()
}

// length is how long one measurement takes, about.
const length = 70 * time.Millisecond

// measure makes a folder for the Lua files and prints the table. It reports whether a Lua did something wrong.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (bad bool, err error) {
	dir, err := os.MkdirTemp("", "luabench-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := unpack(dir); err != nil {
		return false, err
	}
	b := &bench{contestants: contestants(dir), rounds: o.rounds, length: length, notes: stderr}
	err = b.print(ctx, o.workloads, stdout)
	return b.bad, err
}

// contestants returns all Luas; those that are not installed have no runner.
func contestants(dir string) []contestant {
	all := []contestant{{"luamilter", inLuamilter(dir)}, {"gopher-lua", inProcess(inStock)}}
	for _, name := range []string{"lua5.1", "luajit"} {
		c := contestant{name: name}
		if path, err := exec.LookPath(name); err == nil {
			c.runner = program{path, dir}
		}
		all = append(all, c)
	}
	return all
}

// print measures the workloads and prints the table.
func (b *bench) print(ctx context.Context, all []*workload, out io.Writer) error {
	fmt.Fprintf(out, "CPU time of one run in microseconds, median of %d rounds; %d cores, %s/%s, %s\n\n", b.rounds, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	t := newTable(out, all, b.contestants)
	for _, w := range all {
		r, err := b.workload(ctx, w)
		if err != nil {
			return err
		}
		t.row(r)
	}
	return nil
}
