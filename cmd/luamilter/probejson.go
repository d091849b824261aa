package main

import (
	"encoding/json"
	"io"
	"strings"

	"luamilter/protocol"
	"luamilter/simulate"
)

// probeReport is what probe writes as JSON.
type probeReport struct {
	Socket     string         `json:"socket"`
	MTA        string         `json:"mta"`
	Negotiated *negotiated    `json:"negotiated,omitempty"`
	Events     []probedEvent  `json:"events"`
	Changes    []probedChange `json:"changes"`
	Progress   int            `json:"progress,omitempty"` // how often the MTA was asked to wait
	Verdict    string         `json:"verdict,omitempty"`
	Stage      string         `json:"stage,omitempty"` // where the verdict fell
	Delivered  bool           `json:"delivered"`
	Difference string         `json:"difference,omitempty"` // of what is delivered to what was sent, as diff -u writes it
	Error      string         `json:"error,omitempty"`      // what broke the conversation
}

// negotiated is what the milter answered to the offer.
type negotiated struct {
	Version  uint32            `json:"version"`
	Actions  []string          `json:"actions"` // names without SMFIF_
	Steps    []string          `json:"steps"`   // names without SMFIP_
	Answered []string          `json:"answered"`
	Silent   []string          `json:"heard_without_reply"`
	Unwanted []string          `json:"not_wanted"`
	Macros   map[string]string `json:"macros,omitempty"` // that it asks for, by stage
}

// probedEvent is an event and the answer to it.
type probedEvent struct {
	Stage        string  `json:"stage"`
	About        string  `json:"about,omitempty"`
	Asked        string  `json:"asked"` // answered, no reply, not sent
	Verdict      string  `json:"verdict,omitempty"`
	Code         int     `json:"code,omitempty"`
	Enhanced     string  `json:"enhanced,omitempty"`
	Text         string  `json:"text,omitempty"`
	Microseconds float64 `json:"us,omitempty"`
}

// probedChange is a change that the milter asked for.
type probedChange struct {
	Change string  `json:"change"` // the packet's name without SMFIR_
	Index  *uint32 `json:"index,omitempty"`
	Name   string  `json:"name,omitempty"`
	Value  string  `json:"value,omitempty"`
	Params string  `json:"params,omitempty"`
	Bytes  int     `json:"bytes,omitempty"` // of a body
}

// writeJSON writes a transcript for programs.
func (p *probe) writeJSON(out io.Writer) error {
	r := probeReport{Socket: p.spec.String(), MTA: "postfix", Events: []probedEvent{}, Changes: []probedChange{}, Difference: p.difference()}
	if p.mta.Kind == protocol.Sendmail {
		r.MTA = "sendmail"
	}
	if p.session != nil {
		r.Negotiated = p.negotiated()
	}
	for _, s := range p.steps {
		r.Events = append(r.Events, s.event())
	}
	if p.result != nil {
		r.Progress, r.Delivered = p.result.Progress, p.result.Delivered != nil
		r.Verdict, r.Stage = p.result.Verdict.String(), p.result.Stage.String()
		for _, c := range p.result.Changes {
			r.Changes = append(r.Changes, changeOf(c))
		}
	}
	if p.failed != nil {
		r.Error = p.failed.Error()
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (p *probe) negotiated() *negotiated {
	agreed := p.session.Agreed()
	n := &negotiated{Version: agreed.Version, Actions: namesIn(agreed.Actions.String()), Steps: namesIn(agreed.Steps.String()), Macros: map[string]string{}}
	n.Answered, n.Silent, n.Unwanted = p.wants()
	for s := range protocol.Stage(protocol.NumStages) {
		if list := agreed.Macros.Of(s); list != "" {
			n.Macros[s.String()] = list
		}
	}
	return n
}

// namesIn takes the text of a set of bits apart.
func namesIn(set string) []string {
	if set == "none" {
		return []string{}
	}
	return strings.Split(set, "|")
}

func (s *probeStep) event() probedEvent {
	ev := probedEvent{Stage: s.Stage.String(), About: s.shown, Asked: s.Asked.String()}
	if s.Asked == simulate.Answered {
		r := s.Reply
		ev.Verdict, ev.Code, ev.Enhanced, ev.Text = r.Verdict.String(), r.Code, r.Enhanced, r.Text
		ev.Microseconds = float64(s.took.Nanoseconds()) / 1e3
	}
	return ev
}

func changeOf(c protocol.Change) probedChange {
	out := probedChange{Change: c.Response.String(), Name: c.Name, Value: c.Value, Params: c.Params, Bytes: len(c.Body)}
	if c.Response == protocol.RespInsHeader || c.Response == protocol.RespChgHeader {
		out.Index = &c.Index
	}
	return out
}
