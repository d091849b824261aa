package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"luamilter/replay"
)

// replayShow writes what became of messages in words.
type replayShow struct {
	out      io.Writer
	all      bool // every message in full
	compares bool
	bar      *progress

	count int
	only  *replay.Message // the first one, as long as there is no other
}

// message shows a message, as far as it is to be shown.
func (s *replayShow) message(m *replay.Message) error {
	s.bar.played(m)
	s.count++
	s.only = m
	if s.count > 1 {
		s.only = nil
	}
	switch {
	case m.Outcome == nil:
		return nil
	case len(m.Differences) > 0:
		s.bar.clear()
		return s.difference(m)
	case s.all && !s.compares:
		s.bar.clear()
		return s.detail(m)
	}
	return nil
}

// difference shows what older and newer scripts make of a message.
func (s *replayShow) difference(m *replay.Message) error {
	_, err := fmt.Fprintf(s.out, "%s: %s differ\n%s\n", harmless(m.Name), strings.Join(m.Differences, ", "), indented(m.Comparison()))
	return err
}

// detail shows all about a message.
func (s *replayShow) detail(m *replay.Message) error {
	var w strings.Builder
	fmt.Fprintf(&w, "%s\n", harmless(m.Name))
	row := func(title, text string) { fmt.Fprintf(&w, "  %-9s %s\n", title, harmless(text)) }
	row("from", "<"+m.Sender+">")
	row("to", strings.Join(m.Recipients, ", "))
	client := fmt.Sprintf("%s, helo %s", m.Client, m.Helo)
	if m.Auth != "" {
		client += ", authenticated as " + m.Auth
	}
	row("client", client)
	for _, step := range m.Steps {
		writeStep(&w, step)
	}
	row("verdict", verdictText(m.Outcome))
	for _, r := range m.Refused {
		row("", fmt.Sprintf("recipient %s: %s %s", r.Recipient, r.Verdict, r.Reply))
	}
	for i, c := range m.Changes {
		title := ""
		if i == 0 {
			title = "changes"
		}
		row(title, c.String())
	}
	for i := range m.Lookups {
		title := ""
		if i == 0 {
			title = "asked"
		}
		row(title, m.Lookups[i].String())
	}
	for i, h := range m.Hooks {
		title := ""
		if i == 0 {
			title = "time"
		}
		row(title, hookText(h))
	}
	for _, e := range m.Errors {
		row("error", errorText(&e))
		w.WriteString(indented(e.Excerpt))
	}
	w.WriteString(indented(m.Header) + indented(m.Body) + "\n")
	_, err := io.WriteString(s.out, w.String())
	return err
}

func writeStep(w io.Writer, step replay.Step) {
	about := step.About
	if step.Times > 1 {
		about = times(step.Times)
	}
	answer := "(" + step.Asked + ")"
	if step.Verdict != "" {
		answer = strings.TrimSpace(step.Verdict + " " + step.Reply)
	}
	fmt.Fprintf(w, "  %-9s %-40s %s\n", step.Stage, shorten(about, 40), harmless(answer))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// verdictText says how it ended, and who said so.
func verdictText(o *replay.Outcome) string {
	if o.Passes() {
		text := "delivered"
		if o.Held != "" {
			text = "quarantined: " + o.Held
		}
		if n := len(o.Changes); n > 0 {
			text += ", changed " + times(n)
		}
		return text
	}
	text := o.Verdict + " at " + o.Stage
	if o.Reply != "" {
		text += ": " + o.Reply
	}
	if o.Place != "" {
		text += fmt.Sprintf(" (%s, %s)", o.Hook, o.Place)
	}
	return text
}

func hookText(h replay.Hook) string {
	text := fmt.Sprintf("%s %s %s", h.Script, h.Hook, short(h.Took))
	if h.Calls > 1 {
		text += fmt.Sprintf(" in %d calls, the longest %s", h.Calls, short(h.Longest))
	}
	return text
}

func errorText(e *replay.Error) string {
	text := fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// short is a time to about three digits.
func short(d time.Duration) string {
	unit, name := time.Microsecond, "us"
	switch {
	case d >= time.Second:
		unit, name = time.Second, "s"
	case d >= time.Millisecond:
		unit, name = time.Millisecond, "ms"
	}
	value := float64(d) / float64(unit)
	switch {
	case value < 10:
		return fmt.Sprintf("%.2f %s", value, name)
	case value < 100:
		return fmt.Sprintf("%.1f %s", value, name)
	}
	return fmt.Sprintf("%.0f %s", value, name)
}

// maxLine is how much is shown of a line of a message, in bytes.
const maxLine = 300

// indented makes the lines of a text safe for a terminal, not too long, and indents them.
func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if len(line) > maxLine {
			line = strings.ToValidUTF8(line[:maxLine], "") + "..."
		}
		out.WriteString("    " + harmless(strings.ReplaceAll(line, "\t", "    ")) + "\n")
	}
	return out.String()
}

