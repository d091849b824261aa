// Package endtoend runs luamilter under a real Postfix and a real Sendmail: a script, what an SMTP client says, what
// it is answered, and what reaches the next hop, byte for byte. One table of cases serves both servers; where they
// differ, a case says so.
//
// The servers and the tools are those of package mta, which tells what a machine needs. A single case:
//
//	go test ./tests/endtoend -run 'TestSendmail/new_headers/insert_header_0'
package endtoend

import (
	"os"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

func TestPostfix(t *testing.T)  { everything(t, mta.Postfix) }
func TestSendmail(t *testing.T) { everything(t, mta.Sendmail) }

// groups are the cases, by what they are about.
var groups = []struct {
	name  string
	cases []spec
}{
	{"seed", seedCases},
	{"new headers", addCases},
	{"header edits", editCases},
	{"header fields", fieldCases},
	{"values", valueCases},
	{"envelope", envelopeCases},
	{"body", bodyCases},
	{"verdicts", verdictCases()},
	{"replies", replyCases},
	{"data", dataCases},
	{"next message", nextMessageCases()},
	{"pauses", pauseCases},
	{"facts", factCases},
	{"errors", errorCases},
	{"several scripts", severalCases},
	{"negotiate", negotiateCases},
	{"odd input", oddCases},
	{"old protocols", oldCases()},
}

// stories are the tests that take more than a script and a dialog.
var stories = []struct {
	name string
	run  func(*testing.T, *site)
}{
	{"random header edits", randomEdits},
	{"long encoded value", longEncoded},
	{"footers", footers},
	{"signed by DKIM", signedByDKIM},
	{"20 MB", bigMessage},
	{"500 recipients", manyRecipients},
	{"over TCP", overTCP},
	{"two filters", twoFilters},
	{"STARTTLS", startTLS},
	{"mail from the machine itself", localMail},
	{"pipelining", pipelining},
	{"quarantine", quarantine},
	{"progress", progress},
	{"progress by itself", progressByItself},
	{"filter away", filterAway},
	{"restart", restart},
	{"an error costs one message", errorCostsOneMessage},
	{"sessions at the same time", manySessions},
}

// everything runs all cases on one server.
func everything(t *testing.T, start func(testing.TB, mta.Options) *mta.Server) {
	t.Parallel()
	s := newSite(t, start)
	mta.Luamilter(t) // one failure is enough if it cannot be built
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				if c.on != "" && c.on != s.server.Name {
					continue
				}
				t.Run(c.name, func(t *testing.T) { c.run(t, s) })
			}
		})
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			s.onFailure(t)
			story.run(t, s)
		})
	}
	if n := s.sink.Waiting(); n > 0 {
		t.Errorf("%d messages were delivered that nobody expected", n)
	}
}

// site is a mail server with all that is around it. It stays for all cases; each brings its own luamilter.
type site struct {
	server *mta.Server
	sink   *mta.Sink
	unix   string // spec of the socket where the server looks for luamilter
	second string // where the listener "two" looks for a second filter
	inet   string // where the listener "inet" looks for it
	local  string // where the server looks for it about mail from the machine itself
}

func newSite(t *testing.T, start func(testing.TB, mta.Options) *mta.Server) *site {
	s := &site{
		sink:   mta.NewSink(t),
		unix:   mta.UnixSpec(t),
		second: mta.UnixSpec(t),
		inet:   mta.InetSpec(t),
		local:  mta.UnixSpec(t),
	}
	filter := mta.Filter{Milter: s.unix}
	others := map[string][]mta.Filter{
		"plain":  nil,
		"inet":   {{Milter: s.inet}},
		"two":    {filter, {Milter: s.second}},
		"hasty":  {{Milter: s.unix, Timeout: 4 * time.Second}},
		"usual":  {{Milter: s.unix, Timeout: 10 * time.Second}}, // for an answer, as Sendmail without T=
		"v2":     {{Milter: s.unix, Protocol: 2}},
		"v3":     {{Milter: s.unix, Protocol: 3}},
		"v4":     {{Milter: s.unix, Protocol: 4}},
		"accept": {{Milter: s.unix, Failure: mta.Accept}},
		"reject": {{Milter: s.unix, Failure: mta.Reject}},
	}
	s.server = start(t, mta.Options{
		Filters: []mta.Filter{filter},
		Others:  others,
		// Where it has such a filter, Postfix asks it also about messages that another one has discarded.
		Local: []mta.Filter{{Milter: s.local, Failure: mta.Accept}},
		Relay: s.sink.Addr,
		TLS:   true,
	})
	return s
}

// daemon starts luamilter with scripts, at the socket where the server's first listener looks for it.
func (s *site) daemon(t *testing.T, scripts ...string) *mta.Process {
	t.Helper()
	return mta.Daemon(t, mta.Run{Listen: s.unix, Scripts: scripts})
}

// onFailure has a test that fails show what the server has logged since now, and leave no message to the next test.
func (s *site) onFailure(t *testing.T) {
	before := len(s.server.Log(t))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", s.server.Name, s.server.Log(t)[before:])
			s.nothingDelivered(t)
		}
	})
}

// nothingDelivered checks that no message is on its way to the next hop: one sent now, past all filters, arrives first.
func (s *site) nothingDelivered(t *testing.T) {
	t.Helper()
	c := mta.Dial(t, s.server.Listener(t, "plain"))
	c.Expect("EHLO client.example", "250")
	c.Deliver("marker@test.example", []string{"b@dest.example"}, mta.CRLF(rest+"\nmarker\n"))
	c.Quit()
	m := s.sink.Next(t)
	if m.From == "<marker@test.example>" {
		return
	}
	t.Errorf("a message was delivered:\n%s", show(m, s.server.Name))
	for m.From != "<marker@test.example>" {
		m = s.sink.Next(t)
	}
}

// rest is the header that every message has, below the fields of its own.
const rest = `From: a@test.example
To: b@dest.example
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
Subject: hello
`

// text removes the line break at the beginning of a raw string.
func text(s string) string { return strings.TrimPrefix(s, "\n") }
