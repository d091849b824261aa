package endtoend

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// expect takes as many messages from the sink as are wanted and compares them, in any order, for servers deliver in
// the background. A message is written as
//
//	MAIL FROM:<a@test.example>
//	RCPT TO:<b@dest.example>
//	Received: (own)
//	X-Field: of the header
//	(rest)
//
//	body
//
// where the envelope can be left out if it is this one, and so can an empty line and the body if the latter is "hello".
// "Received: (own)" is the field that the server has added itself, "(rest)" the header that all messages have,
// "(server)" the server's name. Recipients come in any order.
func expect(t *testing.T, s *site, wants ...string) {
	t.Helper()
	var got []delivery
	for range wants {
		m := s.sink.Next(t)
		got = append(got, delivery{envelopeOf(m), hideReceived(string(m.Data))})
	}
	for _, text := range wants {
		want := deliveryOf(text, s.server.Name)
		i := max(0, slices.Index(got, want))
		got[i].compare(t, want)
		got = slices.Delete(got, i, i+1)
	}
}

// delivery is a message that arrived, or is wanted, as envelopeOf and hideReceived write it.
type delivery struct{ envelope, message string }

// deliveryOf reads a message as cases write it.
func deliveryOf(text, server string) delivery {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	var d delivery
	for line := range strings.Lines(text) {
		if d.message == "" && (strings.HasPrefix(line, "MAIL ") || strings.HasPrefix(line, "RCPT ")) {
			d.envelope += line
		} else {
			d.message += line
		}
	}
	if d.envelope == "" {
		d.envelope = "MAIL FROM:<a@test.example>\nRCPT TO:<b@dest.example>\n"
	}
	d.envelope = inOrder(d.envelope)
	if !strings.Contains(d.message, "\n\n") {
		d.message += "\nhello\n"
	}
	d.message = mta.CRLF(strings.NewReplacer("(rest)\n", rest, "(server)", server).Replace(d.message))
	return d
}

// compare reports how a message that arrived differs from the one that is wanted.
func (d delivery) compare(t *testing.T, want delivery) {
	t.Helper()
	if d.envelope != want.envelope {
		t.Errorf("envelope is\n%swant\n%s", d.envelope, want.envelope)
	}
	if d.message != want.message {
		t.Errorf("message is\n%s\nwant\n%s", quote(d.message), quote(want.message))
		t.Errorf("they differ from byte %d on", commonPrefix(d.message, want.message))
	}
}

// envelopeOf writes an envelope as cases do, parameters in alphabetical order: the servers use one of their own, and SIZE
// and ORCPT, which they add as they see fit, are left out.
func envelopeOf(m *mta.Delivered) string {
	line := func(before string, params []string) string {
		for _, p := range slices.Sorted(slices.Values(params)) {
			if !strings.HasPrefix(p, "SIZE=") && !strings.HasPrefix(p, "ORCPT=") {
				before += " " + p
			}
		}
		return before + "\n"
	}
	text := line("MAIL FROM:"+m.From, m.Params)
	for _, to := range m.To {
		text += line("RCPT TO:"+to.Address, to.Params)
	}
	return inOrder(text)
}

// inOrder sorts the lines of an envelope.
func inOrder(envelope string) string {
	return strings.Join(slices.Sorted(strings.Lines(envelope)), "")
}

// ownReceived is the field that a server adds: the one with its name.
var ownReceived = regexp.MustCompile(`(?m)^Received: from [^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n\tby mx\.test\.example [^\r\n]*(?:\r\n[ \t][^\r\n]*)*`)

func hideReceived(message string) string {
	end := strings.Index(message, "\r\n\r\n")
	if end < 0 {
		end = len(message)
	}
	return ownReceived.ReplaceAllString(message[:end], "Received: (own)") + message[end:]
}

// show writes a delivered message for a reader.
func show(m *mta.Delivered, server string) string {
	return "through " + server + "\n" + envelopeOf(m) + quote(string(m.Data))
}

// commonPrefix returns how many bytes two texts begin with in common.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// quote makes a message readable and yet exact: CRLF is a new line, all else unusual is escaped. What is in the middle of
// a long line or a long message is left out.
func quote(message string) string {
	var b strings.Builder
	lines := strings.SplitAfter(message, "\r\n")
	for i, line := range lines {
		if i > 25 && i < len(lines)-5 {
			continue
		}
		line, ended := strings.CutSuffix(line, "\r\n")
		line = strconv.QuoteToASCII(line)
		line = line[1 : len(line)-1]
		if len(line) > 300 {
			line = line[:200] + "..." + line[len(line)-80:]
		}
		b.WriteString("  | " + line)
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
