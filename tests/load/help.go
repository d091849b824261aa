package main

import (
	"flag"
	"fmt"
	"io"
)

const help = `load measures what a message costs a milter. It is the MTA: it sends whole messages over many connections at once, in the
shape in which Postfix sends them, leaves out what the filter negotiated away, and checks every reply.

  go run ./tests/load                           the luamilter of this checkout, four workloads, a quarter of a minute
  go run ./tests/load --c                       and the same filters in C with libmilter, to compare with
  go run ./tests/load --c --python              and in Python with pymilter
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
to C where --c is given, else to the first --peer, else to Python: what slows the machine down slows both down.

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

func usage(f *flag.FlagSet, stdout io.Writer) {
	fmt.Fprint(stdout, help, "Flags:\n")
	f.SetOutput(stdout)
	f.PrintDefaults()
}
