package recorded

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/protocol"
	"luamilter/record"
	"luamilter/replay"
	"luamilter/replay/asked"
	"luamilter/simulate"
)

// Player plays recordings to scripts, one at a time or several.
type Player struct {
	Asker  *asked.Asker // what scripts reach, and what of it is asked; nil for the services of the program
	Timing bool         // packets come as long after the beginning as they did then; not to be changed later

	filter *simulate.Filter
}

// NewPlayer returns a player with the scripts of a program, which log to log. Close ends it; the program can be used again.
func NewPlayer(p *engine.Program, log zerolog.Logger) *Player {
	return &Player{filter: simulate.NewFilter(p, log)}
}

// Close ends the player. The error says that some hooks did not end.
func (p *Player) Close() error { return p.filter.Close() }

// session is a recording that is being played.
type session struct {
	player *Player
	rec    *record.Recording
	then   *Conversation
	thenIs protocol.Agreement // what was agreed then
	now    protocol.Agreement // and now
	wire   *protocol.Client
	began  time.Time
	result *Result

	over    bool // the MTA would say no more on this connection
	quit    bool // it has said goodbye
	message message

	mu   sync.Mutex
	runs []engine.HookRun // that failed
}

// message is the message that is being played.
type message struct {
	open           bool // it has begun
	over           bool // the MTA would say no more of it
	sent           bool // the filter knows of it, and has not heard its end
	taken, refused int  // recipients
}

// Play plays a recording. An error means that it makes no sense, or that ctx is done; what the scripts do wrong is in the result.
func (p *Player) Play(ctx context.Context, rec *record.Recording) (*Result, error) {
	c, err := Read(rec)
	if err != nil {
		return nil, fmt.Errorf("play %s: %w", rec.Path, err)
	}
	s := &session{player: p, rec: rec, then: c, result: &Result{Recording: rec.Path, Conn: rec.Conn, Began: rec.Began}}
	s.thenIs = protocol.Agreement{Offer: c.Answer}
	filter, log := p.filter, &asked.Log{}
	if p.Asker != nil {
		var services *luaapi.Services
		services, log = p.Asker.Begin()
		filter = filter.Reaching(services)
	}
	wire, gone := filter.Wire(s.watch)
	s.wire, s.began = wire, time.Now()
	err = s.play(ctx)
	_ = wire.Close() // QUIT may have done it
	<-gone
	s.explain()
	s.result.Lookups = log.Lookups()
	if err != nil {
		return nil, fmt.Errorf("play %s: %w", rec.Path, err)
	}
	return s.result, nil
}

// watch keeps a hook that failed.
func (s *session) watch(h engine.HookRun) {
	if h.Err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = append(s.runs, h)
}

// explain puts the errors of scripts into plain words.
func (s *session) explain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.runs {
		e := h.Err.Explain()
		s.result.Errors = append(s.result.Errors, replay.Error{
			Script: engine.ScriptName(e.Script), Hook: e.Hook, Path: e.Path, Line: e.Line, Text: e.Text, Hint: e.Hint, Excerpt: e.Excerpt(),
		})
	}
}

func (s *session) play(ctx context.Context) error {
	answer, err := s.wire.Negotiate(s.then.Offer)
	if err != nil {
		return fmt.Errorf("the scripts cannot work with what the MTA offered then (%v): %w", s.then.Offer.Actions, err)
	}
	s.now = protocol.Agreement{Offer: answer}
	s.result.Warnings = warnings(s.rec, s.then, &answer)
	for i := range s.then.Turns {
		if err := s.await(ctx, s.then.Turns[i].At); err != nil {
			return err
		}
		if err := s.turn(i); err != nil {
			return fmt.Errorf("packet %d: %w", s.then.Turns[i].Packet, err)
		}
		if s.quit {
			break
		}
	}
	return nil
}

// await waits until a packet is due.
func (s *session) await(ctx context.Context, at time.Duration) error {
	if wait := at - time.Since(s.began); s.player.Timing && wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// turn plays one packet.
func (s *session) turn(i int) error {
	t := &s.then.Turns[i]
	stage, known := protocol.StageOf(t.Command)
	if !known {
		return nil // macros of a command that there is not
	}
	switch t.Event.(type) {
	case nil:
		if s.over || s.message.over && stage.InMessage() && stage != protocol.StageMail {
			return nil
		}
		return s.wire.Macros(stage, t.Macros...)
	case *protocol.Quit:
		s.quit = true
		return s.wire.Quit()
	case *protocol.QuitNC:
		s.over, s.message = false, message{}
		return s.wire.QuitNC()
	case *protocol.Abort:
		s.message = message{}
		if s.over {
			return nil
		}
		return s.wire.Abort()
	}
	if s.over {
		return nil
	}
	return s.ask(i, stage)
}

// ask plays what the filter may answer.
func (s *session) ask(i int, stage protocol.Stage) error {
	t := &s.then.Turns[i]
	if stage == protocol.StageMail {
		if err := s.begin(); err != nil {
			return err
		}
	}
	if stage.InMessage() {
		s.open()
		if stage > protocol.StageRcpt && s.message.taken == 0 && s.message.refused > 0 {
			s.message.over = true // of no recipient at all, which the differences say
		}
		if s.message.over {
			return nil
		}
		s.message.sent = true
	}
	if stage == protocol.StageEOM {
		return s.end(t)
	}
	r, err := s.wire.Send(s.spaced(t.Event))
	if err != nil {
		return err
	}
	s.judge(i, stage, r)
	return nil
}

// begin begins a message, and gives up one that was not played to its end.
func (s *session) begin() error {
	unfinished := s.message.over && s.message.sent
	s.message = message{}
	if unfinished {
		return s.wire.Abort()
	}
	return nil
}

// open counts a message. Where MAIL was negotiated away, it begins with whatever comes first.
func (s *session) open() {
	if !s.message.open {
		s.message.open = true
		s.result.Messages++
	}
}

// spaced returns a header field with the blank after its colon where that is wanted now, and without it where it is not.
func (s *session) spaced(ev protocol.Event) protocol.Event {
	h, ok := ev.(*protocol.Header)
	then, now := s.thenIs.Steps&protocol.LeadingSpace != 0, s.now.Steps&protocol.LeadingSpace != 0
	if !ok || then == now {
		return ev
	}
	value := h.Value
	switch {
	case now:
		value = append([]byte(" "), value...)
	case len(value) > 0 && value[0] == ' ':
		value = value[1:]
	}
	return &protocol.Header{Name: h.Name, Value: value}
}
