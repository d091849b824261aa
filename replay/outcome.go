package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"luamilter/engine"
	"luamilter/protocol"
	"luamilter/replay/asked"
	"luamilter/simulate"
)

// Outcome is what scripts made of a message.
type Outcome struct {
	Verdict string         `json:"verdict"`          // of the scripts: continue, accept, reject, tempfail or discard
	Stage   string         `json:"stage"`            // where it fell; eom if nothing stopped the message
	Reply   string         `json:"reply,omitempty"`  // what the SMTP client gets: code, status and text
	Script  string         `json:"script,omitempty"` // who refused or discarded
	Hook    string         `json:"hook,omitempty"`   // in which hook; earlier than Stage where nobody waited for the answer
	Place   string         `json:"place,omitempty"`  // file:line of that
	Refused []Refused      `json:"refused,omitempty"`
	Changes []Change       `json:"changes,omitempty"`
	Held    string         `json:"quarantine,omitempty"` // why the MTA is to hold it
	Steps   []Step         `json:"steps,omitempty"`
	Header  string         `json:"header_diff,omitempty"` // unified diff of what scripts changed
	Body    string         `json:"body_diff,omitempty"`   // likewise
	Hooks   []Hook         `json:"hooks"`
	Lookups []asked.Lookup `json:"lookups,omitempty"`
	Errors  []Error        `json:"errors,omitempty"`
}

// Refused is a recipient that scripts refused, while the message went on.
type Refused struct {
	Recipient string `json:"recipient"`
	Verdict   string `json:"verdict"`
	Reply     string `json:"reply"`
}

// Change is something that scripts changed. Which fields count depends on what was done.
type Change struct {
	Do     string `json:"do"`               // add, insert, change, delete, sender, add recipient, delete recipient, quarantine, body
	Name   string `json:"name,omitempty"`   // of the header field
	Index  int    `json:"index,omitempty"`  // insert: the position; change, delete: which field of that name, from 1
	Value  string `json:"value,omitempty"`  // of the field; the address; the reason
	Params string `json:"params,omitempty"` // ESMTP parameters
	Size   int    `json:"size,omitempty"`   // of the body, in bytes
	Digest string `json:"digest,omitempty"` // of the body: the same for the same
}

// Step is something that the MTA told, or would have told.
type Step struct {
	Stage   string `json:"stage"`
	About   string `json:"about,omitempty"`
	Asked   string `json:"asked"`             // answered, no reply, not sent or settled
	Verdict string `json:"verdict,omitempty"` // where it was answered
	Reply   string `json:"reply,omitempty"`
	Times   int    `json:"times,omitempty"` // how often, if the same came several times in a row
}

// Hook is the time that a hook took for a message.
type Hook struct {
	Script  string        `json:"script"`
	Hook    string        `json:"hook"`
	Calls   int           `json:"calls"`
	Took    time.Duration `json:"took_ns"`
	Longest time.Duration `json:"longest_ns"` // of one call
}

// Error is an error in a script.
type Error struct {
	Script  string `json:"script"`
	Hook    string `json:"hook"`
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
	Excerpt string `json:"excerpt,omitempty"` // the line, with a caret below
}

// Passes reports whether the message is delivered.
func (o *Outcome) Passes() bool {
	return o.Verdict == protocol.Continue.String() || o.Verdict == protocol.Accept.String()
}

// newOutcome puts a result into plain words.
func newOutcome(r *simulate.Result, explain func(*engine.ScriptError) Error) *Outcome {
	o := &Outcome{Verdict: r.Verdict.String(), Stage: r.Stage.String(), Reply: ReplyText(r.Reply), Changes: ChangesOf(r.Changes)}
	for _, c := range o.Changes {
		if c.Do == "quarantine" {
			o.Held = c.Value
		}
	}
	for _, a := range r.Answers {
		if a.Stage == protocol.StageRcpt && a.Asked == simulate.Answered && refuses(a.Reply.Verdict) && r.Stage != protocol.StageRcpt {
			o.Refused = append(o.Refused, Refused{a.About, a.Reply.Verdict.String(), ReplyText(a.Reply)})
		}
	}
	for i := range r.Hooks {
		h := &r.Hooks[i]
		o.addHook(h)
		if h.Err != nil {
			o.Errors = append(o.Errors, explain(h.Err))
		}
	}
	if h := decider(r); h != nil {
		o.Script, o.Hook, o.Place = h.Script.Name, h.Stage.String(), place(h.Path, h.Line)
	}
	return o
}

