package endtoend

import (
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// spec is one case. The message a client sends is header, rest (see there) and body; line ends are written LF.
type spec struct {
	name     string
	on       string // the only server it runs on, if not both
	listener string // where the client connects: a name in newSite, or the first listener
	script   string
	more     []string // further scripts, asked after it
	args     []string // further arguments of luamilter
	header   string   // fields above rest
	body     string   // "hello\n" if empty
	whole    string   // the whole message, if it is another
	dialog   string   // see dialog_test.go; if empty, the client sends one message and the server takes it
	want     string   // what reaches the next hop, see delivered_test.go; if empty, nothing does
	logged   string   // what the script logs that begins with "saw ", a line each
}

// unchanged is the want of a message that a script only looks at.
const unchanged = `
Received: (own)
(rest)
`

// run starts luamilter with the case's script and plays the case.
func (c spec) run(t *testing.T, s *site) {
	s.onFailure(t)
	d := mta.Daemon(t, mta.Run{Listen: s.unix, Scripts: append([]string{c.script}, c.more...), Args: c.args})
	addr := s.server.Addr
	if c.listener != "" {
		addr = s.server.Listener(t, c.listener)
	}
	play(t, addr, s.server.Name, c.dialog, c.message())
	if c.want == "" {
		s.nothingDelivered(t)
	} else {
		expect(t, s, strings.Split(text(c.want), "\n--\n")...)
	}
	if c.logged == "" {
		return
	}
	want := strings.Split(strings.Trim(c.logged, "\n"), "\n")
	d.WaitLine(t, want[len(want)-1])
	d.Stop(t)
	if got := saw(d); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the script logged\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// message is what the client sends after DATA.
func (c spec) message() string {
	if c.whole != "" {
		return mta.CRLF(c.whole)
	}
	body := c.body
	if body == "" {
		body = "hello\n"
	}
	return mta.CRLF(text(c.header) + rest + "\n" + body)
}

// saw returns what scripts have logged that begins with "saw ".
func saw(d *mta.Process) []string {
	var list []string
	for _, line := range d.Lines() {
		if strings.HasPrefix(line.Message, "saw ") {
			list = append(list, line.Message)
		}
	}
	return list
}
