// Package doctor compares what luamilter makes of a Postfix configuration with what Postfix itself does: for each parameter, in main.cf and
// with the -o of a service, postconf has the last word.
package doctor

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/doctor"
	"luamilter/tests/mta"
)

// master is the master.cf of the small configurations below.
const master = `smtp      inet  n       -       y       -       -       smtpd
submission inet n       -       n       -       -       smtpd -o milter_default_action=accept
  -o syslog_name=postfix/submission
# a comment, and an empty line

  -o { smtpd_milters = { inet:127.0.0.1:2, command_timeout=5s }, ${mail_owner} } -o milter_macro_daemon_name=ORIGINATING
  -o
  milter_protocol=${milter_protocol?4} -v
  -o milter_connect_macros=$milter_mail_macros
  -o { milter_helo_macros =   { a, b }, $milter_protocol }
  -o milter_rcpt_macros=
cleanup   unix  n       -       y       -       0       cleanup
`

// milterParameters are looked at in main.cf of every configuration.
var milterParameters = []string{
	"smtpd_milters", "non_smtpd_milters", "smtpd_milter_maps", "milter_default_action", "milter_protocol", "milter_connect_timeout",
	"milter_command_timeout", "milter_content_timeout", "milter_connect_macros", "milter_helo_macros", "milter_mail_macros",
	"milter_rcpt_macros", "milter_data_macros", "milter_end_of_header_macros", "milter_end_of_data_macros", "milter_unknown_command_macros",
	"milter_macro_daemon_name", "milter_macro_defaults", "queue_directory", "mail_owner", "compatibility_level", "config_directory",
	"command_directory", "data_directory", "mail_name", "myhostname", "mydomain", "content_filter", "receive_override_options", "smtpd_proxy_filter",
}

// overridden are looked at for the service submission/inet.
var overridden = []string{"milter_default_action", "milter_connect_macros", "smtpd_milters", "milter_helo_macros", "milter_protocol",
	"milter_macro_daemon_name", "milter_rcpt_macros"}

