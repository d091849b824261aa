package recorded_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"luamilter/luatest"
	"luamilter/record"
	"luamilter/simulate"
)

// example returns a file that docs/record.md shows.
func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/record.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```lua\n(-- " + regexp.QuoteMeta(name) + ".*?)^```$").FindSubmatch(text)
	if block == nil {
		t.Fatalf("docs/record.md has no %s", name)
	}
	return string(block[1])
}

// exampleTalk is the connection that the examples are about.
func exampleTalk(s *simulate.Session) {
	env := simulate.NewEnvelope("sender@example.com", "nobody@example.net", "joe@example.net")
	if _, err := s.Send(env, simulate.ReadMessage([]byte("Subject: x\n\nhello\n"))); err != nil {
		panic(err)
	}
}

// TestDocsFilter plays the example to itself and to what it becomes, and makes the test that is shown.
func TestDocsFilter(t *testing.T) {
	script := example(t, "filter.lua")
	rec := recording(t, script, record.KeepBodies, exampleTalk)
	if got := show(play(t, script, rec)); got != "" {
		t.Errorf("the same script differs:\n%s", got)
	}
	edited := strings.NewReplacer("no such user", "gone", "X-Seen", "X-From").Replace(script)
	want := "message 1 rcpt <nobody@example.net>: reject 550 5.1.1 no such user -> reject 550 5.1.1 gone\n" +
		"message 1 eom : continue -> continue; -add X-Seen: sender@example.com; +add X-From: sender@example.com"
	if got := show(play(t, edited, rec)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	text, err := luatest.Golden(rec, "filter_test.lua")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(example(t, "filter_test.lua"), "local t = session(")
	_, made, _ := strings.Cut(string(text), "local t = session")
	for line := range strings.Lines(shown[len(")\n"):]) {
		if !strings.Contains(made, line) {
			t.Errorf("the test that is made lacks %q:\n%s", line, text)
		}
	}
}

// TestDocsRecordAll has everything recorded: nothing that another script wants is missing then.
func TestDocsRecordAll(t *testing.T) {
	rec := recording(t, example(t, "record_all.lua"), record.KeepBodies, two)
	r := play(t, then+"function data(conn) end function eoh(conn, headers) conn.raw = headers[1].raw end function unknown(conn, command) end", rec)
	if len(r.Warnings) > 0 || len(r.Errors) > 0 {
		t.Errorf("%q, %+v", r.Warnings, r.Errors)
	}
}
