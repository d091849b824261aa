package doctor

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/doctor"
	"luamilter/engine"
	"luamilter/tests/mta"
)

// TestSendmailSourceAndResult makes sendmail.cf of sendmail.mc with m4 and Sendmail's own files: the doctor must find the same in both.
func TestSendmailSourceAndResult(t *testing.T) {
	m4, macros := mta.NeedProgram(t, "m4"), mta.SendmailMacros(t)
	const whole = "INPUT_MAIL_FILTER(`luamilter', `S=inet:8891@127.0.0.1, F=T, T=C:5m;S:30s;R:30s;E:5m')\n"
	cases := []struct{ name, text string }{
		{"no mistakes", whole},
		{"a second filter", "INPUT_MAIL_FILTER(`other', `S=local:/run/other')\n" + whole},
		{"quotes around a list", whole + "define(`confMILTER_MACROS_CONNECT', ``j, _, {daemon_name}, {client_addr}'')\n"},
		{"a list that is extended", whole + "define(`confMILTER_MACROS_CONNECT', confMILTER_MACROS_CONNECT`, {client_addr}')\n"},
		{"no filter", ""},
		{"commented out", "dnl " + whole},
		{"in a comment", "# " + whole},
		{"not asked", "MAIL_FILTER(`luamilter', `S=inet:8891@127.0.0.1, F=T, T=R:30s')\n"},
		{"asked by a list", "MAIL_FILTER(`luamilter', `S=inet:8891@127.0.0.1, F=T, T=R:30s')\ndefine(`confINPUT_MAIL_FILTERS', `luamilter')\n"},
		{"left out afterwards", whole + "define(`confINPUT_MAIL_FILTERS', `')\n"},
		{"an undefined name", whole + "define(`confINPUT_MAIL_FILTERS', `luamilter, lua')\n"},
		{"no flag, short limits", "INPUT_MAIL_FILTER(`luamilter',dnl where\n\t`S=inet:8891@127.0.0.1, T=R:5s;E:1m')\n"},
		{"Postfix' spelling", "INPUT_MAIL_FILTER(`luamilter', `S=inet:127.0.0.1:8891, F=R')\n"},
		{"a list without the user", whole + "define(`confMILTER_MACROS_ENVFROM', `i, {auth_type}')\n"},
		{"a listener of its own mind", whole + "DAEMON_OPTIONS(`Name=MSA, Port=587, M=E, InputMailFilters=')\n"},
	}
	spec, err := engine.ParseSpec(engine.DefaultSpec)
	if err != nil {
		t.Fatal(err)
	}
	filter := doctor.Filter{Sockets: []engine.Spec{spec}, CommandTime: 8 * time.Second, MessageTime: 4 * time.Minute}
	found := 0
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			mc, cf := filepath.Join(dir, "sendmail.mc"), filepath.Join(dir, "sendmail.cf")
			put(t, dir, "sendmail.mc", "divert(-1)\ndefine(`_CF_DIR_', `"+macros+"/')\ninclude(`"+macros+"/m4/cf.m4')\ndivert(0)\nOSTYPE(`linux')\n"+c.text+"MAILER(`smtp')\n")
			out, err := exec.Command(m4, mc).Output()
			if err != nil {
				t.Fatalf("m4: %v", err)
			}
			put(t, dir, "sendmail.cf", string(out))
			source, result := findings(t, mc, filter), findings(t, cf, filter)
			if !slices.Equal(source, result) {
				t.Errorf("in sendmail.mc:\n%s\nin sendmail.cf:\n%s", strings.Join(source, "\n"), strings.Join(result, "\n"))
			}
			found += len(source)
		})
	}
	if found < 8 {
		t.Errorf("only %d mistakes found in all", found)
	}
}

// findings are what the doctor finds in a file, without the lines.
func findings(t *testing.T, file string, f doctor.Filter) []string {
	t.Helper()
	list, err := doctor.Sendmail(file, f, "")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, found := range list {
		found.File, found.Line = "", 0
		texts = append(texts, found.String())
	}
	slices.Sort(texts)
	return texts
}
