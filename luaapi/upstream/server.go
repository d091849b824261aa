package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"luamilter/luaapi/outage"
)

// Pause is how long a server is not asked after failures in a row.
const Pause = 10 * time.Second

// dialTime is how long a connection may take to be made.
const dialTime = 2 * time.Second

// ErrPaused is the error of a question that was not asked, because the last ones failed.
var ErrPaused = errors.New("it did not answer lately, and is not asked for a while")

// Refusal is an answer that says why there is no other: the server is well.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return string(r) }

// Counts are what a server was asked so far.
type Counts struct {
	Answered uint64 // refusals too
	Failed   uint64 // no answer, or nonsense
	Paused   uint64 // not asked
	Down     bool   // it is not asked now
}

// Server is a server. It is safe for use by several goroutines.
type Server struct {
	name             string
	network, address string
	timeout          time.Duration
	breaker          *gobreaker.CircuitBreaker[struct{}]
	outage           outage.Outage

	answered, failed, paused atomic.Uint64
}

// New describes a server. The address is host:port or unix:/path; a timeout is for a whole question. Nothing is connected yet.
func New(name, address string, timeout time.Duration) (*Server, error) {
	network, place, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	s := &Server{name: name, network: network, address: place, timeout: timeout, breaker: newBreaker(name)}
	s.outage.What = name + " at " + s.Address()
	return s, nil
}

// Watch has somebody told when the server begins to fail and when it answers again. It is called before anything is asked.
func (s *Server) Watch(tell func(outage.Note)) { s.outage.Tell = tell }

func newBreaker(name string) *gobreaker.CircuitBreaker[struct{}] {
	return gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name: name, Timeout: Pause,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= outage.Enough },
		IsSuccessful: isAnswer,
		IsExcluded:   isGivenUp, // else the one question to a server that is paused could end the pause without an answer
	})
}

// isAnswer reports whether the server did what it is for.
func isAnswer(err error) bool {
	var refusal Refusal
	return err == nil || errors.As(err, &refusal)
}

// isGivenUp reports whether the hook gave its question up, which says nothing about the server.
func isGivenUp(err error) bool { return errors.Is(err, context.Canceled) }

// Address returns the address as New takes it.
func (s *Server) Address() string {
	if s.network == "unix" {
		return "unix:" + s.address
	}
	return s.address
}

// Ask connects to the server and has talk use the connection, which ends with ctx or with the timeout and is closed afterwards. The error says
// which server did not answer, and is ErrPaused if it was not asked. It is talk's own where that is a Refusal.
func (s *Server) Ask(ctx context.Context, talk func(conn net.Conn) error) error {
	return s.Through(func() error {
		ctx, cancel := context.WithTimeout(ctx, s.timeout)
		defer cancel()
		return s.connected(ctx, talk)
	})
}

// Through asks in whatever way; it counts, and does not when the server is paused.
func (s *Server) Through(ask func() error) error {
	_, err := s.breaker.Execute(func() (struct{}, error) { return struct{}{}, ask() })
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		s.paused.Add(1)
		return fmt.Errorf("%s at %s: %w", s.name, s.Address(), ErrPaused)
	case isGivenUp(err):
		return err
	case isAnswer(err):
		s.answered.Add(1)
		s.outage.Worked()
		return err
	}
	s.failed.Add(1)
	err = plainly(err, s.timeout)
	s.outage.Failed(err)
	return fmt.Errorf("%s at %s: %w", s.name, s.Address(), err)
}

func (s *Server) connected(ctx context.Context, talk func(conn net.Conn) error) error {
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, s.network, s.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := talk(conn); err != nil {
		if ctx.Err() == context.Canceled {
			return ctx.Err()
		}
		return err
	}
	return nil
}

// plainly words an error for the administrator. What net says of a connection names the address, which is said already.
func plainly(err error, timeout time.Duration) error {
	var op *net.OpError
	var call *os.SyscallError
	reason := err
	if errors.As(err, &op) {
		reason = op.Err
	}
	if errors.As(reason, &call) {
		reason = call.Err // else it says connect: connect: connection refused
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %v", timeout)
	case op != nil && op.Op == "dial" && op.Timeout():
		return fmt.Errorf("no connection within %v", min(timeout, dialTime))
	case op != nil && op.Op == "dial":
		return fmt.Errorf("connect: %w", reason)
	case op != nil:
		return fmt.Errorf("%s: %w", op.Op, reason)
	}
	return err
}

// Counts returns what it was asked so far.
func (s *Server) Counts() Counts {
	return Counts{s.answered.Load(), s.failed.Load(), s.paused.Load(), s.breaker.State() == gobreaker.StateOpen}
}
