package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLogicalLines(t *testing.T) {
	text := "# c\n\n  lost\na = 1\n# in between\n\n\tb\n  \n c  \r\nd=2\n"
	want := []string{"4: a = 1\tb c", "10: d=2"}
	var got []string
	for _, l := range logicalLines(text) {
		got = append(got, fmt.Sprintf("%d: %s", l.number(0), l.text))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	l := logicalLines(text)[0]
	for part, number := range map[string]int{"a": 4, "1": 4, "b": 7, "c": 9} {
		if n := l.number(strings.Index(l.text, part)); n != number {
			t.Errorf("%s is on line %d, want %d", part, n, number)
		}
	}
}

func TestExpand(t *testing.T) {
	main := parseMainCF("/etc/postfix/main.cf", "a = 1\nb = $a$a\nempty =\nself = x$self\nmyhostname = mx.example.com\nlevel = 3.6\nlong = "+strings.Repeat("x", 1000)+
		"\nl2 = "+strings.Repeat("$long", 10)+"\nl3 = "+strings.Repeat("$l2", 10)+"\n")
	cases := []struct{ text, want string }{
		{"plain", "plain"}, {"$a", "1"}, {"${a}", "1"}, {"$(a)", "1"}, {"$b-$a.", "11-1."}, {"$none|", "|"}, {"$$a$$", "$a$"},
		{"${a?yes}", "yes"}, {"${a:no}", ""}, {"${empty?yes}", ""}, {"${empty:no}", "no"}, {"${none:no}", "no"},
		{"${a?{yes}:{no}}", "yes"}, {"${empty? {yes} : {no} }", "no"}, {"${a?{yes}:no}", "yes"}, {"${ a }", "1"}, {"${ a ? {yes} }", "yes"}, {"${a?$b}", "11"}, {"${a??x:{y}z}", "?x:{y}z"},
		{"${{1}=={1}}", "true"}, {"${{1}=={2}}", ""}, {"${{$a} == {1} ? {same} : {other}}", "same"}, {"${{9}<{10}?{number}:{text}}", "number"}, {"${{9} < {1x}?{text}:{number}}", "number"},
		{"${{$level} <level {3.10} ? {old} : {new}}", "old"}, {"${{$level} >=level {3} ? {new} : {old}}", "new"}, {"${{a}!={b}:no}", ""},
		{"$mydomain $config_directory $queue_directory", "example.com /etc/postfix /var/spool/postfix"},
	}
	for _, c := range cases {
		if got, err := (scope{main: main}).expand(c.text); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
	for text, want := range map[string]error{
		"${a": errUnclosed, "$(a": errUnclosed, "$-": errNoName, "x $": errNoName, "${a b}": errBadName, "${}": errBadName, "$self": errTooDeep, "$l3": errTooLong,
		"${a?{x}y}": errBadChoice, "${a?{x}:{y}z}": errBadChoice, "${{a}}": errBadTest, "${{a}=={b": errUnclosed, "${{a}~{b}}": errBadTest, "${{a}==b}": errBadTest, "${{a}=={b}x}": errBadChoice,
	} {
		if got, err := (scope{main: main}).expand(text); err != want {
			t.Errorf("%s: %.40q, %v; want %v", text, got, err, want)
		}
	}
}

func TestMasterCF(t *testing.T) {
	services, broken := parseMasterCF("m", `smtp inet n - - - - smtpd
# comment
  -v -o a=1
  -o { b = two words } -oc=3
  # comment
  -o
  d=$e,{f}
short inet n
smtp unix - n y - - smtp
smtp inet n - n - - smtpd -o last=1
[::1]:587 inet n - n - - smtpd
`)
	if len(services) != 3 || len(broken) != 1 || broken[0].line != 8 {
		t.Fatalf("%d services, broken: %v", len(services), broken)
	}
	for i, want := range []string{"smtp inet - n smtpd 10", "smtp unix n y smtp 9", "[::1]:587 inet - n smtpd 11"} {
		s := services[i]
		if got := fmt.Sprintf("%s %s %s %s %s %d", s.name, s.kind, s.unpriv, s.chroot, s.command, s.line); got != want {
			t.Errorf("service %q, want %q", got, want)
		}
	}
	if got := services[0].options["last"]; got != (setting{"1", place{"m", 10}}) {
		t.Errorf("last is %v", got)
	}
	if !services[2].submission() || services[1].submission() {
		t.Error("submission is taken for something else")
	}
	first, _ := parseMasterCF("m", "smtp inet n - - - - smtpd\n  -v -o a=1\n  -o { b = two words } -oc=3\n# comment\n  -o\n  d=$e,{f}\n")
	want := map[string]setting{"a": {"1", place{"m", 2}}, "b": {"two words", place{"m", 3}}, "c": {"3", place{"m", 3}}, "d": {"$e,{f}", place{"m", 6}}}
	if got := first[0].options; !maps.Equal(got, want) {
		t.Errorf("options %v, want %v", got, want)
	}
}

func TestAddresses(t *testing.T) {
	cases := []struct {
		text     string
		postfix  string // as read; or, with ! before it, what to write instead
		sendmail string
	}{
		{"inet:127.0.0.1:8891", "127.0.0.1 8891 ", "!inet:8891@127.0.0.1"},
		{"inet:[2001:db8::1]:8891", "2001:db8::1 8891 ", "!inet:8891@2001:db8::1"},
		{"inet:8891", " 8891 ", "!inet:8891@127.0.0.1"},
		{"inet:8891@mx.example.com", "!inet:mx.example.com:8891", "mx.example.com 8891 "},
		{"inet6:8891@::1", "!inet:[::1]:8891", "::1 8891 "},
		{"inet:8891@", "!inet:127.0.0.1:8891", " 8891 "},
		{"unix:/run/m", "  /run/m", "  /run/m"},
		{"unix:run/m", "  run/m", "!"},
		{"local:/run/m", "!unix:/run/m", "  /run/m"},
		{"/run/m", "!unix:/run/m", "  /run/m"},
		{"tcp:127.0.0.1:8891", "!inet:127.0.0.1:8891", "!inet:127.0.0.1:8891"},
		{"inet:nowhere", "!", "!inet:nowhere@127.0.0.1"},
		{"inet:99999@127.0.0.1", "!inet:127.0.0.1:99999", "!"},
		{"smtp:8891", "!", "!"},
		{"", "!", "!"},
	}
	show := func(a address, bad *misspelt) string {
		if bad != nil {
			return "!" + bad.write
		}
		return a.host + " " + a.port + " " + a.path
	}
	for _, c := range cases {
		if got := show(postfixAddress(c.text)); got != c.postfix {
			t.Errorf("Postfix, %s: %q, want %q", c.text, got, c.postfix)
		}
		if got := show(sendmailAddress(c.text)); got != c.sendmail {
			t.Errorf("Sendmail, %s: %q, want %q", c.text, got, c.sendmail)
		}
	}
}

func TestMilterList(t *testing.T) {
	list := parseMilters("inet:a:1,unix:b  { inet:c:3, command_timeout=5s , {protocol = 4}, default_action = accept }")
	var got []string
	for _, m := range list {
		got = append(got, strings.TrimSpace(fmt.Sprintln(m.address, m.options, m.strange)))
	}
	want := []string{"inet:a:1 map[] []", "unix:b map[] []", "inet:c:3 map[command_timeout:5s protocol:4] [default_action = accept]"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]time.Duration{"30": 30 * time.Second, "30s": 30 * time.Second, "5m": 5 * time.Minute, "1h": time.Hour, "2d": 48 * time.Hour, "1w": 168 * time.Hour, "": 0, "0": 0, "s": 0, "-1s": 0, "1x": 0, "1.5s": 0} {
		if got, ok := postfixTime(text); ok != (want > 0) || ok && got != want {
			t.Errorf("Postfix, %q: %v, %v; want %v", text, got, ok, want)
		}
	}
	for text, want := range map[string]time.Duration{"30": 30 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "1m5": 65 * time.Second, "": 0, "m": 0, "5x": 0} {
		if got, ok := sendmailTime(text); ok != (want > 0) || ok && got != want {
			t.Errorf("Sendmail, %q: %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestM4Calls(t *testing.T) {
	if calls := m4Calls("# A(a)\ninclude(`m4/cf.m4')\n# B(b)\n"); len(calls) != 2 || calls[1].name != "B" {
		t.Errorf("comments and cf.m4: %v", calls)
	}
	text := "dnl A(`no')\n# B(no)\nC(`a, b', c d (e, f), `g `h' i')D\n`E(no)'\ndefine(`x',dnl comment, (\n`y')dnl F(no)\nG()H(`open"
	var got []string
	for _, c := range m4Calls(text) {
		got = append(got, fmt.Sprintf("%d %s %s", c.line, c.name, strings.Join(c.args, "|")))
	}
	want := []string{"3 C `a, b'| c d (e, f)| `g `h' i'", "5 define `x'|`y'", "7 G ", "7 H `open"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestMay(t *testing.T) {
	u := account{uid: 102, gid: 105, groups: []int{105, 998}}
	cases := []struct {
		owner, group, mode int
		want               bool
	}{
		{102, 0, 0o200, true}, {102, 105, 0o060, false}, {0, 998, 0o660, true}, {0, 998, 0o602, false}, {0, 0, 0o666, true}, {0, 0, 0o660, false},
	}
	for _, c := range cases {
		if got := u.may(2, c.owner, c.group, fileMode(c.mode)); got != c.want {
			t.Errorf("owner %d, group %d, mode %o: %v", c.owner, c.group, c.mode, got)
		}
	}
	if !(account{}).may(2, 5, 5, 0) {
		t.Error("root may not")
	}
}
