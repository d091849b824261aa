package maps

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"luamilter/luaapi/maps/fetch"
	"luamilter/luaapi/maps/format"
	"luamilter/luaapi/outage"
)

// Pool has maps that are shared. Its fields are set before the first Open.
type Pool struct {
	Servers bool       // whether servers may be asked; files are read anyway
	Folder  string     // where copies of lists from web servers are kept; "" for nowhere
	Tell    func(Note) // told of each load; may be nil
	Because error      // why servers are not asked; nil for ErrNoServers

	// Outage is told when a server begins to fail and when it works again; it may be nil.
	Outage func(outage.Note)

	mu      sync.Mutex
	maps    map[string]weak.Pointer[Map] // by id; scripts keep them
	servers map[string]*server           // by URL
	opened  chan struct{}                // a notice for Run
	faked   atomic.Pointer[map[string][]format.Entry]
}

// ErrNoServers is why there is no answer outside the daemon.
var ErrNoServers = errors.New("servers are asked by the daemon only; a test says with fake_map what a list has")

// Note is what happened to a map.
type Note struct {
	Map     string // its name
	Entries int
	Bytes   int64 // of memory
	Took    time.Duration
	Err     error // it could not be read
	Kept    bool  // and there is an old list that stays
}

// unasked is why servers are not asked.
func (p *Pool) unasked() error {
	if p.Because != nil {
		return p.Because
	}
	return ErrNoServers
}

func (p *Pool) tell(n Note) {
	if p.Tell != nil {
		p.Tell(n)
	}
}

// Open returns the map of a spec, which begins to exist if it does not, and lives as long as somebody keeps it. Relative paths begin at a
// folder. A file that cannot be read is an error; a server that does not answer is none.
func (p *Pool) Open(ctx context.Context, s Spec, folder string) (*Map, error) {
	s, err := s.settle(folder)
	if err != nil {
		return nil, err
	}
	m, err := p.find(s)
	if err != nil {
		return nil, err
	}
	if _, faked := p.fake(&m.spec); faked {
		return m, nil
	}
	if err := m.begin(ctx); err != nil {
		p.forget(m)
		return nil, err
	}
	p.notice()
	return m, nil
}

// notice has Run look at what there is.
func (p *Pool) notice() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened != nil {
		nudge(p.opened)
	}
}

// find returns the map of a spec, which may still have to begin.
func (p *Pool) find(s Spec) (*Map, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.maps[s.id()].Value(); m != nil {
		return m, nil
	}
	m := &Map{spec: s, pool: p}
	if err := p.connect(m); err != nil {
		return nil, err
	}
	if p.maps == nil {
		p.maps = map[string]weak.Pointer[Map]{}
	}
	p.maps[s.id()] = weak.Make(m)
	return m, nil
}

// forget has the next Open begin anew.
func (p *Pool) forget(m *Map) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.maps[m.spec.id()].Value() == m {
		delete(p.maps, m.spec.id())
	}
}

// connect gives a map what it comes from.
func (p *Pool) connect(m *Map) error {
	s := &m.spec
	switch {
	case s.Source == "":
	case s.scheme == "":
		m.from = &file{}
	case !p.Servers && s.Live():
		m.ask = &asker{unasked: p.unasked()}
	case !p.Servers:
		err := p.unasked()
		m.broken.Store(&err)
	case s.fetched():
		m.from = &page{
			Page: fetch.Page{URL: s.Source, Folder: p.Folder, Client: &http.Client{Timeout: loadTime}},
			note: func(err error) { p.tell(Note{Map: s.Name(), Err: err, Kept: true}) },
		}
	default:
		server, err := p.server(s)
		if err != nil {
			return err
		}
		if s.Load {
			m.from = &rows{server}
		} else {
			m.ask = &asker{server: server}
		}
	}
	return nil
}

// server returns the server of a spec, which all maps of that URL share.
func (p *Pool) server(spec *Spec) (*server, error) {
	url := spec.Source
	if s := p.servers[url]; s != nil {
		return s, nil
	}
	s, err := newServer(url, spec.Name(), p.Outage)
	if err != nil {
		return nil, err
	}
	if p.servers == nil {
		p.servers = map[string]*server{}
	}
	p.servers[url] = s
	return s, nil
}

// all returns the maps that somebody keeps, and forgets the others.
func (p *Pool) all() []*Map {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*Map
	for id, ref := range p.maps {
		if m := ref.Value(); m != nil {
			all = append(all, m)
		} else {
			delete(p.maps, id)
		}
	}
	return all
}

// Close ends the connections to servers. Nothing may be looked up after it.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []error
	for _, s := range p.servers {
		all = append(all, s.Close())
	}
	p.servers = nil
	return errors.Join(all...)
}
