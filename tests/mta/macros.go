package mta

import (
	"fmt"
	"os/exec"
	"testing"
)

// SendmailConfiguration makes a sendmail.cf of lines for sendmail.mc, as make -C /etc/mail does.
func SendmailConfiguration(t testing.TB, lines string) string {
	t.Helper()
	macros := NeedCached(t, "usr/share/sendmail/cf")
	source := Dir(t) + "/sendmail.mc"
	write(t, fmt.Sprintf("divert(-1)\ndefine(`_CF_DIR_', `%[1]s/')\ninclude(`%[1]s/m4/cf.m4')\ndivert(0)\nOSTYPE(`linux')\n%[2]s\nMAILER(`smtp')\n",
		macros, lines), source)
	return run(t, exec.Command(NeedProgram(t, "m4"), source))
}
