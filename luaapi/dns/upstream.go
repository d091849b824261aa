package dns

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"luamilter/luaapi/outage"
)

// server is a name server, and how it did lately.
type server struct {
	address string            // host:port
	tell    func(outage.Note) // nil for nobody

	mu       sync.Mutex
	missed   int       // answers in a row
	since    time.Time // of the last one that was missed
	problem  error     // why
	down     bool      // nothing is asked of it but the root
	checking bool      // that is being asked
	lost     uint64    // answers since it was well
}

// suspicious is after how many answers that were missed in a row a server is asked for the root.
const suspicious = 3

// aside is how long a server that missed an answer is asked after others.
const aside = 10 * time.Second

// Between two questions for the root to a server that is down.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 15 * time.Second
)

// root is what every name server that recurses knows.
var root = Question{Type: NS}

// state returns whether it is down, and whether it missed its last answer just now.
func (s *server) state() (down, late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down, s.missed > 0 && time.Since(s.since) < aside
}

// answered notes that it is well.
func (s *server) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down && s.tell != nil {
		s.tell(outage.Note{What: s.name(), Failures: s.lost})
	}
	s.missed, s.lost, s.down = 0, 0, false
}

func (s *server) name() string { return "the name server " + s.address }

// goesDown notes that it answers nothing.
func (s *server) goesDown(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost++
	if !s.down && s.tell != nil {
		s.tell(outage.Note{What: s.name(), Err: err, Failures: s.lost})
	}
	s.down, s.problem = true, err
}

// miss notes that it did not answer. It reports whether somebody should ask it for the root, which is then to be done.
func (s *server) miss(err error) (check bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.missed++
	s.lost++
	s.since, s.problem = time.Now(), err
	if s.missed < suspicious || s.checking {
		return false
	}
	s.checking = true
	return true
}

// check asks a server for the root until it answers or ctx ends. If it does not at once, it counts as down meanwhile.
func (s *server) check(ctx context.Context, timeout time.Duration) {
	defer func() {
		s.mu.Lock()
		s.checking = false
		s.mu.Unlock()
	}()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		once, cancel := context.WithTimeout(ctx, timeout)
		m, err := s.ask(once, root, false)
		cancel()
		if err == nil && m.Rcode == wire.RcodeRefused {
			err = errRefused
		}
		if err == nil {
			s.answered()
			return
		}
		if ctx.Err() != nil {
			return
		}
		s.goesDown(err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// errNoServer is wrapped by the error of a lookup while all servers are down.
var errNoServer = fmt.Errorf("%w: no name server answers at present", errNotAsked)

// order returns the servers to ask, those that are well first; none if all are down.
func order(all []*server) ([]*server, error) {
	var well, late []*server
	var problems []string
	for _, s := range all {
		switch down, isLate := s.state(); {
		case down:
			s.mu.Lock()
			problems = append(problems, fmt.Sprintf("%s: %v", s.address, s.problem))
			s.mu.Unlock()
		case isLate:
			late = append(late, s)
		default:
			well = append(well, s)
		}
	}
	if len(problems) == len(all) {
		return nil, fmt.Errorf("%w (%s)", errNoServer, strings.Join(problems, "; "))
	}
	return slices.Concat(well, late), nil
}
