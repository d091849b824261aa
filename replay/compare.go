package replay

import (
	"slices"

	"luamilter/replay/diff"
)

// differences names the respects in which two outcomes differ. That one says accept and the other nothing makes no difference, nor at which
// stage the same was said.
func differences(a, b *Outcome) []string {
	var all []string
	if a.Verdict != b.Verdict && !(a.Passes() && b.Passes()) {
		all = append(all, "verdict")
	}
	if a.Reply != b.Reply {
		all = append(all, "reply")
	}
	if !slices.Equal(a.Refused, b.Refused) {
		all = append(all, "recipients")
	}
	if !slices.Equal(a.Changes, b.Changes) {
		all = append(all, "changes")
	}
	return all
}

// Comparison returns a unified diff from what the older scripts made of the message to what the newer do, "" if there is no difference.
func (m *Message) Comparison() string {
	if m.Older == nil || m.Outcome == nil || len(m.Differences) == 0 {
		return ""
	}
	return diff.Unified("older", "newer", m.Older.lines(), m.Outcome.lines())
}

// lines are what is compared.
func (o *Outcome) lines() []string {
	verdict := "delivered"
	if !o.Passes() {
		verdict = o.Verdict + " " + o.Reply
	}
	all := []string{verdict}
	for _, r := range o.Refused {
		all = append(all, "recipient "+r.Recipient+": "+r.Reply)
	}
	for _, c := range o.Changes {
		all = append(all, c.String())
	}
	return all
}
