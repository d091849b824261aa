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
	"slices"
	"strings"
	"syscall"
	"time"
)

// Exit codes.
const (
	exitGood  = 0
	exitBad   = 1 // a filter did something wrong, or nothing could be measured
	exitUsage = 2 // the command line is wrong, or a tool that it needs is not installed
)

// Names of the filters that come with this program.
const (
	ownName = "luamilter"
	cName   = "c"
)

const help = `load measures what a message costs a milter. It is the MTA: it sends whole messages over many connections at once, in the
shape in which Postfix sends them, leaves out what the filter negotiated away, and checks every reply.

  go run ./tests/load                           the luamilter of this checkout, four workloads, a quarter of a minute
  go run ./tests/load --c                       and the same filters in C with libmilter, to compare with
  go run ./tests/load --workloads w2 --rounds 9 fewer things, measured better
  go run ./tests/load --churn                   a connection for each message, as an MTA makes them for its clients
  go run ./tests/load --idle 2000               how much memory a quiet connection takes
  go run ./tests/load --open 2000 --active 50   most connections quiet, a few busy: memory, and how long a message takes
  go run ./tests/load --start 20                how soon it is there with 20 scripts
  go run ./tests/load --postfix --c             what filters cost a real Postfix (as root)
  go run ./tests/load --c --plot load.svg       and a plot of it; --markdown prints tables for documents
  go run ./tests/load --syscalls                what is asked of the kernel for a message
  go run ./tests/load --peer 'old=/tmp/luamilter-old run --listen {addr} {script}'

Workloads: messages have 3 recipients and 20 header fields.
  w1  counts recipients, and adds X-Rcpt-Count: n at the end
  w2  looks at every field, and adds X-Header-Count: n, and X-Match: yes if Subject has "viagra" in any case
  w3  looks for EICAR-TEST in 250 kB of body, also across chunks: 550 5.7.1, or it adds X-Body-Bytes: n
  w4  answers every event, and adds X-Events: n, the number of them from mail to eom

Other filters: --peer NAME='command', as often as you like. The command stays in the foreground and listens on {addr}, which is
unix:/path or inet:PORT@127.0.0.1; also known are {workload}, {script} (our Lua script for it), {sock}, {port} and {hostport}.
All are started together and measured in turn, in another order each round. Ratios are medians of the rounds' ratios,
to C where --c is given, else to the first --peer: what slows the machine down slows both down.

Columns: CPU us is what all processes of the filter use for a message, in microseconds; least-most is the range over the rounds.
Latency (p50, p99, max) is from the first byte of a message to its verdict. Replies are those waited for. MiB is its memory at
the end. own us is what this program itself uses for a message. The two share the machine's cores, so messages a second say
little about fast filters: compare CPU, and ratios first.

--start: start ms is from starting the program to the end of the first negotiation, the median of 5 starts. First us is what the
first message takes, then us one of those after it, in microseconds. A peer is given the scripts if it has {script}.

--open: peak MiB is the most memory that the filter ever had.

--postfix: smtp-source sends messages of 4096 bytes, each over a session of its own, to a Postfix that this program sets up on
loopback and that throws all mail away: without a filter, and with each filter doing w2. Wall us is the time of a round by
its messages, added us is how much more that is than without a filter in the same round, the median; least-most is its range.

--plot draws a bar for CPU us, with a thin line for its range.

Exit code: 0 all replies were right, 1 a filter did something wrong, 2 wrong usage or a tool is missing.

`

// options is the command line.
type options struct {
	workloads   []*workload
	connections int
	roundCount  int
	length      time.Duration
	tcp         bool
	churn       bool
	idle        int
	open        int // connections, of which
	active      int // that many are busy
	scripts     int // to start with
	postfix     bool
	messages    int // that Postfix gets in each round
	syscalls    bool
	withC       bool
	markdown    bool
	plotFile    string // "" for none
	daemon      string
	peers       []filter
	reference   string // the filter that ratios are to; "" for none
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
		fmt.Fprintf(stderr, "load: %v; see --help\n", err)
		return exitUsage
	}
	runtime.GOMAXPROCS(1) // one core for us is enough, and leaves the others alone
	allowFiles()
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