// summary shows what all messages came to; that of one alone is shown in full.
func (s *replayShow) summary(sum *replay.Summary, skipped int) {
	if m := s.only; m != nil && m.Outcome != nil && !s.all && len(m.Differences) == 0 {
		if err := s.detail(m); err == nil && s.compares {
			fmt.Fprintln(s.out, "  the older scripts do the same")
		}
		return
	}
	if s.count == 1 && len(sum.Problems) == 0 {
		return
	}
	fmt.Fprintf(s.out, "played %d messages, %s, in %s: %.0f a second\n", sum.Messages, megabytes(sum.Bytes), short(sum.Took), float64(sum.Messages)/sum.Took.Seconds())
	if skipped > 0 {
		fmt.Fprintf(s.out, "  %d other files in these folders are no mail\n", skipped)
	}
	s.verdicts(sum)
	s.lookups(sum)
	s.hooks(sum)
	s.errors(sum)
	if s.compares {
		fmt.Fprintf(s.out, "%d of %d messages differ from what the older scripts do\n", sum.Differ, sum.Messages)
	}
}

func (s *replayShow) verdicts(sum *replay.Summary) {
	fmt.Fprintf(s.out, "  %8d delivered, %d of them changed, %d quarantined\n", sum.Delivered, sum.Changed, sum.Quarantined)
	for _, v := range sum.Verdicts {
		if v.Place != "" {
			fmt.Fprintf(s.out, "  %8d %s at %s by %s (%s)\n", v.Count, v.Verdict, v.Stage, v.Script, harmless(v.Place))
		}
	}
	if sum.Refused > 0 {
		fmt.Fprintf(s.out, "  %8d recipients refused of messages that went on\n", sum.Refused)
	}
}

// lookups shows whom scripts asked.
func (s *replayShow) lookups(sum *replay.Summary) {
	for i := range sum.Lookups {
		if i == 0 {
			fmt.Fprintln(s.out, "lookups of scripts")
		}
		fmt.Fprintf(s.out, "  %s\n", &sum.Lookups[i])
	}
}

// maxHooks is how many hooks are shown, those that took the most time.
const maxHooks = 10

func (s *replayShow) hooks(sum *replay.Summary) {
	for i, h := range sum.Hooks {
		if i == 0 {
			fmt.Fprintf(s.out, "hooks that took the most time\n  %10s %10s %10s %9s\n", "all", "a call", "longest", "calls")
		}
		if i == maxHooks {
			return
		}
		fmt.Fprintf(s.out, "  %10s %10s %10s %9d  %s %s, longest with %s\n", short(h.Took), short(h.Took/time.Duration(max(1, h.Calls))), short(h.Longest),
			h.Calls, h.Script, h.Hook.Hook, harmless(h.Message))
	}
}

func (s *replayShow) errors(sum *replay.Summary) {
	for i, e := range sum.Errors {
		if i == 0 {
			fmt.Fprintln(s.out, "errors")
		}
		fmt.Fprintf(s.out, "  %s\n%s", harmless(errorText(&e.Error)), indented(e.Excerpt))
		fmt.Fprintf(s.out, "    in %s, %s; first with %s\n", e.Hook, times(e.Times), harmless(strings.Join(e.Messages, ", ")))
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
