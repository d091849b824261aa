package engine

import (
	"errors"
	"time"

	"luamilter/poll"
)

// What a connection gives back while nothing happens: its VMs, its buffers and, where it has one, through Engine.serve, its goroutine.

// errIdle is why talk ends when the connection is quiet.
var errIdle = errors.New("the connection is idle")

// rest gives back what an idle connection does not need, and returns errIdle.
func (s *session) rest() error {
	s.park()
	s.giveTally()
	s.conn.Rest()
	return errIdle
}

// waits says what becomes of a connection that has nothing to say. Where VMs are scarce it counts as quiet at once.
func (s *session) waits() poll.State {
	if !s.parks() {
		s.settle()
	} else if s.pressed() {
		_ = s.rest() // which says that it did
		return poll.Cold
	}
	return poll.Warm
}

// parks reports whether there is anything to give back when the connection goes quiet.
func (s *session) parks() bool {
	for i := range s.scripts {
		if s.scripts[i].parks() {
			return true
		}
	}
	return false
}

// park gives back all VMs whose data can leave.
func (s *session) park() {
	s.takeTally().listener.Parked++
	for i := range s.scripts {
		st := &s.scripts[i]
		if err := st.park(); err != nil {
			s.lose(i, err)
		}
		if st.stuck && st.pool.warned.CompareAndSwap(false, true) {
			s.log.Info().Str("script", s.program.Scripts[i].Path).Msg("this script keeps a function or an object in conn; while it does, an idle connection costs a whole VM (said once)")
		}
	}
}

// pressed reports whether VMs are scarce.
func (s *session) pressed() bool {
	for _, script := range s.program.Scripts {
		if script.vms.pressed() {
			return true
		}
	}
	return false
}

// setDeadline sets the time at which the connection counts as quiet, but not for every event: half of the time is precise enough.
func (s *session) setDeadline() error {
	if s.conn.Buffered() {
		return nil
	}
	if !s.parks() {
		s.settle()
		return nil
	}
	if s.pressed() {
		return s.rest()
	}
	if time.Until(s.deadline) > s.engine.ParkAfter/2 {
		return nil
	}
	s.deadline = time.Now().Add(s.engine.ParkAfter)
	return s.conn.SetReadDeadline(s.deadline)
}