// parse reads the command line.
func parse(args []string, stdout io.Writer) (options, error) {
	o := options{}
	names, seconds := "", 0.0
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.SetOutput(io.Discard) // the caller prints the error
	f.StringVar(&names, "workloads", "w1,w2,w3,w4", "`list` of workloads")
	f.IntVar(&o.connections, "conns", 16, "`number` of connections at once")
	f.IntVar(&o.roundCount, "rounds", 3, "`number` of rounds")
	f.Float64Var(&seconds, "secs", 1, "`seconds` that each filter is measured in each round")
	f.BoolVar(&o.tcp, "tcp", false, "use TCP on the loopback interface instead of unix sockets")
	f.BoolVar(&o.churn, "churn", false, "a new connection for each message")
	f.IntVar(&o.idle, "idle", 0, "only measure the memory of that `number` of idle connections, which had a message each")
	f.IntVar(&o.open, "open", 0, "only measure with that `number` of open connections, of which --active are busy; w1 unless --workloads is given")
	f.IntVar(&o.active, "active", 16, "`number` of the connections of --open that send messages")
	f.IntVar(&o.scripts, "start", 0, "only measure how long the start takes with that `number` of scripts; 20 is usual")
	f.BoolVar(&o.postfix, "postfix", false, "only measure filters in a real Postfix; needs root, postfix and smtp-source (Debian: postfix)")
	f.IntVar(&o.messages, "messages", 1000, "`number` of messages of --postfix for each filter in each round")
	f.BoolVar(&o.syscalls, "syscalls", false, "only count system calls a message, in w1 and w2 unless --workloads is given; needs strace")
	f.BoolVar(&o.withC, "c", false, "compare with the same filters in C; needs cc and libmilter (Debian: libmilter-dev)")
	f.BoolVar(&o.markdown, "markdown", false, "print tables as Markdown")
	f.StringVar(&o.plotFile, "plot", "", "also draw the CPU time a message into that `file`, as SVG")
	f.StringVar(&o.daemon, "daemon", "", "`path` of a luamilter to measure instead of building this checkout's")
	f.Func("peer", "another filter, as `NAME=command`; may be repeated", func(text string) error {
		peer, err := parsePeer(text)
		o.peers = append(o.peers, peer)
		return err
	})
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			usage(f, stdout)
		}
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	given := map[string]bool{}
	f.Visit(func(g *flag.Flag) { given[g.Name] = true })
	switch {
	case given["active"] && o.open == 0:
		return o, errors.New("--active goes with --open")
	case given["messages"] && !o.postfix:
		return o, errors.New("--messages goes with --postfix")
	case given["workloads"] && (o.scripts > 0 || o.postfix):
		return o, errors.New("--start and --postfix have a workload of their own")
	}
	if !given["workloads"] {
		switch {
		case o.syscalls:
			names = "w1,w2"
		case o.open > 0:
			names = "w1"
		}
	}
	o.length = time.Duration(seconds * float64(time.Second))
	return o, o.complete(names)
}

func usage(f *flag.FlagSet, stdout io.Writer) {
	fmt.Fprint(stdout, help, "Flags:\n")
	f.SetOutput(stdout)
	f.PrintDefaults()
}

// complete checks the options and fills in what follows from others.
func (o *options) complete(names string) error {
	for _, name := range strings.Split(names, ",") {
		w := workloadNamed(strings.TrimSpace(name))
		if w == nil {
			return fmt.Errorf("there is no workload %q, only w1 w2 w3 w4", name)
		}
		o.workloads = append(o.workloads, w)
	}
	switch {
	case o.connections < 1 || o.connections > 10_000:
		return fmt.Errorf("--conns %d: from 1 to 10000 work", o.connections)
	case o.roundCount < 1:
		return fmt.Errorf("--rounds %d: at least one is needed", o.roundCount)
	case o.length < 50*time.Millisecond || o.length > 5*time.Minute:
		return fmt.Errorf("--secs %v: from 0.05 to 300 work", o.length.Seconds())
	case o.idle < 0 || o.idle > 50_000:
		return fmt.Errorf("--idle %d: up to 50000 work", o.idle)
	case o.open < 0 || o.open > 50_000:
		return fmt.Errorf("--open %d: up to 50000 work", o.open)
	case o.open > 0 && (o.active < 1 || o.active > o.open):
		return fmt.Errorf("--active %d: from 1 to the %d of --open work", o.active, o.open)
	case o.messages < 1 || o.messages > 1_000_000:
		return fmt.Errorf("--messages %d: from 1 to 1000000 work", o.messages)
	case o.scripts < 0 || o.scripts > 1000:
		return fmt.Errorf("--start %d: up to 1000 work", o.scripts)
	}
	modes := o.modes()
	if len(modes) > 1 {
		return fmt.Errorf("%s are different things to measure; choose one", strings.Join(modes, " and "))
	}
	if o.plotFile != "" && len(modes) > 0 && !o.churn {
		return fmt.Errorf("--plot does not draw what %s measures", modes[0])
	}
	taken := []string{ownName, cName}
	for _, p := range o.peers {
		if slices.Contains(taken, p.name) {
			return fmt.Errorf("the name %q of a peer is taken", p.name)
		}
		taken = append(taken, p.name)
	}
	switch {
	case o.withC:
		o.reference = cName
	case len(o.peers) > 0:
		o.reference = o.peers[0].name
	}
	return nil
}

// modes returns the flags given that change what is measured; no two go together.
func (o *options) modes() []string {
	var modes []string
	for _, m := range []struct {
		given bool
		flag  string
	}{
		{o.churn, "--churn"}, {o.idle > 0, "--idle"}, {o.open > 0, "--open"}, {o.scripts > 0, "--start"},
		{o.postfix, "--postfix"}, {o.syscalls, "--syscalls"},
	} {
		if m.given {
			modes = append(modes, m.flag)
		}
	}
	return modes
}

// measure prepares the filters in a folder of its own and runs the measurements. It reports whether a filter did something wrong.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (bad bool, err error) {
	dir, err := os.MkdirTemp("", "load-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{options: o, dir: dir, bags: map[string]*mailbag{}, out: stdout, notes: stderr}
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
