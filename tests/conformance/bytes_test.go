package conformance

import (
	"os"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// everyHook answers every event with a reply of its own, so that a missing or misplaced one shows.
const everyHook = `
local function go() return continue end
connect, helo, mail, data, header, eoh, body, unknown = go, go, go, go, go, go, go, go
function rcpt(conn, r) if r == "bad@example.com" then return reject("5.1.1", "100% no") end end
function eom(conn, msg) msg:add_header("X-Queue", conn.queue_id or "none") end`

// The answer to the offer of a script that wants and answers everything, and asks for ADDHDRS.
const (
	answered = "< O \\x00\\x00\\x00\\x06\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00\n"
	hello    = "> " + offer + "\n" + answered + `
> C client.example.com|4\x09\xc4192.0.2.1|
< c
> H client.example.com|
< c
`
)

// TestConversations are conversations of MTAs that keep to the protocol, also in its odd corners.
func TestConversations(t *testing.T) {
	spec := mta.UnixSpec(t)
	mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{everyHook}})
	for _, c := range []struct{ name, steps string }{
		{"a message", hello + `
			> D Mi|Q1|
			> M <a@example.com>|SIZE=10|
			< c
			> R <b@example.com>|
			< c
			> R <bad@example.com>|
			< y 550 5.1.1 100%% no|
			> T
			< c
			> L Subject|hello|
			< c
			> N
			< c
			> B hello\r\n
			< c
			> E
			< h X-Queue|Q1|
			< c
			> Q
			closed`},
		{"ABORT is never answered, however often it comes", hello + `
			> A
			> A
			silence
			> M <>|
			< c
			> A
			> A
			silence
			> M <>|
			< c`},
		{"MAIL after MAIL, HELO in a message", hello + `
			> M <a@example.com>|
			< c
			> M <b@example.com>|
			< c
			> H again|
			< c
			> M <c@example.com>|
			< c`},
		{"the last chunk with the end of the message", hello + `
			> M <a@example.com>|
			< c
			> E hello\r\n
			< h X-Queue|none|
			< c`},
		{"message events without a message are refused, not ignored", hello + `
			> R <b@example.com>|
			< t
			> L Subject|x|
			< t
			> E
			< t
			> M <a@example.com>|
			< c`},
		{"QUIT_NC keeps the socket", hello + `
			> K
			silence
			> C other.example.com|U
			< c
			> M <a@example.com>|
			< c`},
		{"macros for events that nobody knows", hello + `
			> D Lodd
			> D
			> D xy|z|
			> D Zi
			silence
			> M <a@example.com>|
			< c`},
		{"a unix client, an unknown command, bytes that are no text", hello + `
			> K
			> C localhost|L\x00\x00/run/x|
			< c
			> U \xff\xfe \x01|
			< c
			> M <\xff@example.com>|
			< c
			> L X-\x80|\xfe|
			< c`},
		{"one byte after the other is another test; here many packets in one write", "> " + offer + "\n" + answered + `
			> C h|U
			> H h|
			> M <>|
			> R <b@example.com>|
			> T
			> N
			> E
			< c
			< c
			< c
			< c
			< c
			< c
			< h X-Queue|none|
			< c`},
	} {
		t.Run(c.name, func(t *testing.T) { play(t, dial(t, spec), c.steps) })
	}
}

// TestSilentScript wants no reply to anything but the end of the message.
func TestSilentScript(t *testing.T) {
	rcptCount, err := os.ReadFile("../../scripts/rcpt_count.lua")
	if err != nil {
		t.Fatal(err)
	}
	spec := mta.UnixSpec(t)
	mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{string(rcptCount)}})
	play(t, dial(t, spec), "> "+offer+`
		< O \x00\x00\x00\x06\x00\x00\x00\x01\x00\x00\xc3\x73
		> M <a@example.com>|
		> R <b@example.com>|
		> R <c@example.com>|
		silence
		> E
		< h X-Rcpt-Count|2|
		< c
		> Q
		closed`)
}

// TestNonsense costs its own connection and one line of the log each, and the daemon goes on.
func TestNonsense(t *testing.T) {
	spec := mta.UnixSpec(t)
	d := mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{everyHook}})
	cases := []struct{ name, steps string }{
		{"text instead of packets", "! GET / HTTP/1.1\\r\\n\\r\\n\nclosed"},
		{"a packet of length 0", "! ||||\nclosed"},
		{"a packet of 2 GiB", "! \\x7f\\xff\\xff\\xffO\nclosed"},
		{"no OPTNEG first", "> C h|U\nclosed"},
		{"a short OPTNEG", "> O \\x00\\x00\nclosed"},
		{"protocol version 1", "> O \\x00\\x00\\x00\\x01\\x00\\x00\\x01\\xff\\x00\\x1f\\xff\\xff\nclosed"},
		{"an MTA without ADDHDRS", "> O \\x00\\x00\\x00\\x06\\x00\\x00\\x00\\x02\\x00\\x1f\\xff\\xff\nclosed"},
		{"OPTNEG again", hello + "> " + offer + "\nclosed"},
		{"an unknown command", hello + "> X nonsense\nclosed"},
		{"CONNECT without an address", hello + "> K\n> C h|4\nclosed"},
		{"MAIL without NUL", hello + "> M <a@example.com>\nclosed"},
		{"HEADER without a value", hello + "> M <>|\n< c\n> L Subject|\nclosed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { play(t, dial(t, spec), c.steps) })
	}
	play(t, dial(t, spec), hello+"> Q\nclosed")
	d.Stop(t)
	ended := 0
	for _, line := range d.Lines() {
		if line.Level == "warn" && strings.Contains(line.Message, "connection to the MTA ended") {
			ended++
		}
	}
	if ended != len(cases) {
		t.Errorf("%d connections are in the log as ended by an error, want %d", ended, len(cases))
	}
}
