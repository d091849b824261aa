package recorded

import (
	"fmt"
	"slices"
	"strings"

	"luamilter/protocol"
	"luamilter/record"
)

// warnings names what the scripts want now and the recording does not have.
func warnings(rec *record.Recording, c *Conversation, now *protocol.Offer) []string {
	var all []string
	warn := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if rec.Ended != "closed" {
		why := rec.Ended
		if why == "" {
			why = "its end is missing"
		}
		warn("the connection was not recorded to its end: %s", why)
	}
	for s := protocol.StageConnect; s < protocol.NumStages; s++ {
		no := s.NoStep()
		if no != 0 && now.Steps&no == 0 && c.Answer.Steps&no != 0 {
			warn("the scripts want %v, which the scripts of then had negotiated away: it is not in the recording", s)
		}
	}
	for _, extra := range []struct {
		step protocol.Steps
		what string
	}{
		{protocol.LeadingSpace, "header fields to the byte: the blanks after the colon are not in the recording"},
		{protocol.RcptRejected, "recipients that the MTA itself refused: they are not in the recording"},
	} {
		if now.Steps&extra.step != 0 && c.Answer.Steps&extra.step == 0 {
			warn("the scripts want %s", extra.what)
		}
	}
	for _, name := range missingMacros(c, now) {
		warn("the scripts ask for the macro %s, which is not in the recording", name)
	}
	if rec.Bodies != record.KeepBodies && now.Steps&protocol.NoBody == 0 {
		warn("the scripts want bodies, which the recording has not (bodies = %q): what they do by their text differs", rec.Bodies)
	}
	return all
}

// missingMacros returns the macros that are asked for now, were not then, and never came.
func missingMacros(c *Conversation, now *protocol.Offer) []string {
	came := map[string]bool{}
	for _, t := range c.Turns {
		for i := 0; i < len(t.Macros); i += 2 {
			came[t.Macros[i]] = true
		}
	}
	var missing []string
	for s := protocol.StageConnect; s < protocol.NumStages; s++ {
		before := strings.Fields(c.Answer.Macros.Of(s))
		for _, name := range strings.Fields(now.Macros.Of(s)) {
			if !came[name] && !slices.Contains(before, name) && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
	}
	return missing
}
