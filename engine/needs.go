package engine

import (
	"maps"
	"slices"

	"luamilter/protocol"
)

// Needs is what scripts need from the MTA, each need with its reasons. It follows from the scripts' text and hooks alone.
type Needs struct {
	Hooks    [protocol.NumStages]string    // where each hook is defined, "" for none
	Events   [protocol.NumStages][]string  // why the event is needed
	Replies  [protocol.NumStages][]string  // why the MTA must wait for a reply to it
	Actions  map[protocol.Actions][]string // why the action is needed
	Optional map[protocol.Actions][]string // actions that are used where the MTA offers them
	Macros   map[string][]string           // macros to ask for, by name
	AnyMacro []string                      // places where the text does not tell which macro is meant
	Skip     bool                          // body may return skip
	Raw      []string                      // why header fields are needed to the byte

	Headers    []string // why the header is collected for msg and eoh
	Body       []string // why the body is collected for msg
	Recipients []string // why recipients are collected

	AnyModule []string // places where the text does not tell which module is required

	Computed []string // places where the text does not tell what is used, so that everything is asked for
}

// merge adds the needs of another script.
func (n *Needs) merge(m *Needs) {
	for s := range n.Events {
		n.Events[s] = append(n.Events[s], m.Events[s]...)
		n.Replies[s] = append(n.Replies[s], m.Replies[s]...)
		if n.Hooks[s] == "" {
			n.Hooks[s] = m.Hooks[s]
		}
	}
	n.Actions = mergeReasons(n.Actions, m.Actions)
	n.Optional = mergeReasons(n.Optional, m.Optional)
	n.Macros = mergeReasons(n.Macros, m.Macros)
	n.AnyMacro = append(n.AnyMacro, m.AnyMacro...)
	n.AnyModule = append(n.AnyModule, m.AnyModule...)
	n.Skip = n.Skip || m.Skip
	n.Raw = append(n.Raw, m.Raw...)
	n.Headers = append(n.Headers, m.Headers...)
	n.Body = append(n.Body, m.Body...)
	n.Recipients = append(n.Recipients, m.Recipients...)
	n.Computed = append(n.Computed, m.Computed...)
}

func mergeReasons[K comparable](into, from map[K][]string) map[K][]string {
	if into == nil {
		into = map[K][]string{}
	}
	for k, reasons := range from {
		into[k] = append(into[k], reasons...)
	}
	return into
}

func (n *Needs) event(s protocol.Stage, why string) { n.Events[s] = append(n.Events[s], why) }

func (n *Needs) reply(s protocol.Stage, why string) { n.Replies[s] = append(n.Replies[s], why) }

// want turns needs into what the negotiation begins with.
func (n *Needs) want() protocol.Want {
	var w protocol.Want
	for s := range protocol.Stage(protocol.NumStages) {
		if len(n.Events[s]) > 0 {
			w.Events = w.Events.With(s)
		}
		if len(n.Replies[s]) > 0 {
			w.Replies = w.Replies.With(s)
		}
	}
	for a := range n.Actions {
		w.Actions |= a
	}
	for a := range n.Optional {
		w.Optional |= a
	}
	if n.Skip {
		w.Extras |= protocol.CanSkip
	}
	if len(n.Raw) > 0 {
		w.Extras |= protocol.LeadingSpace
	}
	w.Macros = macroLists(slices.Collect(maps.Keys(n.Macros)))
	return w
}

// Want returns what the scripts ask of an MTA that offers everything.
func (p *Program) Want() protocol.Want { return p.want }
