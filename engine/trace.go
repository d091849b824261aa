package engine

import (
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"luamilter/luaapi/address"
	"luamilter/protocol"
)

// TraceFilter says which events to show; what is empty is no condition.
type TraceFilter struct {
	IP        netip.Prefix
	Sender    string // part of the envelope sender, in any case
	Recipient string // part of one of the envelope recipients, in any case
	Script    string // name of a script
}

// TraceEvent is a hook that ran.
type TraceEvent struct {
	Time     time.Time     `json:"time"`
	Conn     string        `json:"conn"`
	Listener string        `json:"listener"`
	Client   string        `json:"client,omitempty"`
	QueueID  string        `json:"queue_id,omitempty"`
	Stage    string        `json:"stage"`
	Event    string        `json:"event,omitempty"` // what the stage is about: the name, the address, the field
	Script   string        `json:"script"`
	Verdict  string        `json:"verdict"`
	Reply    string        `json:"reply,omitempty"`
	Observed bool          `json:"observed,omitempty"`
	Error    string        `json:"error,omitempty"`
	Took     time.Duration `json:"took_ns"`
	Lost     uint64        `json:"lost,omitempty"` // events before this one that nobody took in time
}

// tracer is one who follows.
type tracer struct {
	filter TraceFilter
	events chan TraceEvent
	lost   atomic.Uint64
}

// Trace has the events of matching sessions sent to a channel, until stop is called. Mail does not wait for whoever reads it: what does
// not fit is counted and left out.
func (e *Engine) Trace(f TraceFilter) (events <-chan TraceEvent, stop func()) {
	t := &tracer{filter: f, events: make(chan TraceEvent, traceRoom)}
	e.changeTracers(func(all []*tracer) []*tracer { return append(all, t) })
	return t.events, func() {
		e.changeTracers(func(all []*tracer) []*tracer {
			return slices.DeleteFunc(all, func(one *tracer) bool { return one == t })
		})
	}
}

// traceRoom is how many events wait for who reads them.
const traceRoom = 1000

func (e *Engine) changeTracers(change func([]*tracer) []*tracer) {
	e.swap.Lock()
	defer e.swap.Unlock()
	var all []*tracer
	if before := e.tracers.Load(); before != nil {
		all = slices.Clone(*before)
	}
	if all = change(all); len(all) == 0 {
		e.tracers.Store(nil)
		return
	}
	e.tracers.Store(&all)
}

// traced shows a hook that ran to those who follow.
func (s *session) traced(i int, stage protocol.Stage, ev protocol.Event, r protocol.Reply, took time.Duration, err error) {
	all := s.engine.tracers.Load()
	if all == nil {
		return
	}
	script := s.program.Scripts[i]
	t := TraceEvent{
		Time: time.Now(), Conn: s.facts.ID, Listener: s.listener, Client: s.client(), QueueID: s.facts.QueueID(), Stage: stage.String(),
		Event: eventText(ev), Script: script.Name, Verdict: r.Verdict.String(), Observed: script.observe, Took: took,
	}
	if r.Code != 0 {
		t.Reply = replyLine(r)
	}
	if err != nil {
		t.Error, _, _ = strings.Cut(err.Error(), "\n") // without the stack
	}
	for _, one := range *all {
		if !s.matches(&one.filter, script, ev) {
			continue
		}
		t.Lost = one.lost.Swap(0)
		select {
		case one.events <- t:
		default:
			one.lost.Add(t.Lost + 1)
		}
	}
}

// matches reports whether somebody wants to see this session.
func (s *session) matches(f *TraceFilter, script *Script, ev protocol.Event) bool {
	if f.Script != "" && f.Script != script.Name {
		return false
	}
	if f.IP.IsValid() {
		ip, err := netip.ParseAddr(s.facts.IP)
		if err != nil || !f.IP.Contains(ip.Unmap()) {
			return false
		}
	}
	if f.Sender != "" && !(s.facts.InMessage && containsFold(s.facts.Sender, f.Sender)) {
		return false
	}
	if f.Recipient == "" {
		return true
	}
	if rcpt, ok := ev.(*protocol.Rcpt); ok && containsFold(string(rcpt.Recipient), f.Recipient) {
		return true
	}
	return slices.ContainsFunc(s.facts.Recipients, func(r string) bool { return containsFold(r, f.Recipient) })
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// eventText says what an event is about, without the content of the message.
func eventText(ev protocol.Event) string {
	switch ev := ev.(type) {
	case *protocol.Connect:
		return string(ev.Host)
	case *protocol.Helo:
		return string(ev.Name)
	case *protocol.Mail:
		return address.Trim(string(ev.Sender))
	case *protocol.Rcpt:
		return address.Trim(string(ev.Recipient))
	case *protocol.Header:
		return string(ev.Name)
	case *protocol.Unknown:
		return string(ev.Line)
	}
	return ""
}
