package endtoend

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// usual is the dialog of a message that nobody objects to.
const usual = `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`

// play has an SMTP conversation as written in a dialog, on whose lines stands
//
//	C: what the client sends; "(message)" is the case's message, "(header)" its header and the empty line
//	   below, "(half a message)" its beginning, "(drop)" closes the connection, "(pause)" waits a while
//	S: what it is answered: a code, for any reply that begins so, or the reply's exact text. Several lines
//	   stand for a reply of several lines. In the first place it is the server's greeting.
//	Postfix: the same, where only Postfix answers this
//	Sendmail: the same, where only Sendmail answers this
//
// Where a client's line has no answer below it, it must succeed. Sendmail begins its replies to MAIL and RCPT with the
// address and three dots, which are left out before a reply is compared.
func play(t *testing.T, addr, server, dialog, message string) {
	t.Helper()
	if dialog == "" {
		dialog = usual
	}
	c := mta.Dial(t, addr)
	reply := c.Greeting
	for i, s := range steps(t, dialog, server) {
		if s.says == "(drop)" {
			c.Drop()
			return
		}
		if i > 0 {
			reply = s.take(c, message)
		}
		if want := s.want(); !answers(reply, want) {
			t.Errorf("%s: got reply\n  %s\nwant\n  %s", s.says, reply, want)
		}
	}
	c.Command("QUIT")
	c.Drop()
}

// step is a line of the client with what it is answered.
type step struct {
	says   string
	answer []string // empty if anything will do that means success
}

// steps reads a dialog as one of the servers has it; the first step is the greeting.
func steps(t *testing.T, dialog, server string) []step {
	t.Helper()
	list := []step{{says: "(greeting)"}}
	for line := range strings.Lines(text(dialog)) {
		if line == "\n" {
			continue
		}
		who, what, found := strings.Cut(strings.TrimSpace(line), ": ")
		last := &list[len(list)-1]
		switch {
		case !found:
			t.Fatalf("dialog: what is %q", line)
		case who == "C":
			list = append(list, step{says: what})
		case who == "S" || strings.EqualFold(who, server):
			last.answer = append(last.answer, what)
		}
	}
	return list
}

// take has the client say its line and returns the reply, which is empty where there is none.
func (s step) take(c *mta.Client, message string) string {
	switch s.says {
	case "(message)":
		return c.Message(message)
	case "(header)":
		header, _, _ := strings.Cut(message, "\r\n\r\n")
		return c.Message(header + "\r\n\r\n")
	case "(half a message)":
		c.Send(message[:len(message)/2])
		return ""
	case "(pause)":
		time.Sleep(300 * time.Millisecond)
		return ""
	}
	return c.Command(s.says)
}

// want is the answer as answers compares it.
func (s step) want() string {
	if len(s.answer) > 0 {
		return strings.Join(s.answer, "\n")
	}
	switch s.says {
	case "(half a message)", "(pause)":
		return ""
	case "(greeting)":
		return "220"
	case "DATA":
		return "354"
	case "QUIT":
		return "221"
	}
	return "250"
}

// sendmailAddress is what Sendmail puts before a reply to MAIL or RCPT.
var sendmailAddress = regexp.MustCompile(`(?m)^(\d{3}[ -](?:\d\.\d+\.\d+ )?)<[^>\n]*>\.\.\. `)

// answers tells whether a reply is the wanted one.
func answers(reply, want string) bool {
	if len(want) <= 3 {
		return strings.HasPrefix(reply, want)
	}
	return sendmailAddress.ReplaceAllString(reply, "$1") == want
}
