package main

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"luamilter/engine"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
	"luamilter/simulate"
)

// probeCmd is an MTA that plays one message to a milter and shows what it negotiates and answers.
type probeCmd struct {
	Addr string `arg:"" optional:"" default:"${default_listen}" help:"The milter's socket, in any spelling that run --listen takes. Default: ${default}."`
	File string `arg:"" optional:"" name:"message" help:"A message to play (.eml); a small one is made up without."`

	From    string   `default:"sender@example.com" help:"Envelope sender; '' is the null sender. Default: ${default}."`
	To      []string `aliases:"rcpt" default:"${sample_rcpts}" help:"Envelope recipients. Default: ${default}."`
	Message string   `name:"eml" placeholder:"FILE" complete:"*.eml" help:"The same as the second argument."`

	IP   string `name:"ip" default:"192.0.2.1" help:"Address of the SMTP client; '' for one that is not known. Default: ${default}."`
	Host string `default:"client.example.com" help:"Its name in DNS; '' if it has none. Default: ${default}."`
	Helo string `default:"client.example.com" help:"What it says at HELO. Default: ${default}."`
	Auth string `placeholder:"USER" help:"As whom it has authenticated."`

	MTA     string   `name:"mta" default:"postfix" enum:"postfix,sendmail" help:"Whose macros are sent, and when: ${enum}. Default: ${default}."`
	Macros  []string `name:"macro" sep:"none" placeholder:"STAGE:NAME=VALUE" help:"Send this macro at a stage (connect helo mail rcpt data header eoh body eom unknown) too. May be repeated."`
	Version int      `name:"offer-version" default:"6" help:"The protocol version to offer: 2, 3, 4, 6. Default: ${default}."`

	Timeout time.Duration `default:"30s" help:"How long each answer may take. Default: ${default}."`
	JSON    bool          `help:"Write JSON instead of text."`
}

// Help is shown below the flags.
func (c *probeCmd) Help() string {
	return `Works with any milter, not only with luamilter. It connects, offers what Postfix or Sendmail offer, plays one message, and prints what the
milter negotiates, each event with the answer and its time, the changes, and how the message that is delivered differs from the one that
was sent. Exits with 1 when the milter cannot be reached or breaks the protocol; a refused message is no error.

Examples:
  luamilter probe inet:8891@127.0.0.1 message.eml
  luamilter probe --mta sendmail --ip 198.51.100.7 --auth alice --macro 'rcpt:{rcpt_mailer}=local' unix:/run/milter.sock`
}

// Run plays the message.
func (c *probeCmd) Run(t *terminal) error {
	p, err := c.probe()
	if err != nil {
		return err
	}
	nc, err := connectTo(p.spec, c.Timeout)
	if err != nil {
		return err
	}
	heard := &witness{Conn: nc}
	err = p.play(heard, c.Timeout)
	if err != nil {
		p.failed = p.explain(err, heard, c.Timeout)
	}
	write := p.writeText
	if c.JSON {
		write = p.writeJSON
	}
	if writeErr := write(t.stdout); writeErr != nil {
		return writeErr
	}
	return p.failed
}

// probe reads the flags.
func (c *probeCmd) probe() (*probe, error) {
	spec, err := engine.ParseSpec(c.Addr)
	if err != nil {
		return nil, usageError{err}
	}
	p := &probe{spec: spec, mta: simulate.DefaultMTA, envelope: simulate.NewEnvelope(c.From, c.To...)}
	if c.MTA == "sendmail" {
		p.mta = simulate.DefaultSendmail
	}
	p.client = simulate.Client{Port: 50000, Host: c.Host, Helo: c.Helo, Auth: simulate.Auth{User: c.Auth}}
	if c.IP != "" {
		if p.client.IP, err = netip.ParseAddr(c.IP); err != nil {
			return nil, usageError{fmt.Errorf("--ip: %w", err)}
		}
	}
	if p.offer, err = simulate.OfferOf(c.Version); err != nil {
		return nil, usageError{fmt.Errorf("--offer-version: %w", err)}
	}
	for _, text := range c.Macros {
		m, err := parseMacro(text)
		if err != nil {
			return nil, usageError{err}
		}
		p.macros = append(p.macros, m)
	}
	p.message, err = c.message()
	return p, err
}

// message returns the message to play.
func (c *probeCmd) message() (simulate.Message, error) {
	file := c.File
	if c.Message != "" {
		file = c.Message
	}
	if file == "" {
		return simulate.ReadMessage([]byte(sampleMessage)), nil
	}
	text, err := os.ReadFile(file)
	return simulate.ReadMessage(text), err
}

// macro is one that the command line has sent at a stage.
type macro struct {
	stage       protocol.Stage
	name, value string
}

// parseMacro reads STAGE:NAME=VALUE.
func parseMacro(text string) (macro, error) {
	stage, rest, ok := strings.Cut(text, ":")
	name, value, hasValue := strings.Cut(rest, "=")
	if !ok || !hasValue || strings.Trim(name, "{}") == "" {
		return macro{}, fmt.Errorf("--macro %s: write STAGE:NAME=VALUE, such as mail:{auth_authen}=alice", text)
	}
	stages := []protocol.Stage{
		protocol.StageConnect, protocol.StageHelo, protocol.StageMail, protocol.StageRcpt, protocol.StageData,
		protocol.StageHeader, protocol.StageEOH, protocol.StageBody, protocol.StageEOM, protocol.StageUnknown,
	}
	i := slices.IndexFunc(stages, func(s protocol.Stage) bool { return s.String() == stage })
	if i >= 0 {
		return macro{stages[i], name, value}, nil
	}
	var names []string
	for _, s := range stages {
		names = append(names, s.String())
	}
	if near := lint.Nearest(stage, names); near != "" {
		return macro{}, fmt.Errorf("--macro %s: there is no stage %q; did you mean %s?", text, stage, near)
	}
	return macro{}, fmt.Errorf("--macro %s: there is no stage %q, only %s", text, stage, strings.Join(names, " "))
}

// sampleProbe is what luamilter probe does without flags.
func sampleProbe(addr string) *probeCmd {
	c := simulate.DefaultClient
	return &probeCmd{
		Addr: addr, From: "sender@example.com", To: sampleRcpts, IP: c.IP.String(), Host: c.Host, Helo: c.Helo, MTA: "postfix",
		Version: protocol.MaxVersion, Timeout: 30 * time.Second,
	}
}

var sampleRcpts = []string{"one@example.net", "two@example.net", "three@example.net"}

const sampleMessage = "From: Sender <sender@example.com>\nTo: one@example.net\nSubject: a message to see what the filter does\n" +
	"Date: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.com>\n\nHello.\n"
