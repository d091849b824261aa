package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stored makes a Maildir with so many messages.
func stored(t *testing.T, n int) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"cur", "new", "tmp"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		text := fmt.Sprintf("Return-Path: <s%d@example.org>\nTo: r@example.net\nSubject: number %d\n\nhello\n", i, i)
		if err := os.WriteFile(filepath.Join(root, "new", fmt.Sprintf("%03d", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const replayScript = `function mail(conn, from) if from:find("^s1") then return reject("not you") end end
function eom(conn, msg) msg:add_header("X-Seen", "yes") end
`

func TestReplayExitCodes(t *testing.T) {
	mail, good := stored(t, 2), write(t, "filter.lua", replayScript)
	raises := write(t, "raises.lua", "function mail(conn, from) local x = nil; return x.y end\n")
	old := write(t, "filter.lua", "function eom(conn, msg) msg:add_header('X-Seen', 'yes') end\n")
	empty := t.TempDir()
	for _, c := range []struct {
		name   string
		args   []string
		code   int
		stderr string // part of it; "": nothing may be written
	}{
		{"all played", []string{"-s", good, mail}, 0, ""},
		{"a script raises an error", []string{"-s", raises, mail}, 1, ""},
		{"a difference", []string{"-s", good, "--compare", old, mail}, 0, ""},
		{"a difference that is to fail", []string{"-s", good, "--compare", old, "--fail-on-difference", mail}, 1, ""},
		{"no difference", []string{"-s", good, "--compare", filepath.Dir(good), "--fail-on-difference", mail}, 0, ""},
		{"no path", []string{"-s", good}, 2, "expected \"<path> ...\""},
		{"no such path", []string{"-s", good, filepath.Join(empty, "none")}, 1, "none: no such file"},
		{"no mail there", []string{"-s", good, empty}, 1, "no mail in " + empty},
		{"no such script", []string{"-s", filepath.Join(empty, "none.lua"), mail}, 1, "none.lua"},
		{"an older script that is not there", []string{"-s", good, "--compare", filepath.Join(empty, "none.lua"), mail}, 1, "--compare: stat "},
		{"a folder without the older script", []string{"-s", good, "--compare", empty, mail}, 1, "the folder has no filter.lua"},
		{"no address", []string{"-s", good, "--ip", "here", mail}, 2, "--ip here: an address such as 192.0.2.1"},
		{"a listener that is not there", []string{"-s", good, "--listener", "defalt", mail}, 2, "did you mean default?"},
		{"nothing to compare with", []string{"-s", good, "--fail-on-difference", mail}, 2, "--fail-on-difference needs --compare"},
		{"no jobs", []string{"-s", good, "--jobs=-1", mail}, 2, "--jobs -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := run(append([]string{"replay"}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, want %d; stderr:\n%s\nstdout:\n%s", code, c.code, stderr, stdout)
			}
		})
	}
}

// TestReplayOne compares what is shown of one message, except times.
func TestReplayOne(t *testing.T) {
	mail := write(t, "letter.eml", "Received: from there (mail.example.org [198.51.100.7]) by mx.example.com\nFrom: a@example.org\nTo: b@example.net\nSubject: x\n\nhello\n")
	script := write(t, "filter.lua", `function helo(conn, name) return reject and continue end
function rcpt(conn, to) if to:find("^b") then return reject("not you") end end
function eom(conn, msg) msg:prefix_subject("[\27[31mx]") msg:replace_body(msg.body .. "bye\r\n") end
`)
	code, stdout, stderr := run("replay", "-s", script, "--to", "b@example.net", "--to", "c@example.net", mail)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	compare(t, filepath.Join("testdata", "replay_one.txt"), withoutTimes(stdout))
}

// withoutTimes leaves out what is different each time.
func withoutTimes(text string) string {
	text = regexp.MustCompile(`(?m)^.*/letter\.eml$`).ReplaceAllString(text, "letter.eml")
	return regexp.MustCompile(`[0-9.]+ (us|ms|s)\b`).ReplaceAllString(text, "TIME")
}

