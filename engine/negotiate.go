package engine

import (
	"errors"
	"io"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/protocol"
)

// negotiate reads the MTA's offer, lets negotiate hooks overrule what follows from the scripts, and answers. The error is io.EOF if there was no offer.
func (s *session) negotiate() error {
	offer, err := s.conn.ReadOffer()
	if errors.Is(err, syscall.ECONNRESET) {
		return io.EOF // as health checks of load balancers leave
	}
	if err != nil {
		return err
	}
	want := s.program.want
	s.overrule(offer, &want)
	agreed, err := protocol.Negotiate(offer, want)
	if err != nil {
		return err
	}
	s.facts.Known = want.Events
	s.log.Debug().Uint32("version", agreed.Version).Stringer("actions", agreed.Actions).Stringer("steps", agreed.Steps).Msg("negotiated")
	return s.conn.Agree(agreed)
}

// overrule runs the negotiate hooks on what is wanted. One that fails changes nothing there, but as nobody knows what it was to
// bring about, the connection gets the verdict of an error.
func (s *session) overrule(offer protocol.Offer, want *protocol.Want) {
	if s.program.Needs.Hooks[protocol.StageNegotiate] == "" {
		return
	}
	for i := range s.program.Scripts {
		before := *want
		if !s.runNegotiate(i, &offer, want) {
			*want = before
			want.Events, want.Replies = want.Events.With(protocol.StageMail), want.Replies.With(protocol.StageMail)
			s.hold(s.program.Scripts[i].onError)
		}
	}
}

func (s *session) runNegotiate(i int, offer *protocol.Offer, want *protocol.Want) bool {
	if s.program.Scripts[i].Needs.Hooks[protocol.StageNegotiate] == "" {
		return true
	}
	s.call.Want, s.call.Offer = want, offer
	defer func() { s.call.Want, s.call.Offer = nil, nil }()
	s.failure = nil
	value, h, took, err := s.measured(i, protocol.StageNegotiate, nil)
	if err != nil {
		r := s.failed(i, protocol.StageNegotiate, h, err)
		h.Verdicts[r.Verdict]++
		s.watched(i, protocol.StageNegotiate, nil, r, took)
		return false
	}
	h.Verdicts[protocol.Continue]++
	if value != lua.LNil {
		if _, err := luaapi.Verdict(protocol.StageNegotiate, value); err != nil {
			s.misreturned(i, protocol.StageNegotiate, h, err)
		}
	}
	s.watched(i, protocol.StageNegotiate, nil, protocol.Reply{}, took)
	return true
}
