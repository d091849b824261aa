package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"luamilter/protocol"
	"luamilter/replay/diff"
	"luamilter/simulate"
)

// writeText writes a transcript for people.
func (p *probe) writeText(out io.Writer) error {
	var b bytes.Buffer
	if p.session != nil {
		p.writeAgreement(&b)
	}
	for _, s := range p.steps {
		p.writeStep(&b, s)
	}
	if p.result != nil {
		p.writeResult(&b)
	}
	_, err := out.Write(b.Bytes())
	return err
}

// writeAgreement tells what was negotiated.
func (p *probe) writeAgreement(b *bytes.Buffer) {
	agreed := p.session.Agreed()
	fmt.Fprintf(b, "  negotiated version %d, actions %v, steps %v\n", agreed.Version, agreed.Actions, agreed.Steps)
	answered, silent, unwanted := p.wants()
	for _, line := range []struct {
		what   string
		stages []string
	}{{"answers", answered}, {"hears without a reply", silent}, {"does not want", unwanted}} {
		if len(line.stages) > 0 {
			fmt.Fprintf(b, "             %s: %s\n", line.what, strings.Join(line.stages, " "))
		}
	}
	for s := range protocol.Stage(protocol.NumStages) {
		if list := agreed.Macros.Of(s); list != "" {
			fmt.Fprintf(b, "             macros at %v: %s\n", s, list)
		}
	}
}

// wants sorts the stages by what the milter wants of them.
func (p *probe) wants() (answered, silent, unwanted []string) {
	agreed := p.session.Agreed()
	for s := range protocol.Stage(protocol.NumStages) {
		no, nr := s.NoStep(), s.NRStep()
		switch {
		case no == 0 && s != protocol.StageEOM, s == protocol.StageUnknown && agreed.Version < 3, s == protocol.StageData && agreed.Version < 4:
		case agreed.Steps&no != 0:
			unwanted = append(unwanted, s.String())
		case agreed.Steps&nr != 0:
			silent = append(silent, s.String())
		default:
			answered = append(answered, s.String())
		}
	}
	return answered, silent, unwanted
}

func (p *probe) writeStep(b *bytes.Buffer, s probeStep) {
	const width = 60
	fmt.Fprintf(b, "  %-8s %-*s ", s.Stage, width, shorten(s.shown, width))
	switch s.Asked {
	case simulate.NotSent:
		fmt.Fprintln(b, "(not asked for)")
	case simulate.NoReply:
		fmt.Fprintln(b, "(no reply)")
	default:
		fmt.Fprintf(b, "%s (%s)\n", describeReply(s.Reply), inUnits(s.took))
	}
}

// writeResult tells of the changes and of what is delivered.
func (p *probe) writeResult(b *bytes.Buffer) {
	r := p.result
	if r.Progress > 0 {
		fmt.Fprintf(b, "           asked %d times to wait\n", r.Progress)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(b, "           %s\n", describeChange(c))
	}
	if r.Delivered == nil {
		fmt.Fprintf(b, "  not delivered: %s at %v\n", describeReply(r.Reply), r.Stage)
		return
	}
	if text := p.difference(); text != "" {
		b.WriteString(text)
		return
	}
	fmt.Fprintln(b, "  delivered as it was sent")
}

// difference returns how what is delivered differs from what was sent, "" if it does not.
func (p *probe) difference() string {
	if p.result == nil || p.result.Delivered == nil {
		return ""
	}
	before := simulate.Delivered{Sender: strings.Trim(p.envelope.From, "<>"), Header: p.message.Header, Body: p.message.Body}
	for _, s := range p.steps {
		if s.Stage == protocol.StageRcpt && (!s.Reply.Verdict.Final() || s.Reply.Verdict == protocol.Accept) {
			before.Recipients = append(before.Recipients, simulate.Recipient{Address: s.About})
		}
	}
	return diff.Unified("sent", "delivered", asLines(&before), asLines(p.result.Delivered))
}

// asLines writes an envelope and a message line by line.
func asLines(d *simulate.Delivered) []string {
	lines := []string{strings.TrimRight("MAIL FROM:<"+d.Sender+"> "+d.SenderParams, " ")}
	for _, r := range d.Recipients {
		lines = append(lines, strings.TrimRight("RCPT TO:<"+r.Address+"> "+r.Params, " "))
	}
	if d.Quarantine != "" {
		lines = append(lines, "(held: "+d.Quarantine+")")
	}
	text := strings.TrimSuffix(strings.ReplaceAll(string(d.Text()), "\r\n", "\n"), "\n")
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, harmless(line))
	}
	return lines
}

// shorten makes foreign bytes safe for a terminal and fit for a column.
func shorten(text string, width int) string {
	if text = strings.Trim(fmt.Sprintf("%q", text), `"`); len(text) > width {
		return text[:width-3] + "..."
	}
	return text
}

func describeReply(r protocol.Reply) string {
	if r.Code == 0 {
		return r.Verdict.String()
	}
	return fmt.Sprintf("%v: %s", r.Verdict, strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, harmless(r.Text))), " "))
}

func describeChange(c protocol.Change) string {
	switch c.Response {
	case protocol.RespAddHeader:
		return fmt.Sprintf("add      %s: %s", c.Name, shorten(c.Value, 200))
	case protocol.RespInsHeader:
		return fmt.Sprintf("insert   at %d  %s: %s", c.Index, c.Name, shorten(c.Value, 200))
	case protocol.RespChgHeader:
		if c.Value == "" {
			return fmt.Sprintf("delete   %s (number %d)", c.Name, c.Index)
		}
		return fmt.Sprintf("change   %s (number %d) to %s", c.Name, c.Index, shorten(c.Value, 200))
	case protocol.RespReplBody:
		return fmt.Sprintf("body     %d bytes", len(c.Body))
	}
	return strings.TrimRight(fmt.Sprintf("%-8s %s %s", strings.ToLower(c.Response.String()), shorten(c.Value, 200), c.Params), " ")
}