// TestReplayMany looks for what a summary has.
func TestReplayMany(t *testing.T) {
	script := write(t, "filter.lua", replayScript+"function rcpt(conn, to) if conn.sender:find('^s2') then error('oops') end return nil or continue end\n")
	code, stdout, stderr := run("replay", "-s", script, "-j", "2", stored(t, 30))
	if code != 1 || stderr != "" {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	for _, part := range []string{
		"played 30 messages, ", "8 delivered, 8 of them changed, 0 quarantined", "11 reject at mail by filter (", "filter.lua:1)\n", "11 tempfail at rcpt by filter (", "hooks that took the most time",
		"filter eom, longest with ", "filter.lua:3: oops", "in rcpt, 11 times; first with ",
	} {
		if !strings.Contains(stdout, part) {
			t.Errorf("%q is missing in\n%s", part, stdout)
		}
	}
}

// TestReplayCompare shows no more than the messages that differ.
func TestReplayCompare(t *testing.T) {
	newer, older := write(t, "filter.lua", replayScript), write(t, "filter.lua", strings.Replace(replayScript, "^s1", "^s3", 1))
	code, stdout, _ := run("replay", "-s", newer, "--compare", older, stored(t, 6))
	for _, part := range []string{
		"001: verdict, reply, changes differ\n", "    -delivered\n    -add X-Seen: yes\n    +reject 550 5.7.1 not you\n",
		"003: verdict, reply, changes differ\n", "    -reject 550 5.7.1 not you\n    +delivered\n    +add X-Seen: yes\n", "2 of 6 messages differ",
	} {
		if !strings.Contains(stdout, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if code != 0 || strings.Contains(stdout, "/002: ") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}

// TestReplayJSON reads what is printed for programs.
func TestReplayJSON(t *testing.T) {
	_, stdout, _ := run("replay", "--json", "-s", write(t, "filter.lua", replayScript), stored(t, 3))
	type line struct {
		Message, Verdict, Stage, Reply string
		Summary                        *struct{ Messages, Delivered int }
	}
	var got []string
	for dec := json.NewDecoder(strings.NewReader(stdout)); dec.More(); {
		var l line
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		if l.Summary != nil {
			got = append(got, fmt.Sprintf("%d messages, %d delivered", l.Summary.Messages, l.Summary.Delivered))
			continue
		}
		got = append(got, fmt.Sprintf("%s %s at %s %s", filepath.Base(l.Message), l.Verdict, l.Stage, l.Reply))
	}
	want := "000 continue at eom |001 reject at mail 550 5.7.1 not you|002 continue at eom |3 messages, 2 delivered"
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// TestReplayOfConfiguration takes scripts and their settings from a configuration.
func TestReplayOfConfiguration(t *testing.T) {
	script := write(t, "mark.lua", "local s = settings { text = 'default' }\nfunction eom(conn, msg) msg:add_header('X-Mark', s.text) end\n")
	config := write(t, "luamilter.toml", fmt.Sprintf("scripts = [%q]\n[script.mark]\ntext = \"from the file\"\n", script))
	code, stdout, stderr := run("replay", "-c", config, filepath.Join(stored(t, 1), "new", "000"))
	if code != 0 || !strings.Contains(stdout, "add X-Mark: from the file") {
		t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
	}
}

func TestProgressBar(t *testing.T) {
	for _, test := range []struct {
		done, total int64
		want        string
	}{
		{0, 0, "[........................................]   0 %  7 messages"},
		{50, 100, "[####################....................]  50 %  7 messages"},
		{200, 100, "[########################################] 100 %  7 messages"},
	} {
		p := progress{done: test.done, total: test.total, count: 7}
		if got := p.bar(); got != test.want {
			t.Errorf("%d of %d: %s", test.done, test.total, got)
		}
	}
}
