package recorded

import (
	"strings"
	"time"

	"luamilter/protocol"
	"luamilter/record"
	"luamilter/replay"
	"luamilter/replay/asked"
	"luamilter/replay/diff"
)

// Result is what came of playing a recording.
type Result struct {
	Recording   string         `json:"recording"` // the path
	Conn        string         `json:"conn"`      // its id in the log then
	Began       time.Time      `json:"began"`
	Messages    int            `json:"messages"`
	Differences []Difference   `json:"differences,omitempty"`
	Warnings    []string       `json:"warnings,omitempty"` // why it may be that the scripts did not get what they would have got
	Lookups     []asked.Lookup `json:"lookups,omitempty"`
	Errors      []replay.Error `json:"errors,omitempty"`  // of scripts
	Problem     string         `json:"problem,omitempty"` // why it could not be played
}

// Difference is something that is answered otherwise now.
type Difference struct {
	Packet  int           `json:"packet"`            // of the MTA, in the recording, from 1
	At      time.Duration `json:"at_ns"`             // since the beginning of the connection
	Message int           `json:"message,omitempty"` // from 1; 0 for the connection
	Stage   string        `json:"stage"`
	About   string        `json:"about,omitempty"` // the address, the name
	Then    string        `json:"then"`
	Now     string        `json:"now"`
	Changes string        `json:"changes,omitempty"` // to the message, as a unified diff
}

// said puts a reply into words.
func said(r protocol.Reply) string {
	return strings.TrimSpace(r.Verdict.String() + " " + replay.ReplyText(r))
}

// same reports whether an SMTP client sees no difference between two replies.
func same(a, b protocol.Reply) bool {
	if goesOn(a) && goesOn(b) {
		return true
	}
	return a.Verdict == b.Verdict && replay.ReplyText(a) == replay.ReplyText(b)
}

// goesOn reports whether a reply lets the message or the connection go on.
func goesOn(r protocol.Reply) bool {
	return r.Verdict == protocol.Accept || !r.Verdict.Final()
}

// changeLines puts changes into words, one a line. Bodies are hidden as they are in the recording.
func changeLines(changes []protocol.Change, bodies record.Bodies) []string {
	var lines []string
	for _, c := range replay.ChangesOf(hidden(changes, bodies)) {
		lines = append(lines, c.String())
	}
	return lines
}

// hidden returns changes with bodies as a recording has them.
func hidden(changes []protocol.Change, bodies record.Bodies) []protocol.Change {
	if bodies == record.KeepBodies {
		return changes
	}
	out := append([]protocol.Change(nil), changes...)
	for i := range out {
		out[i].Body = bodies.Of(append([]byte(nil), out[i].Body...))
	}
	return out
}

// changesDiffer returns a unified diff of changes, "" if they are the same.
func changesDiffer(then, now []protocol.Change, leadingThen, leadingNow bool, bodies record.Bodies) string {
	a, b := changeLines(plain(then, leadingThen), bodies), changeLines(plain(now, leadingNow), bodies)
	if strings.Join(a, "\n") == strings.Join(b, "\n") {
		return ""
	}
	return diff.Unified("then", "now", a, b)
}

// plain returns changes without the blank after the colon that values bring where that was agreed.
func plain(changes []protocol.Change, leading bool) []protocol.Change {
	if !leading {
		return changes
	}
	out := append([]protocol.Change(nil), changes...)
	for i := range out {
		if out[i].Name != "" {
			out[i].Value = strings.TrimPrefix(out[i].Value, " ")
		}
	}
	return out
}
