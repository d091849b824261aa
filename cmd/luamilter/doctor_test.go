package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// patients are the configurations without mistakes that package doctor has.
const patients = "../../doctor/testdata/"

// ill writes a Postfix configuration with two mistakes and a note.
func ill(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"main.cf":   "compatibility_level = 3.6\nsmtpd_milters = inet:8891@127.0.0.1\nmilter_default_action = accept\nnon_smtpd_milters = inet:127.0.0.1:8891\nmilter_connect_timeout = 2s\n",
		"master.cf": "smtp inet n - y - - smtpd\ncleanup unix n - y - 0 cleanup\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDoctor(t *testing.T) {
	dir := ill(t)
	slow := write(t, "luamilter.toml", "[limits]\ncommand_time = '50s'\n")
	cases := []struct {
		name   string
		args   []string
		code   int
		stdout []string
		stderr string
	}{
		{"Postfix as it should be", []string{"--root", patients + "postfix"}, 0,
			[]string{"no problems found: looked at /etc/postfix/main.cf, /etc/postfix/master.cf for luamilter on inet:8891@127.0.0.1"}, ""},
		{"Sendmail as it should be", []string{"--root", patients + "sendmail"}, 0, []string{"no problems found: looked at /etc/mail/sendmail.cf for"}, ""},
		{"sendmail.mc", []string{"--sendmail", patients + "sendmail/etc/mail/sendmail.mc"}, 0, []string{"no problems found", "sendmail.mc for"}, ""},
		{"mistakes", []string{"--postfix", dir}, 1, []string{
			dir + "/main.cf:2: wrong: Postfix cannot use the address inet:8891@127.0.0.1: ", "; write: smtpd_milters = inet:127.0.0.1:8891\n",
			dir + "/main.cf:3: wrong: milter_default_action is accept: ", dir + "/main.cf:5: note: milter_connect_timeout is 2s: ", "2 wrong: looked at"}, ""},
		{"main.cf itself", []string{"--postfix", dir + "/main.cf"}, 1, []string{dir + "/main.cf, " + dir + "/master.cf for"}, ""},
		{"another socket", []string{"--root", patients + "postfix", "--listen", "inet:8981@127.0.0.1"}, 1,
			[]string{"main.cf:51: wrong: luamilter does not listen on inet:127.0.0.1:8891", "write: luamilter = inet:127.0.0.1:8981\n"}, ""},
		{"longer hooks", []string{"--root", patients + "postfix", "-c", slow}, 1,
			[]string{"main.cf:58: wrong: milter_command_timeout is 45s: a hook may take 50s"}, ""},
		{"nothing there", []string{"--root", t.TempDir()}, 2, nil, "neither /etc/postfix/main.cf nor /etc/mail/sendmail.cf"},
		{"a folder without Postfix", []string{"--postfix", t.TempDir()}, 1, nil, "main.cf: no such file"},
		{"a socket that is none", []string{"--listen", "tcp:1"}, 2, nil, "write inet instead of tcp"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := run(append([]string{"doctor"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, part := range c.stdout {
				if !strings.Contains(stdout, part) {
					t.Errorf("stdout lacks %q", part)
				}
			}
			if !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("stderr lacks %q, or has more", c.stderr)
			}
			if t.Failed() {
				t.Logf("stdout:\n%sstderr:\n%s", stdout, stderr)
			}
		})
	}
}

func TestDoctorJSON(t *testing.T) {
	dir := ill(t)
	code, stdout, _ := run("doctor", "--json", "--postfix", dir)
	var d diagnosis
	if err := json.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatalf("%v:\n%s", err, stdout)
	}
	if code != 1 || d.Wrong != 2 || len(d.Findings) != 3 || len(d.LookedAt) != 2 || d.Listen[0] != "inet:8891@127.0.0.1" {
		t.Errorf("exit code %d, %+v", code, d)
	}
	if f := d.Findings[0]; f.File != dir+"/main.cf" || f.Line != 2 || f.Rank != "wrong" || f.Write != "smtpd_milters = inet:127.0.0.1:8891" {
		t.Errorf("first finding: %+v", f)
	}
}
