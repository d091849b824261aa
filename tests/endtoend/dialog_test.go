package endtoend

import (
	"regexp"
	"strings"
	"testing"

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
//	   below, "(half a message)" its beginning, "(drop)" closes the connection
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
	sent, ok := "(greeting)", "220"
	var want []string
	check := func() {
		t.Helper()
		if len(want) == 0 {
			want = []string{ok}
		}
		if !answers(reply, strings.Join(want, "\n")) {
			t.Errorf("%s: got reply\n  %s\nwant\n  %s", sent, reply, strings.Join(want, "\n"))
		}
		want = nil
	}
	for line := range strings.Lines(text(dialog)) {
		if line == "\n" {
			continue
		}
		who, what, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found {
			t.Fatalf("dialog: what is %q", line)
		}
		switch who {
		case "S":
			want = append(want, what)
			continue
		case "Postfix", "Sendmail":
			if strings.EqualFold(who, server) {
				want = append(want, what)
			}
			continue
		}
		check()
		sent, ok = what, "250"
		switch what {
		case "(message)":
			reply = c.Message(message)
		case "(header)":
			header, _, _ := strings.Cut(message, "\r\n\r\n")
			reply = c.Message(header + "\r\n\r\n")
		case "(half a message)":
			c.Send(message[:len(message)-8])
			reply, ok = "", ""
		case "(drop)":
			c.Drop()
			return
		case "DATA":
			reply, ok = c.Command(what), "354"
		case "QUIT":
			reply, ok = c.Command(what), "221"
		default:
			reply = c.Command(what)
		}
	}
	check()
	c.Command("QUIT")
	c.Drop()
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