// decider returns the last hook that said what was done, nil if the message is delivered. The reply may be spelled otherwise on the wire.
func decider(r *simulate.Result) *engine.HookRun {
	if r.Delivered != nil {
		return nil
	}
	var found *engine.HookRun
	for i := range r.Hooks {
		h := &r.Hooks[i]
		if h.Observed || h.Reply.Verdict != r.Verdict {
			continue
		}
		if found == nil || found.Reply != r.Reply || h.Reply == r.Reply {
			found = h
		}
	}
	return found
}

// refuses reports whether a recipient with that verdict does not get the message.
func refuses(v protocol.Verdict) bool { return v == protocol.Reject || v == protocol.Tempfail }

// addHook counts a call.
func (o *Outcome) addHook(h *engine.HookRun) {
	name, stage := h.Script.Name, h.Stage.String()
	for i := range o.Hooks {
		if one := &o.Hooks[i]; one.Hook == stage && one.Script == name {
			one.Calls++
			one.Took += h.Took
			one.Longest = max(one.Longest, h.Took)
			return
		}
	}
	o.Hooks = append(o.Hooks, Hook{Script: name, Hook: stage, Calls: 1, Took: h.Took, Longest: h.Took})
}

// place is how an error names a line.
func place(path string, line int) string {
	if line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, line)
}

// ReplyText returns the reply that an SMTP client gets, "" if nothing is refused.
func ReplyText(r protocol.Reply) string {
	r = simulate.OnTheWire(r)
	if r.Code == 0 {
		return ""
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s", r.Code, r.Enhanced)), " ") + " " + r.Text
}

// stepsOf lists the answers; the same several times in a row is one.
func stepsOf(answers []simulate.Answer) []Step {
	var steps []Step
	for _, a := range answers {
		s := Step{Stage: a.Stage.String(), About: a.About, Asked: a.Asked.String(), Times: 1}
		if a.Asked == simulate.Answered {
			s.Verdict, s.Reply = a.Reply.Verdict.String(), ReplyText(a.Reply)
		}
		if n := len(steps); n > 0 && many(a.Stage) && same(steps[n-1], s) {
			steps[n-1].Times++
			steps[n-1].About = ""
			continue
		}
		steps = append(steps, s)
	}
	return steps
}

// many reports whether there are many events of a stage in a message.
func many(s protocol.Stage) bool { return s == protocol.StageHeader || s == protocol.StageBody }

func same(a, b Step) bool {
	return a.Stage == b.Stage && a.Asked == b.Asked && a.Verdict == b.Verdict && a.Reply == b.Reply
}

// changeNames has what is done by a change.
var changeNames = map[protocol.Response]string{
	protocol.RespAddHeader: "add", protocol.RespInsHeader: "insert", protocol.RespChgHeader: "change", protocol.RespChgFrom: "sender",
	protocol.RespAddRcpt: "add recipient", protocol.RespAddRcptPar: "add recipient", protocol.RespDelRcpt: "delete recipient",
	protocol.RespQuarantine: "quarantine",
}

// ChangesOf puts changes into plain words. The packets of a body are one change.
func ChangesOf(changes []protocol.Change) []Change {
	var all []Change
	var body []byte
	replaced := false
	for i := range changes {
		c := &changes[i]
		if c.Response == protocol.RespReplBody {
			body, replaced = append(body, bodyOf(c)...), true
			continue
		}
		one := Change{Do: changeNames[c.Response], Name: c.Name, Index: int(c.Index), Value: c.Value, Params: c.Params}
		if one.Do == "change" && c.Value == "" {
			one.Do = "delete"
		}
		all = append(all, one)
	}
	if replaced { // it comes last on the wire
		sum := sha256.Sum256(body)
		all = append(all, Change{Do: "body", Size: len(body), Digest: hex.EncodeToString(sum[:8])})
	}
	return all
}

// bodyOf returns the bytes of a change of the body, as far as they can be read.
func bodyOf(c *protocol.Change) []byte {
	if c.From == nil {
		return c.Body
	}
	body := make([]byte, c.From.Size())
	n, _ := c.From.ReadAt(body, 0) // what a disk does not give is missing
	return body[:n]
}

// String returns the change on one line.
func (c Change) String() string {
	switch c.Do {
	case "add":
		return fmt.Sprintf("add %s: %s", c.Name, c.Value)
	case "insert":
		return fmt.Sprintf("insert at %d %s: %s", c.Index, c.Name, c.Value)
	case "change":
		return fmt.Sprintf("change %s (number %d) to %s", c.Name, c.Index, c.Value)
	case "delete":
		return fmt.Sprintf("delete %s (number %d)", c.Name, c.Index)
	case "body":
		return fmt.Sprintf("body of %d bytes, digest %s", c.Size, c.Digest)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Do, c.Value, c.Params))
}
