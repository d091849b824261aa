package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recordedScript is what testdata/filter.rec was recorded with.
const recordedScript = `function rcpt(conn, to)
  if to:find("^nobody@") then return reject("5.1.1", "no such user") end
end

function eom(conn, msg)
  msg:add_header("X-Seen", conn.sender)
end
`

var recordedPath = filepath.Join("testdata", "filter.rec")

func TestReplayRecordings(t *testing.T) {
	same := write(t, "filter.lua", recordedScript)
	other := write(t, "filter.lua", strings.Replace(recordedScript, "no such user", "gone", 1))
	changes := write(t, "filter.lua", strings.Replace(recordedScript, "X-Seen", "X-From", 1))
	raises := write(t, "filter.lua", recordedScript+"function abort() end function mail(conn) local x = nil return x.y end\n")
	wants := write(t, "filter.lua", recordedScript+"function helo(conn, name) conn.name = name end\n")
	broken := filepath.Join(t.TempDir(), "broken.rec")
	if err := os.WriteFile(broken, []byte("luamilter recording 1\n{\"bodies\":\"keep\"}\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mail := write(t, "letter.eml", "Subject: x\n\nhello\n")
	for _, c := range []struct {
		name   string
		args   []string
		code   int
		stdout string // part of it
		stderr string // likewise; "": nothing may be written
	}{
		{"the same script", []string{"-s", same, recordedPath}, 0, "played 1 recording with 1 message; the answers are the same\n", ""},
		{"all are shown", []string{"-s", same, "--all", recordedPath}, 0, "filter.rec: 1 message, the same answers\n", ""},
		{"with their times", []string{"-s", same, "--timing", recordedPath}, 0, "the answers are the same", ""},
		{"another reply", []string{"-s", other, recordedPath}, 0,
			"filter.rec: 1 message, 1 difference\n  message 1, rcpt <nobody@example.net> (packet 4, after 956 us)\n    then reject 550 5.1.1 no such user\n    now  reject 550 5.1.1 gone\nplayed 1 recording with 1 message; 1 differs\n", ""},
		{"another reply that is to fail", []string{"-s", other, "--fail-on-difference", recordedPath}, 1, "1 differs", ""},
		{"other changes", []string{"-s", changes, recordedPath}, 0, "    -add X-Seen: sender@example.com\n    +add X-From: sender@example.com\n", ""},
		{"an error", []string{"-s", raises, recordedPath}, 1, "  error in mail: ", ""},
		{"more is wanted", []string{"-s", wants, recordedPath}, 0, "  warning: the scripts want helo, which the scripts of then had negotiated away", ""},
		{"a broken one", []string{"-s", same, broken}, 1, "broken.rec: not played: read " + broken + ": packet 1: the line \"nonsense\" has no time", ""},
		{"mail too", []string{"-s", same, recordedPath, mail}, 2, "", "some of the paths are recordings and some are not"},
		{"an older script", []string{"-s", same, "--compare", other, recordedPath}, 2, "", "--compare is for stored mail"},
		{"a page", []string{"-s", same, "--html", "report.html", recordedPath}, 2, "", "--html is for stored mail"},
		{"another client", []string{"-s", same, "--ip", "192.0.2.9", recordedPath}, 2, "", "a recording has all of that"},
		{"mail with times", []string{"-s", same, "--timing", mail}, 2, "", "--timing is for recordings"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := run(append([]string{"replay"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, want %d\nstdout:\n%sstderr:\n%s", code, c.code, stdout, stderr)
			}
		})
	}
}

// TestReplayRecordingsJSON reads what is printed for programs.
func TestReplayRecordingsJSON(t *testing.T) {
	script := write(t, "filter.lua", strings.Replace(recordedScript, "no such user", "gone", 1))
	_, stdout, _ := run("replay", "--json", "-s", script, recordedPath)
	dec := json.NewDecoder(strings.NewReader(stdout))
	var one struct {
		Conn        string
		Differences []struct{ Stage, About, Then, Now string }
	}
	var last struct {
		Summary struct{ Recordings, Messages, Differ int }
	}
	if err := dec.Decode(&one); err != nil {
		t.Fatal(err)
	}
	if err := dec.Decode(&last); err != nil {
		t.Fatal(err)
	}
	if len(one.Differences) != 1 || one.Differences[0].Now != "reject 550 5.1.1 gone" || one.Conn == "" || last.Summary.Differ != 1 || last.Summary.Messages != 1 {
		t.Errorf("got %+v, %+v of\n%s", one, last, stdout)
	}
}

// TestTestFrom writes a test made of a recording, which passes.
func TestTestFrom(t *testing.T) {
	from, err := filepath.Abs(recordedPath)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	put(t, "filter.lua", recordedScript)
	put(t, "there_test.lua", "")
	for _, c := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string
	}{
		{"beside the script", []string{"--from", from}, 0, "wrote filter_test.lua; run it with: luamilter test filter_test.lua\n", ""},
		{"it passes", []string{"filter_test.lua"}, 0, "1 passed, 0 failed", ""},
		{"under a name of its own", []string{"--from", from, "filter_nobody_test.lua"}, 0, "wrote filter_nobody_test.lua", ""},
		{"that passes too", []string{"filter_nobody_test.lua"}, 0, "1 passed, 0 failed", ""},
		{"a file that is there", []string{"--from", from, "there_test.lua"}, 1, "", "there_test.lua is there already; name another file, such as there_recorded_test.lua"},
		{"no file of tests", []string{"--from", from, "filter.lua"}, 2, "", "whose name ends in _test.lua; filter.lua does not"},
		{"two files", []string{"--from", from, "a_test.lua", "b_test.lua"}, 2, "", "--from writes one file"},
		{"no recording", []string{"--from", "filter.lua"}, 1, "", "--from: read filter.lua: no recording: the first line is not"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := run(append([]string{"test"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, want %d\nstdout:\n%sstderr:\n%s", code, c.code, stdout, stderr)
			}
		})
	}
}
