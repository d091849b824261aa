package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"luamilter/config"
	"luamilter/engine"
	"luamilter/load"
	"luamilter/protocol"
	"luamilter/simulate"
)

// benchCmd loads one or two milters and measures them.
type benchCmd struct {
	Addr  string `arg:"" optional:"" name:"socket" default:"${default_listen}" help:"The milter's socket, in any spelling that run --listen takes. Default: ${default}."`
	Other string `arg:"" optional:"" name:"other" help:"The socket of another milter to compare with."`

	Connections   int     `short:"c" default:"16" placeholder:"NUMBER" help:"Connections at once. Default: ${default}."`
	Seconds       float64 `short:"d" default:"10" placeholder:"SECONDS" help:"How long each milter is loaded. Default: ${default}."`
	Messages      int     `short:"n" placeholder:"NUMBER" help:"Send that many messages to each milter instead."`
	Rounds        int     `default:"5" placeholder:"NUMBER" help:"In how many pieces, in turn where there are two. Default: ${default}."`
	Rate          int     `placeholder:"NUMBER" help:"Messages a second in all. Default: as many as the milter does."`
	PerConnection int     `name:"per-conn" placeholder:"NUMBER" help:"Messages after which a connection is closed and another one opened. Default: it stays open."`

	Recipients int         `name:"rcpts" default:"3" placeholder:"NUMBER" help:"Recipients of each message. Default: ${default}."`
	Fields     int         `name:"headers" default:"20" placeholder:"NUMBER" help:"Header fields of each message. Default: ${default}."`
	Body       config.Size `default:"4KiB" placeholder:"SIZE" help:"Size of each body. Default: ${default}."`
	Message    string      `name:"eml" placeholder:"FILE" help:"Send this message instead."`

	PID     []int         `placeholder:"PID" help:"Whose CPU time and memory to measure; once for each milter. Default: the process that listens."`
	Plot    string        `placeholder:"FILE" help:"Also draw the latencies, as SVG."`
	JSON    bool          `help:"Write JSON instead of text."`
	Timeout time.Duration `default:"30s" help:"How long connecting, and the end of a piece, may take. Default: ${default}."`
}

// Help is shown below the flags.
func (c *benchCmd) Help() string {
	return `Works with any milter. It is the MTA: it negotiates, sends whole messages over many connections as Postfix does, and checks that each
reply is one that the protocol allows. Exits with 1 when connections break.

CPU time and memory are those of the process that listens, with its children, where that is on this machine. Compare milters in one run, by
the ratio: a time alone tells as much of the machine as of the milter.

Examples:
  luamilter bench inet:8891@127.0.0.1
  luamilter bench -d 30 --body 250kB unix:/run/new.sock unix:/run/old.sock
  luamilter bench -c 50 --rate 200 --plot latency.svg inet:8891@127.0.0.1`
}

// warmUp is how long a milter is loaded before a piece that is measured.
const warmUp = 250 * time.Millisecond

// Run measures.
func (c *benchCmd) Run(t *terminal) error {
	if err := c.check(); err != nil {
		return usageError{err}
	}
	messages, err := c.messages()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	runtime.GOMAXPROCS(max(1, runtime.NumCPU()/4)) // the rest is for the milter
	debug.SetGCPercent(400)
	load.AllowFiles()

	r := &report{shape: c.shape(), cores: runtime.NumCPU()}
	for i, addr := range c.addresses() {
		target, err := c.target(t, addr, i, messages)
		if err != nil {
			return err
		}
		r.targets = append(r.targets, target)
	}
	if err := c.measure(ctx, t, r.targets); err != nil {
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted")
		}
		return err
	}
	return c.show(t, r)
}

// check holds the flags to what works.
func (c *benchCmd) check() error {
	for _, f := range []struct {
		name               string
		value, least, most int
	}{
		{"-c", c.Connections, 1, 50_000}, {"-n", c.Messages, 0, 1 << 40}, {"--rounds", c.Rounds, 1, 1000}, {"--rate", c.Rate, 0, 1_000_000},
		{"--per-conn", c.PerConnection, 0, 1 << 30}, {"--rcpts", c.Recipients, 1, 10_000}, {"--headers", c.Fields, 0, 10_000},
		{"--body", int(c.Body), 0, 1 << 30}, {"--pid, how often given:", len(c.PID), 0, len(c.addresses())},
	} {
		if f.value < f.least || f.value > f.most {
			return fmt.Errorf("%s %d: from %d to %d work", f.name, f.value, f.least, f.most)
		}
	}
	if piece := c.piece(); c.Messages == 0 && (piece < 10*time.Millisecond || piece > time.Hour) {
		return fmt.Errorf("-d %v with --rounds %d: pieces of 0.01 seconds to an hour work", c.Seconds, c.Rounds)
	}
	if c.Messages > 0 && c.Messages < c.Rounds {
		return fmt.Errorf("-n %d with --rounds %d: at least one message a round is needed", c.Messages, c.Rounds)
	}
	if ext := filepath.Ext(c.Plot); c.Plot != "" && ext != ".svg" {
		return fmt.Errorf("--plot %s: only .svg can be drawn", c.Plot)
	}
	return nil
}

