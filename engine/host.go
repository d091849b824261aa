package engine

import (
	"errors"
	"time"

	"luamilter/protocol"
)

// keepAliveEvery is how often the MTA is told to wait during a long eom hook. Sendmail gives up after 10 s without a word.
const keepAliveEvery = 4 * time.Second

// Sleep implements luaapi.Host.
func (s *session) Sleep(d time.Duration) error {
	b := s.lease.vm.budget
	until := time.Now().Add(d)
	late := until.After(b.deadline())
	if late {
		until = b.deadline()
	}
	for {
		rest := time.Until(until)
		if rest <= 0 {
			break
		}
		t := time.NewTimer(min(rest, keepAliveEvery))
		select {
		case <-t.C:
		case <-s.engine.stopping:
			t.Stop()
			return errors.New("the daemon stops")
		}
		s.keepAlive(time.Now())
	}
	if late {
		b.expire()
		return b.err
	}
	return nil
}

// Progress implements luaapi.Host.
func (s *session) Progress() error {
	s.message.progress = time.Now()
	return s.conn.Progress()
}

// keepAlive tells the MTA to wait, if an eom hook runs and it was not told lately. A connection that is gone shows soon enough.
func (s *session) keepAlive(now time.Time) {
	if s.call.Stage != protocol.StageEOM {
		return
	}
	if s.message.progress.IsZero() {
		s.message.progress = now
	}
	if now.Sub(s.message.progress) >= keepAliveEvery {
		_ = s.Progress()
	}
}
