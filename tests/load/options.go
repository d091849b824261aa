package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

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
	withPython  bool
	markdown    bool
	plotFile    string // "" for none
	daemon      string
	peers       []filter
	reference   string // the filter that ratios are to; "" for none
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
	f.BoolVar(&o.withPython, "python", false, "compare with the same filters in Python; needs pymilter (Debian: python3-milter)")
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
	taken := []string{ownName, cName, pythonName}
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
	case o.withPython:
		o.reference = pythonName
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