func (c *benchCmd) addresses() []string {
	if c.Other == "" {
		return []string{c.Addr}
	}
	return []string{c.Addr, c.Other}
}

// piece is how long a milter is loaded in each round.
func (c *benchCmd) piece() time.Duration {
	return time.Duration(c.Seconds * float64(time.Second) / float64(c.Rounds))
}

// messages returns what is sent.
func (c *benchCmd) messages() ([]*load.Message, error) {
	if c.Message != "" {
		return messageFrom(c.Message, c.Recipients)
	}
	return load.Shape{Recipients: c.Recipients, Fields: c.Fields, Body: int(c.Body)}.Messages(), nil
}

// messageFrom reads a message from a file.
func messageFrom(file string, recipients int) ([]*load.Message, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	content := simulate.ReadMessage(text)
	m := load.Shape{Recipients: recipients}.Messages()[0]
	m.Body = content.Body
	for _, f := range content.Header {
		m.Fields = append(m.Fields, load.Field{Name: f.Name, Value: f.Value})
	}
	return []*load.Message{m}, nil
}

// shape says in words what is sent.
func (c *benchCmd) shape() string {
	what := fmt.Sprintf("%d connections, messages with %d recipients, %d header fields and a body of %v", c.Connections, c.Recipients, c.Fields, c.Body)
	if c.Message != "" {
		what = fmt.Sprintf("%d connections, %s to %d recipients", c.Connections, c.Message, c.Recipients)
	}
	if c.Rate > 0 {
		what += fmt.Sprintf(", %d messages a second", c.Rate)
	}
	if c.PerConnection > 0 {
		what += fmt.Sprintf(", a new connection after %d", c.PerConnection)
	}
	return what
}

// target makes sure that a milter is there, and finds its process.
func (c *benchCmd) target(t *terminal, addr string, number int, messages []*load.Message) (*load.Target, error) {
	spec, err := engine.ParseSpec(addr)
	if err != nil {
		return nil, usageError{err}
	}
	conn, err := connectTo(spec, c.Timeout)
	if err != nil {
		return nil, err
	}
	client := protocol.NewClient(conn, c.Timeout)
	if _, err := client.Negotiate(protocol.FullOffer); err != nil {
		return nil, errors.Join(fmt.Errorf("milter at %s: %w", spec, err), client.Close())
	}
	target := &load.Target{Name: spec.String(), Generator: &load.Generator{
		Network: spec.Network, Address: spec.Address, Connections: c.Connections, PerConnection: c.PerConnection, Rate: c.Rate, Bag: load.NewMailbag(messages),
	}}
	if target.PID, err = c.pid(conn, number); err != nil {
		fmt.Fprintf(t.stderr, "luamilter: CPU time and memory of %s are not measured: %v\n", spec, err)
	}
	return target, client.Quit()
}

func (c *benchCmd) pid(conn net.Conn, number int) (int, error) {
	if number < len(c.PID) {
		return c.PID[number], nil
	}
	return load.ListenerPID(conn)
}

// measure loads the milters, and says on a terminal how far it is.
func (c *benchCmd) measure(ctx context.Context, t *terminal, targets []*load.Target) error {
	r := load.Rounds{Count: c.Rounds, Warm: warmUp, Length: c.piece(), Messages: c.Messages, Within: c.within()}
	return r.Measure(ctx, targets, func(round int, target *load.Target, s *load.Sample) {
		if isTerminal(t.stderr) {
			fmt.Fprintf(t.stderr, "round %d of %d: %s: %.0f messages/s, p99 %s\n", round+1, c.Rounds, target.Name, s.Throughput(), inUnits(s.Latencies.Quantile(0.99)))
		}
	})
}

// within is how long the messages of a piece may take where they are counted.
func (c *benchCmd) within() time.Duration {
	if c.Rate > 0 {
		return time.Duration(c.Messages/c.Rounds/c.Rate)*time.Second + c.Timeout
	}
	return time.Hour
}
