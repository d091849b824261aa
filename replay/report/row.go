package report

import (
	"fmt"
	"strings"
	"time"

	"luamilter/luaapi/fieldvalue"
	"luamilter/protocol"
	"luamilter/replay"
)

// row is a message in the page. Its texts are visible.
type row struct {
	Name       string        `json:"name"`
	Subject    string        `json:"subject"`
	Sender     string        `json:"sender"`
	To         []string      `json:"to"`
	Client     string        `json:"client"`
	Size       int           `json:"size"`
	Took       time.Duration `json:"took"`  // of all hooks, in nanoseconds
	State      string        `json:"state"` // unchanged, changed, quarantined, rejected, tempfailed, discarded or problem
	Verdict    string        `json:"verdict"`
	Changes    []string      `json:"changes,omitempty"`
	Refused    []string      `json:"refused,omitempty"`
	Hooks      []hook        `json:"hooks,omitempty"`
	Lookups    []string      `json:"lookups,omitempty"`
	Errors     []fault       `json:"errors,omitempty"`
	Header     string        `json:"header,omitempty"` // diffs
	Body       string        `json:"body,omitempty"`
	Comparison string        `json:"comparison,omitempty"`
	Differs    string        `json:"differs,omitempty"` // in what older and newer scripts differ
}

// hook is the time of a hook, in nanoseconds.
type hook struct {
	Name    string        `json:"name"`
	Calls   int           `json:"calls"`
	Took    time.Duration `json:"took"`
	Longest time.Duration `json:"longest"`
	Message string        `json:"message,omitempty"` // the one of the longest call; in the summary
}

// fault is an error of a script.
type fault struct {
	Text     string   `json:"text"` // with its place, and the hint
	Hook     string   `json:"hook"`
	Excerpt  string   `json:"excerpt,omitempty"`
	Times    int      `json:"times,omitempty"` // in the summary
	Messages []string `json:"messages,omitempty"`
}

// newRow returns the row of a message.
func newRow(m *replay.Message) *row {
	subject, _ := fieldvalue.Text(m.Subject)
	r := &row{
		Name: visible(m.Name, maxText), Subject: visible(strings.TrimSpace(subject), maxText), Sender: visible(m.Sender, maxText), Size: m.Size,
		Client: visible(clientText(m), maxText), State: stateOf(m), To: visibles(m.Recipients),
	}
	if m.Outcome == nil {
		r.Verdict = visible(m.Problem, maxText)
		return r
	}
	o := m.Outcome
	r.Verdict = visible(verdictText(o), maxText)
	for i, c := range o.Changes {
		if i == maxList {
			r.Changes = append(r.Changes, fmt.Sprintf("… (%d more)", len(o.Changes)-maxList))
			break
		}
		r.Changes = append(r.Changes, visible(c.String(), maxLine))
	}
	for _, one := range o.Refused[:min(maxList, len(o.Refused))] {
		r.Refused = append(r.Refused, visible(fmt.Sprintf("%s: %s %s", one.Recipient, one.Verdict, one.Reply), maxText))
	}
	for _, h := range o.Hooks {
		r.Took += h.Took
		r.Hooks = append(r.Hooks, newHook(h, ""))
	}
	for i := range o.Lookups[:min(maxList, len(o.Lookups))] {
		r.Lookups = append(r.Lookups, visible(o.Lookups[i].String(), maxText))
	}
	for i := range o.Errors[:min(maxList, len(o.Errors))] {
		r.Errors = append(r.Errors, newFault(&o.Errors[i]))
	}
	r.Header, r.Body = visibleLines(o.Header), visibleLines(o.Body)
	r.Comparison, r.Differs = visibleLines(m.Comparison()), strings.Join(m.Differences, ", ")
	return r
}

// visibles makes the first of many texts visible.
func visibles(texts []string) []string {
	var all []string
	for i, text := range texts {
		if i == maxList {
			return append(all, fmt.Sprintf("… (%d more)", len(texts)-maxList))
		}
		all = append(all, visible(text, maxText))
	}
	return all
}

func clientText(m *replay.Message) string {
	text := m.Client
	if m.Helo != "" {
		text += ", helo " + m.Helo
	}
	if m.Auth != "" {
		text += ", authenticated as " + m.Auth
	}
	return text
}

// stateOf returns which of the states a message is in.
func stateOf(m *replay.Message) string {
	switch o := m.Outcome; {
	case o == nil:
		return "problem"
	case o.Verdict == protocol.Reject.String():
		return "rejected"
	case o.Verdict == protocol.Tempfail.String():
		return "tempfailed"
	case o.Verdict == protocol.Discard.String():
		return "discarded"
	case o.Held != "":
		return "quarantined"
	case len(o.Changes) > 0:
		return "changed"
	}
	return "unchanged"
}

// verdictText says how it ended, and which line said so.
func verdictText(o *replay.Outcome) string {
	switch {
	case o.Held != "":
		return "quarantined: " + o.Held
	case o.Passes() && len(o.Changes) > 0:
		return "delivered, changed"
	case o.Passes():
		return "delivered"
	}
	text := o.Verdict + " at " + o.Stage
	if o.Reply != "" {
		text += ": " + o.Reply
	}
	if o.Place != "" {
		text += " (" + o.Hook + ", " + o.Place + ")"
	}
	return text
}

func newHook(h replay.Hook, message string) hook {
	return hook{Name: visible(h.Script+" "+h.Hook, maxText), Calls: h.Calls, Took: h.Took, Longest: h.Longest, Message: visible(message, maxText)}
}

func newFault(e *replay.Error) fault {
	text := fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
	if e.Line == 0 {
		text = fmt.Sprintf("%s: %s", e.Path, e.Text)
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return fault{Text: visible(text, maxLine), Hook: visible(e.Script+" "+e.Hook, maxText), Excerpt: visibleLines(e.Excerpt)}
}
