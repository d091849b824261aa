package engine

import (
	"time"

	"luamilter/luaapi/budget"
	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// Sleep implements luaapi.Host. Where scripts are told another time than the system's, that is moved instead.
func (s *session) Sleep(d time.Duration) error {
	if c := s.program.clock; c != nil {
		c.Advance(d)
		return nil
	}
	b := s.running.budget
	s.endTurn()
	now := time.Now()
	s.keepAlive(now)
	until := now.Add(d)
	late := until.After(b.Until())
	if late {
		until = b.Until()
	}
	for {
		rest := time.Until(until)
		if rest <= 0 {
			break
		}
		t := time.NewTimer(min(rest, s.engine.keepAlive))
		select {
		case <-t.C:
		case <-s.engine.stopping:
			t.Stop()
			return budget.ErrStopping
		}
		s.keepAlive(time.Now())
	}
	if late {
		return b.Expire()
	}
	return nil
}

// Progress implements luaapi.Host.
func (s *session) Progress() error {
	s.message.progress = time.Now()
	return s.conn.Progress()
}

// Metrics implements luaapi.Host.
func (s *session) Metrics() *metric.Version { return s.release.metrics[s.listener][s.running.script] }

// keepAlive tells the MTA to wait, if an eom hook runs and it was not told lately. A connection that is gone shows soon enough.
func (s *session) keepAlive(now time.Time) {
	if s.call.Stage != protocol.StageEOM {
		return
	}
	if s.message.progress.IsZero() {
		s.message.progress = now
	}
	if now.Sub(s.message.progress) >= s.engine.keepAlive {
		_ = s.Progress()
	}
}
