package luatest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/protocol"
	"luamilter/record"
	"luamilter/replay/recorded"
)

// Golden writes a recorded connection as a test for the file at a path: what the client did, step by step, and what the scripts are expected to
// answer and to change, which is what they did then.
func Golden(rec *record.Recording, path string) ([]byte, error) {
	c, err := recorded.Read(rec)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", rec.Path, err)
	}
	g := &golden{rec: rec, then: protocol.Agreement{Offer: c.Answer}}
	fmt.Fprintf(&g.out, "-- %s: a connection of %s, as it was recorded (%s).\n", filepath.Base(path), rec.Began.UTC().Format("2006-01-02 15:04:05 MST"),
		oneLine(filepath.Base(rec.Path)))
	if rec.Bodies != record.KeepBodies {
		fmt.Fprintf(&g.out, "-- Bodies are not as they were: the recording was made with bodies = %q.\n", rec.Bodies)
	}
	for i, turns := range connections(c.Turns) {
		name := "answers as it did on " + rec.Began.UTC().Format("2006-01-02 at 15:04:05")
		if i > 0 {
			name += fmt.Sprintf(", connection %d", i+1)
		}
		fmt.Fprintf(&g.out, "\nit(%s, function()\n", luaText(name))
		g.session(turns, path)
		for j := range turns {
			g.turn(&turns[j])
		}
		g.out.WriteString("end)\n")
	}
	return g.out.Bytes(), nil
}

// connections cuts turns where one SMTP connection ends and another begins.
func connections(turns []recorded.Turn) [][]recorded.Turn {
	var all [][]recorded.Turn
	for len(turns) > 0 {
		end := slices.IndexFunc(turns, func(t recorded.Turn) bool { return t.Command == protocol.CmdQuitNC && t.Event != nil })
		if end < 0 {
			return append(all, turns)
		}
		all, turns = append(all, turns[:end]), turns[end+1:]
	}
	return all
}

// turn writes a step.
func (g *golden) turn(t *recorded.Turn) {
	switch ev := t.Event.(type) {
	case nil:
		g.queueID(t)
	case *protocol.Connect:
		g.step(t, true, "connect()")
	case *protocol.Helo:
		g.step(t, true, "helo(%s)", luaText(string(ev.Name)))
	case *protocol.Mail:
		g.mails, g.id = g.mails+1, ""
		g.step(t, true, "mail(%s%s)", luaText(address.Trim(string(ev.Sender))), params(ev.Params))
	case *protocol.Rcpt:
		g.step(t, true, "rcpt(%s%s)", luaText(address.Trim(string(ev.Recipient))), params(ev.Params))
	case *protocol.Data:
		g.step(t, false, "data()")
	case *protocol.Header:
		value := string(ev.Value)
		if g.then.Steps&protocol.LeadingSpace != 0 {
			value = strings.TrimPrefix(value, " ")
		}
		g.step(t, false, "header(%s, %s)", luaText(string(ev.Name)), luaText(value))
	case *protocol.EndOfHeader:
		g.step(t, false, "eoh()")
	case *protocol.Body:
		g.step(t, false, "body(%s)", luaLines(string(ev.Chunk)))
	case *protocol.EndOfMessage:
		g.end(t)
	case *protocol.Unknown:
		g.step(t, true, "unknown(%s)", luaText(string(ev.Line)))
	case *protocol.Abort:
		g.out.WriteString("  t:abort()\n")
	case *protocol.Quit:
		g.out.WriteString("  t:close()\n")
	}
}

// step writes a step, and what was answered where that is of interest: all but continue, and that too where a client hears it.
func (g *golden) step(t *recorded.Turn, heard bool, call string, args ...any) {
	call = "t:" + fmt.Sprintf(call, args...)
	if t.Answered && (heard || t.Reply.Verdict != protocol.Continue) {
		call = "expect(" + call + ")" + expected(t.Reply)
	}
	fmt.Fprintf(&g.out, "  %s\n", call)
}

// queueID keeps the queue id of the message that is under way.
func (g *golden) queueID(t *recorded.Turn) {
	for i := 0; i+1 < len(t.Macros); i += 2 {
		if t.Macros[i] == "i" {
			g.id = t.Macros[i+1]
		}
	}
}

// end writes the end of a message.
func (g *golden) end(t *recorded.Turn) {
	if len(t.Last) > 0 {
		fmt.Fprintf(&g.out, "  t:body(%s)\n", luaLines(string(t.Last)))
	}
	if !t.Answered {
		g.out.WriteString("  t:eom() -- the recording ends before the answer\n")
		return
	}
	switch t.Reply.Verdict {
	case protocol.Continue, protocol.Accept:
		fmt.Fprintf(&g.out, "  result = t:eom()\n  expect(result):accepted()\n  expect(result.changes):is{")
		for i := range t.Changes {
			text := changeText(&t.Changes[i])
			if g.id != "" { // the simulated MTA makes up its own
				text = strings.ReplaceAll(text, g.id, fmt.Sprintf("4SIM%d", 100000+g.mails))
			}
			fmt.Fprintf(&g.out, "\n    %s,", luaText(text))
		}
		if len(t.Changes) > 0 {
			g.out.WriteString("\n  ")
		}
		g.out.WriteString("}\n")
	default:
		fmt.Fprintf(&g.out, "  expect(t:eom())%s\n", expected(t.Reply))
	}
}

// expected is what a test says of a reply.
func expected(r protocol.Reply) string {
	method := map[protocol.Verdict]string{
		protocol.Continue: "continued", protocol.Accept: "accepted", protocol.Reject: "rejected", protocol.Tempfail: "tempfailed",
		protocol.Discard: "discarded", protocol.Skip: "skipped",
	}[r.Verdict]
	var said []string
	if r.Code != 0 {
		said = append(said, fmt.Sprint(r.Code))
	}
	for _, text := range []string{r.Enhanced, r.Text} {
		if text != "" {
			said = append(said, luaText(text))
		}
	}
	if len(said) == 0 {
		return ":" + method + "()"
	}
	out := ""
	for _, text := range said {
		out += ":" + method + "(" + text + ")"
	}
	return out
}

// params are further arguments of a step: the ESMTP parameters.
func params(p protocol.Params) string {
	var list []string
	for one := range p.All() {
		list = append(list, luaText(string(one)))
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return ", " + list[0]
	}
	return ", { " + strings.Join(list, ", ") + " }"
}
