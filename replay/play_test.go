package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"luamilter/engine"
	"luamilter/protocol"
	"luamilter/replay/corpus"
)

// TestMain fails when goroutines outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load compiles a script that is given as text.
func load(t *testing.T, name, text string) *engine.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := engine.Load([]string{path}, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// box is a mailbox of messages of their own subject, sender and recipient, all from the same client.
func box(t *testing.T, n int) []corpus.File {
	t.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "From s%d@example.org Mon Jan  5 10:00:00 2026\nTo: r%d@example.net\nSubject: number %d\nMessage-ID: <%d@example.org>\n\nhello\n\n", i, i, i, i)
	}
	path := filepath.Join(t.TempDir(), "box")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	files, _, err := corpus.Find([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// play plays files and returns all messages.
func play(t *testing.T, p *Player, files []corpus.File) ([]*Message, *Summary) {
	t.Helper()
	p.Log = zerolog.Nop()
	var all []*Message
	s, err := p.Play(files, func(m *Message) error {
		all = append(all, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, s
}

// script does something else for each of ten senders.
const script = `
function mail(conn, from)
  if from:find("^s1") then return reject("5.7.1", "not you") end
  if from:find("^s2") then error("oops") end
end
function rcpt(conn, to)
  if to:find("^r3") then return tempfail end
end
function eom(conn, msg)
  if conn.sender:find("^s4") then return discard end
  if conn.sender:find("^s5") then msg:quarantine("odd") end
  if conn.sender:find("^s6") then local x = nil; return x.y end
  msg:add_header("X-To", conn.recipients[1])
  msg:prefix_subject("[new]")
end
`

// TestPlay plays a mailbox with several jobs, and compares what became of each message, in their order.
func TestPlay(t *testing.T) {
	p := &Player{Program: load(t, "filter.lua", script), Jobs: 3}
	all, s := play(t, p, box(t, 30))
	if len(all) != 30 {
		t.Fatalf("%d messages", len(all))
	}
	for i, m := range all {
		sender, recipient := fmt.Sprintf("s%d@example.org", i), fmt.Sprintf("r%d@example.net", i)
		if m.Sender != sender || strings.Join(m.Recipients, " ") != recipient || m.ID != fmt.Sprintf("<%d@example.org>", i) || !strings.HasSuffix(m.Name, fmt.Sprintf("box#%d", i+1)) {
			t.Errorf("message %d is %s from %s to %v, id %s", i, m.Name, m.Sender, m.Recipients, m.ID)
		}
	}
	for i, want := range []string{
		"continue at eom", "reject at mail: 550 5.7.1 not you by filter mail :3", "tempfail at mail: 451 4.7.1 Service unavailable - try again later by filter mail :4",
		"tempfail at rcpt: 451 4.7.1 Service unavailable - try again later by filter rcpt :6", "discard at eom by filter eom :9", "continue at eom held odd",
		"tempfail at eom: 451 4.7.1 Service unavailable - try again later by filter eom :12", "continue at eom",
	} {
		if got := outcome(all[i].Outcome); got != want {
			t.Errorf("message %d: got %s, want %s", i, got, want)
		}
	}
	if got := fmt.Sprint(all[0].Changes); got != "[change Subject (number 1) to [new] number 0 add X-To: r0@example.net]" {
		t.Errorf("changes: %s", got)
	}
	got := fmt.Sprintf("%d messages, %d delivered, %d changed, %d quarantined, %d verdicts, %d errors, %d problems", s.Messages, s.Delivered, s.Changed, s.Quarantined, len(s.Verdicts), len(s.Errors), len(s.Problems))
	if want := "30 messages, 5 delivered, 5 changed, 1 quarantined, 6 verdicts, 2 errors, 0 problems"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// outcome writes an outcome, with the line but not the path of the script.
func outcome(o *Outcome) string {
	text := o.Verdict + " at " + o.Stage
	if o.Reply != "" {
		text += ": " + o.Reply
	}
	if o.Place != "" {
		text += fmt.Sprintf(" by %s %s %s", o.Script, o.Hook, o.Place[strings.LastIndexByte(o.Place, ':'):])
	}
	if o.Held != "" {
		text += " held " + o.Held
	}
	return text
}

// TestSummary compares the totals of verdicts, hooks and errors.
func TestSummary(t *testing.T) {
	_, s := play(t, &Player{Program: load(t, "filter.lua", script), Jobs: 2}, box(t, 10))
	var verdicts, errs []string
	for _, v := range s.Verdicts {
		verdicts = append(verdicts, fmt.Sprintf("%d %s at %s", v.Count, v.Verdict, v.Stage))
	}
	if got, want := strings.Join(verdicts, ", "), "5 continue at eom, 1 discard at eom, 1 reject at mail, 1 tempfail at eom, 1 tempfail at mail, 1 tempfail at rcpt"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, e := range s.Errors {
		errs = append(errs, fmt.Sprintf("%s:%d in %s: %s, %d times, %d messages", filepath.Base(e.Path), e.Line, e.Hook, e.Text, e.Times, len(e.Messages)))
		if !strings.Contains(e.Excerpt, "^") {
			t.Errorf("no excerpt: %q", e.Excerpt)
		}
	}
	want := "filter.lua:4 in mail: oops, 1 times, 1 messages; filter.lua:12 in eom: attempt to index a nil value (local 'x'), 1 times, 1 messages"
	if got := strings.Join(errs, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	calls := map[string]int{}
	for _, h := range s.Hooks {
		calls[h.Hook.Hook] = h.Calls
		if h.Took <= 0 || h.Longest <= 0 || h.Message == "" {
			t.Errorf("%+v", h)
		}
	}
	if got := fmt.Sprint(calls); got != "map[eom:7 mail:10 rcpt:8]" {
		t.Errorf("calls: %s", got)
	}
}

// TestCompare compares two scripts over a corpus.
func TestCompare(t *testing.T) {
	older := strings.NewReplacer(`"not you"`, `"go away"`, "[new]", "[old]", `"^r3"`, `"^r7"`).Replace(script)
	p := &Player{Program: load(t, "filter.lua", script), Older: load(t, "filter.lua", older), Jobs: 2}
	all, s := play(t, p, box(t, 8))
	var got []string
	for _, m := range all {
		got = append(got, strings.Join(m.Differences, "+"))
	}
	want := "changes,reply,,verdict+reply+changes,,changes,,verdict+reply+changes"
	if text := strings.Join(got, ","); text != want || s.Differ != 5 {
		t.Errorf("got  %s\nwant %s; %d differ", text, want, s.Differ)
	}
	const shown = `--- older
+++ newer
@@ -1,3 +1 @@
-delivered
-change Subject (number 1) to [old] number 3
-add X-To: r3@example.net
+tempfail 451 4.7.1 Service unavailable - try again later
`
	if text := all[3].Comparison(); text != shown {
		t.Errorf("got\n%s\nwant\n%s", text, shown)
	}
	if text := all[2].Comparison(); text != "" {
		t.Errorf("no difference is shown as\n%s", text)
	}
}

// TestNoDifference plays scripts that say the same in other ways.
func TestNoDifference(t *testing.T) {
	for _, test := range []struct{ name, older, newer string }{
		{"accept and no opinion", `function mail(conn) return accept end`, `function mail(conn) end`},
		{"another stage", `function mail(conn) return reject("no") end`, `function data(conn) return reject("no") end`},
		{"a body of the same", `function eom(conn, msg) msg:replace_body("a\r\nb") end`, `function eom(conn, msg) msg:replace_body({"a\r\n", "b"}) end`},
	} {
		t.Run(test.name, func(t *testing.T) {
			all, _ := play(t, &Player{Program: load(t, "f.lua", test.newer), Older: load(t, "f.lua", test.older)}, box(t, 1))
			if len(all[0].Differences) > 0 {
				t.Errorf("%v\n%s", all[0].Differences, all[0].Comparison())
			}
		})
	}
}

// TestDifferentBodies tells bodies of the same size apart.
func TestDifferentBodies(t *testing.T) {
	older, newer := `function eom(conn, msg) msg:replace_body("a") end`, `function eom(conn, msg) msg:replace_body("b") end`
	all, _ := play(t, &Player{Program: load(t, "f.lua", newer), Older: load(t, "f.lua", older)}, box(t, 1))
	if strings.Join(all[0].Differences, " ") != "changes" {
		t.Errorf("%v", all[0].Differences)
	}
}

// TestDetail compares steps and diffs.
func TestDetail(t *testing.T) {
	p := &Player{Program: load(t, "f.lua", `
		function helo(conn, name) return reject and continue end
		function eom(conn, msg) msg:delete_header("Subject") msg:replace_body("hello\r\nthere\r\n") end`), Detail: true}
	all, _ := play(t, p, box(t, 1))
	m := all[0]
	var steps []string
	for _, s := range m.Steps {
		steps = append(steps, strings.Join(strings.Fields(fmt.Sprint(s.Stage, " ", s.Asked, " ", s.Verdict, " ", s.Times)), " "))
	}
	want := "connect not sent 1, helo answered continue 1, mail no reply 1, rcpt not sent 1, data not sent 1, header no reply 3, eoh not sent 1, body not sent 1, eom answered continue 1"
	if got := strings.Join(steps, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if want := "--- header\n+++ header after\n@@ -1,3 +1,2 @@\n To: r0@example.net\n-Subject: number 0\n Message-ID: <0@example.org>\n"; m.Header != want {
		t.Errorf("header\n%s", m.Header)
	}
	if want := "--- body\n+++ body after\n@@ -1 +1,2 @@\n hello\n+there\n"; m.Body != want {
		t.Errorf("body\n%s", m.Body)
	}
}

// TestFileIsGone plays on when a file cannot be read.
func TestFileIsGone(t *testing.T) {
	files := append([]corpus.File{{Path: filepath.Join(t.TempDir(), "gone.eml")}}, box(t, 2)...)
	all, s := play(t, &Player{Program: load(t, "f.lua", `function eom() end`)}, files)
	if len(all) != 3 || s.Messages != 2 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "gone.eml: no such file") {
		t.Errorf("%d messages, %d played, %v", len(all), s.Messages, s.Problems)
	}
	if text, err := json.Marshal(all[0]); err != nil || !strings.Contains(string(text), `"problem":"read a message: `) {
		t.Errorf("%s %v", text, err)
	}
}

// TestNobodyWantsMore ends the play early.
func TestNobodyWantsMore(t *testing.T) {
	enough, n := errors.New("enough"), 0
	p := &Player{Program: load(t, "f.lua", `function eom() end`), Jobs: 4}
	_, err := p.Play(box(t, 500), func(*Message) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 3 {
		t.Errorf("%d messages, %v", n, err)
	}
}