func TestParametersAsPostconfHasThem(t *testing.T) {
	postconf := mta.NeedProgram(t, "postconf")
	cases := []struct{ name, main string }{
		{"nothing", ""},
		{"plain", "smtpd_milters = inet:127.0.0.1:8891\nnon_smtpd_milters=$smtpd_milters\nmilter_default_action  =  accept  \n"},
		{"the later holds", "milter_protocol = 2\nmilter_protocol = 3\nmilter_protocol=\n\t4\n"},
		{"continued", "smtpd_milters =\n# comment\n  inet:127.0.0.1:1,\n\n \t\n\t# another\n  unix:/x\n   , unix:y\nmilter_protocol = 6\n"},
		{"comments", "#smtpd_milters = a\n  # smtpd_milters = b\nsmtpd_milters = unix:c # not a comment\n"},
		{"empty", "smtpd_milters =\nmilter_protocol=\nmilter_mail_macros =\n  \n"},
		{"CRLF", "smtpd_milters = unix:a\r\nmilter_protocol = 4\r\n"},
		{"no newline at the end", "smtpd_milters = unix:a"},
		{"references", "a = 1\nb = $a$a\nsmtpd_milters = $a ${b} $(a) $none|$$a|${none}x$b.y\nnon_smtpd_milters = $smtpd_milters $b"},
		{"choices", "a = 1\ne =\nsmtpd_milters = ${a?x}${a:y}|${e?x}${e:y}|${none?x}${none:y}|${a?{p}:{q}}|${e ? {p}:{q}}|${ a }|${ a ? {p} }|${e?{p}:{q}}|${e?{p}:q}|${a? x }|${a?{ x }}|$(a?x)\n"},
		{"choices in choices", "a = 1\ne =\nsmtpd_milters = ${a?{${e?{1}:{2 ${a}}}}}|${e:{${a?${a}}}}|${queue_directory?{${mail_owner?{deep $mail_owner}}}}\n"},
		{"comparisons", "a = 1\nsmtpd_milters = ${{$a}=={1}}|${{$a}=={2}}|${{$a} != {2} ? {y} : {n}}|${{9}<{10}?{y}:{n}}|${{9}>{1x}?{y}:{n}}|${{b}<={a}?{y}:{n}}|${{b}>={a}:{n}}|${ {a} == {a} ? {y} : {n} }\n"},
		{"levels", "compatibility_level = 3.6\nsmtpd_milters = ${{$compatibility_level} <level {3.10} ? {y} : {n}}|${{$compatibility_level} >=level {3} ? {y} : {n}}|${{3.6.1} >level {3.6}?{y}:{n}}|${{2}==level{2.0}?{y}:{n}}\n"},
		{"names of the host", "myhostname = mx.example.com\nmydestination = $myhostname $mydomain\nsmtpd_milters = $mydomain $milter_macro_daemon_name\n"},
		{"the domain is set", "mydomain = example.org\nmyhostname = mx.$mydomain\nsmtpd_milters = $myhostname\n"},
		{"settings of luamilter's own", "luamilter = { inet:127.0.0.1:8891, command_timeout=20s, default_action=tempfail }\nsmtpd_milters = inet:127.0.0.1:1 $luamilter\nqueue_directory = /srv/queue\n"},
		{"what Debian installs", debian(t)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			main := c.main
			if !strings.Contains(main, "myhostname") { // or it is the machine's own
				main = "myhostname = mx.example.com\n" + main
			}
			put(t, dir, "main.cf", main)
			put(t, dir, "master.cf", master)
			compare(t, dir, "", ask(t, postconf, append([]string{"-c", dir, "-x"}, milterParameters...)...), len(milterParameters))
			var names []string
			for _, name := range overridden {
				names = append(names, "submission/inet/"+name)
			}
			compare(t, dir, "submission/inet", ask(t, postconf, append([]string{"-c", dir, "-Px"}, names...)...), len(names))
		})
	}
}

// debian is the main.cf of Debian's package as the tests of package doctor extend it.
func debian(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../doctor/testdata/postfix/etc/postfix/main.cf")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestBrokenParameters has texts that postconf refuses, as luamilter must.
func TestBrokenParameters(t *testing.T) {
	postconf := mta.NeedProgram(t, "postconf")
	for _, text := range []string{"$smtpd_milters", "${a", "$(a", "a $", "$-", "${x y}", "${a?{x}y}", "${{a}}", "${{a}~{b}}", "${{a}=={b}"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel() // postconf waits a second before it gives up
			dir := t.TempDir()
			put(t, dir, "main.cf", "a = 1\nsmtpd_milters = "+text+"\n")
			put(t, dir, "master.cf", master)
			out, err := exec.Command(postconf, "-c", dir, "-xh", "smtpd_milters").CombinedOutput()
			if err == nil {
				t.Errorf("postconf takes it: %s", out)
			}
			if value, err := doctor.Parameter(dir, "", "", "smtpd_milters"); err == nil {
				t.Errorf("taken, as %q; postconf says %s", value, out)
			}
		})
	}
}

// put writes a file that is an hour old: postconf waits for one that was just written, in case more comes.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

// ask returns what postconf prints, without its warnings.
func ask(t *testing.T, postconf string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(postconf, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("postconf %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String()
}

// compare compares our values with the lines "name = value" that postconf prints. White space is no difference: postconf folds it.
func compare(t *testing.T, dir, service, printed string, many int) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	if len(lines) != many {
		t.Fatalf("postconf prints %d lines for %d parameters:\n%s", len(lines), many, printed)
	}
	for _, line := range lines {
		name, want, _ := strings.Cut(line, "=")
		name = strings.TrimPrefix(strings.TrimSpace(name), service+"/")
		got, err := doctor.Parameter(dir, "", service, name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " "); got != want {
			t.Errorf("%s %s is %q, postconf has %q", service, name, got, want)
		}
	}
}
