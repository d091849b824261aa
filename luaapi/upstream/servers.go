package upstream

import (
	"context"
	"sync"
	"time"

	"luamilter/luaapi/outage"
)

// maxServers are so many that are remembered. Whoever names more loses what is known of the others.
const maxServers = 256

// Servers are servers that scripts name themselves, made when they are first named. It is safe for use by several goroutines.
type Servers struct {
	name    string
	timeout time.Duration
	tell    func(outage.Note)

	mu    sync.Mutex
	known map[string]*Server
	gone  Counts // of those that were forgotten
}

// NewServers returns servers of a kind, each with that timeout.
func NewServers(name string, timeout time.Duration) *Servers {
	return &Servers{name: name, timeout: timeout, known: map[string]*Server{}}
}

// Watch has somebody told when one of the servers begins to fail and when it answers again. It is called before anything is asked.
func (s *Servers) Watch(tell func(outage.Note)) { s.tell = tell }

// At returns the server at an address.
func (s *Servers) At(address string) (*Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server, ok := s.known[address]; ok {
		return server, nil
	}
	server, err := New(s.name, address, s.timeout)
	if err != nil {
		return nil, err
	}
	server.Watch(s.tell)
	if len(s.known) >= maxServers {
		s.gone = s.sum()
		clear(s.known)
	}
	s.known[address] = server
	return server, nil
}

// Counts returns what all of them were asked so far. Down is true if one of them is.
func (s *Servers) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum()
}

func (s *Servers) sum() Counts {
	all := s.gone
	all.Down = false
	for _, server := range s.known {
		c := server.Counts()
		all.Answered, all.Failed, all.Paused = all.Answered+c.Answered, all.Failed+c.Failed, all.Paused+c.Paused
		all.Down = all.Down || c.Down
	}
	return all
}

// Exchange asks the server at an address, as Server.Exchange does.
func (s *Servers) Exchange(ctx context.Context, address string, x *Exchange) (string, error) {
	server, err := s.At(address)
	if err != nil {
		return "", Refusal(err.Error())
	}
	return server.Exchange(ctx, x)
}
