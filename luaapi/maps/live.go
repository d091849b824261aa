package maps

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"luamilter/luaapi/maps/live"
	"luamilter/luaapi/outage"
)

// server is a database or a directory that maps share, with what keeps it from being asked while it does not answer.
type server struct {
	live.Server
	breaker *gobreaker.CircuitBreaker[struct{}]
	outage  outage.Outage
}

// pauseTime is for how long nothing is asked after failures in a row. Then one question is asked to see.
const pauseTime = 10 * time.Second

// newServer makes the server of a URL, which tell is told of under a name without a password.
func newServer(url, name string, tell func(outage.Note)) (*server, error) {
	remote, err := live.Open(url)
	if err != nil {
		return nil, err
	}
	s := &server{Server: remote, outage: outage.Outage{What: name, Tell: tell}}
	s.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      pauseTime,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= outage.Enough },
		IsSuccessful: func(err error) bool { return err == nil || live.IsAnswer(err) },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
	})
	return s, nil
}

// errPaused is why a server is not asked.
var errPaused = fmt.Errorf("it did not answer %d times in a row, so it is not asked for up to %v", outage.Enough, pauseTime)

// guard asks the server, unless it did not answer lately.
func (s *server) guard(ask func(live.Server) error) error {
	_, err := s.breaker.Execute(func() (struct{}, error) { return struct{}{}, ask(s.Server) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return errPaused
	}
	switch {
	case err == nil:
		s.outage.Worked()
	case !errors.Is(err, context.Canceled):
		s.outage.Failed(err)
	}
	return err
}

// asker looks keys up by asking a server, and keeps the answers.
type asker struct {
	server  *server // nil where none may be asked
	unasked error   // why
	cache   cache
	counts  [numOutcomes]atomic.Int64
}

// outcome is what came of looking up a key.
type outcome uint8

const (
	outcomeFound  outcome = iota
	outcomeAbsent         // the server does not have it
	outcomeCached         // the answer was kept
	outcomeStale          // the server did not answer, and an old answer was kept
	outcomeError
	numOutcomes
)

// String returns the outcome as monitoring calls it.
func (o outcome) String() string {
	return [...]string{"found", "absent", "cached", "stale", "error"}[o]
}

// keys are those under which a key may be found, the nearest first.
func keys(s *Spec, key string) []string {
	if s.Kind != Domain {
		return []string{key}
	}
	var all []string
	for key := range nearest(key, true) {
		all = append(all, key)
	}
	return all
}

// maxParts is how many keys are asked for at most to find one domain.
const maxParts = 16

// known returns the answer if all that is needed for it is kept.
func (a *asker) known(s *Spec, key string) (value string, found, known bool) {
	now := time.Now()
	for _, key := range keys(s, key) {
		kept, ok := a.cache.get(key)
		switch {
		case !ok || now.After(kept.until):
			return "", false, false
		case kept.found:
			a.counts[outcomeCached].Add(1)
			return kept.value, true, true
		}
	}
	a.counts[outcomeCached].Add(1)
	return "", false, true
}

// find asks for a key.
func (a *asker) find(ctx context.Context, s *Spec, key string) (value string, found bool, err error) {
	if a.server == nil {
		return "", false, fmt.Errorf("%s: %w", s.Name(), a.unasked)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	parts := keys(s, key)
	if len(parts) > maxParts {
		parts = parts[len(parts)-maxParts:]
	}
	for _, key := range parts {
		got, err := a.one(ctx, s, key)
		if err != nil {
			return "", false, fmt.Errorf("%s: %w", s.Name(), err)
		}
		if got.found {
			return got.value, true, nil
		}
	}
	return "", false, nil
}

// one asks for one key. Where the server does not answer, an old answer does.
func (a *asker) one(ctx context.Context, s *Spec, key string) (answer, error) {
	kept, ok := a.cache.get(key)
	if ok && time.Now().Before(kept.until) {
		a.counts[outcomeCached].Add(1)
		return kept, nil
	}
	var got answer
	err := a.server.guard(func(remote live.Server) error {
		var err error
		got.value, got.found, err = remote.Lookup(ctx, s.Query, key)
		return inTime(ctx, s, err)
	})
	switch {
	case err != nil && ok:
		a.counts[outcomeStale].Add(1)
		return kept, nil
	case err != nil:
		a.counts[outcomeError].Add(1)
		return answer{}, err
	case got.found:
		a.counts[outcomeFound].Add(1)
	default:
		a.counts[outcomeAbsent].Add(1)
	}
	got.until = time.Now().Add(s.TTL)
	a.cache.put(key, got)
	return got, nil
}

// inTime says of an error that it is about time, which drivers put in many ways.
func inTime(ctx context.Context, s *Spec, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %v: %w", s.Timeout, err)
	}
	return err
}
