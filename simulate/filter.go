package simulate

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/protocol"
)

// Filter is an engine that serves one program to sessions in this process. Several sessions may be open at the same time.
type Filter struct {
	Offer protocol.Offer // what the MTA offers; not to be changed later
	MTA   MTA            // likewise

	engine   *engine.Engine
	services *luaapi.Services // nil for those of the program
}

// MTA is what the simulated MTA says of itself.
type MTA struct {
	Kind    protocol.MTA // protocol.Sendmail: macros are those of Sendmail, and come when Sendmail sends them; else Postfix
	Name    string       // of the host, macro j
	Version string       // macro v
	Daemon  string       // macro {daemon_name}
	Address string       // macro {daemon_addr}
	Port    string       // macro {daemon_port}
}

// DefaultMTA is a Postfix of Debian 12.
var DefaultMTA = MTA{Name: "mail.example.com", Version: "Postfix 3.7.11", Daemon: "smtpd", Address: "192.0.2.25", Port: "25"}

const listener = "simulated"

// NewFilter returns a filter that runs a program and logs what the engine and the scripts log. Close ends it; the program can be used again.
func NewFilter(p *engine.Program, log zerolog.Logger) *Filter {
	e := engine.New(map[string]*engine.Program{listener: p}, log)
	return &Filter{Offer: protocol.FullOffer, MTA: DefaultMTA, engine: e}
}

// Engine returns the engine, for what it counts.
func (f *Filter) Engine() *engine.Engine { return f.engine }

// Reaching returns the same filter for sessions whose hooks reach these services, and not those of the program.
func (f *Filter) Reaching(s *luaapi.Services) *Filter {
	other := *f
	other.services = s
	return &other
}

// closeTime is how long open sessions may take to end when a filter is closed.
const closeTime = 5 * time.Second

// Close ends the sessions that are open. The error says that some hooks did not end.
func (f *Filter) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return f.engine.Shutdown(ctx)
}

// contentTimeout is how long the filter may take to answer (Postfix: milter_content_timeout).
const contentTimeout = 300 * time.Second

// Open connects to the filter for an SMTP client and negotiates. The filter has not heard of the client yet. An error means that the MTA does
// not offer what the scripts need.
func (f *Filter) Open(c Client) (*Session, error) {
	s := &Session{filter: f, client: c}
	s.wire, s.gone = f.Wire(s.watch)
	agreed, err := s.wire.Negotiate(f.Offer)
	if err != nil {
		_ = s.wire.Close()
		return nil, fmt.Errorf("open a connection to the filter: %w", err)
	}
	s.agreed = protocol.Agreement{Offer: agreed}
	return s, nil
}

// Wire connects to the filter and does nothing else, for who knows what the MTA says. Gone is closed when the filter has closed its end. Watch is
// shown each hook that ran, as by engine.Attend.
func (f *Filter) Wire(watch func(engine.HookRun)) (wire *protocol.Client, gone <-chan struct{}) {
	ours, theirs := net.Pipe()
	closed := make(chan struct{})
	f.engine.Attend(&theirEnd{Conn: theirs, gone: closed}, listener, engine.Attendant{Watch: watch, Services: f.services})
	return protocol.NewClient(ours, contentTimeout), closed
}

// Play plays one message on a connection of its own, from CONNECT to QUIT.
func (f *Filter) Play(c Client, env Envelope, m Message) (*Result, error) {
	s, err := f.Open(c)
	if err != nil {
		return nil, err
	}
	r, err := s.Send(env, m)
	if err != nil {
		_ = s.vanish()
		return nil, err
	}
	if err := s.Quit(); err != nil {
		return nil, err
	}
	r.Hooks = append(r.Hooks, s.Hooks()...)
	return r, nil
}

// theirEnd is the filter's end of a connection; gone is closed with it.
type theirEnd struct {
	net.Conn
	once sync.Once
	gone chan struct{}
}

// Close closes the connection.
func (e *theirEnd) Close() error {
	defer e.once.Do(func() { close(e.gone) })
	return e.Conn.Close()
}
