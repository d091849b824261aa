package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"luamilter/engine"
)

// Filter is the luamilter that an MTA's configuration is compared with.
type Filter struct {
	Sockets     []engine.Spec // where it listens
	CommandTime time.Duration // how long a hook may take, other than eom
	MessageTime time.Duration // how long eom may take
	User        string        // the user it runs as, "" if unknown
}

// errNoSocket is a mistake of the caller's.
var errNoSocket = errors.New("luamilter listens on no socket; there is nothing to compare the mail server's configuration with")

// Rank says whether a finding is a mistake.
type Rank string

// The ranks.
const (
	Wrong Rank = "wrong" // mail passes unfiltered, is refused, or scripts do not get what they need
	Note  Rank = "note"  // may be intended
)

// Finding is one thing that an administrator should know.
type Finding struct {
	Rank  Rank   `json:"rank"`
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`  // from 1; 0 if it is about something that is not there
	What  string `json:"what"`            // what is written there, or missing
	Why   string `json:"why"`             // what follows from it for the mail
	Write string `json:"write,omitempty"` // the line to write, "" where there is more than one way
}

// String returns the finding as one line: FILE:LINE: what: why; write: LINE.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	fmt.Fprintf(&b, ": %s: %s: %s", f.Rank, f.What, f.Why)
	if f.Write != "" {
		b.WriteString("; write: " + f.Write)
	}
	return strings.Map(oneLine, b.String())
}

// oneLine replaces what would break a line or command a terminal.
func oneLine(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// report collects findings.
type report struct{ findings []Finding }

// add adds a finding at a place, unless the same was said there before.
func (r *report) add(rank Rank, at place, what, why, write string) {
	f := Finding{rank, at.file, at.line, what, why, write}
	same := func(g Finding) bool { return g.File == f.File && g.Line == f.Line && g.What == f.What }
	if !slices.ContainsFunc(r.findings, same) {
		r.findings = append(r.findings, f)
	}
}

func (r *report) wrong(at place, what, why, write string) { r.add(Wrong, at, what, why, write) }
func (r *report) note(at place, what, why, write string)  { r.add(Note, at, what, why, write) }

// sorted returns the findings, mistakes first and then in the order of the files.
func (r *report) sorted() []Finding {
	slices.SortStableFunc(r.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Rank, a.Rank), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return r.findings
}

// span writes a duration as mail servers do: 8s, 4m, 300s.
func span(d time.Duration) string {
	if d%time.Minute == 0 && d >= time.Minute {
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%gs", d.Seconds())
}
