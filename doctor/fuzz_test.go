package doctor

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

func fileMode(mode int) fs.FileMode { return fs.FileMode(mode) }

// seed adds a file of testdata and pieces that are hard to read.
func seed(f *testing.F, files ...string) []string {
	f.Helper()
	texts := []string{"", "\n", "=", "a", "a = $a", "smtpd_milters = ${x?{y}:{z}} { inet:1:2, a=b", "smtp inet n - y - - smtpd -o", "smtp inet n - y - - smtpd\n -o {smtpd_milters=}",
		"X, S=", "Xa,S=inet:1@b,T=R:1", "O Milter.macros.x=", "INPUT_MAIL_FILTER(`a', `S=", "define(`confINPUT_MAIL_FILTERS', `confINPUT_MAIL_FILTERS, a')"}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// FuzzPostfix examines any main.cf and master.cf. Each finding is one line and is about a line that there is.
func FuzzPostfix(f *testing.F) {
	texts := seed(f, "testdata/postfix/etc/postfix/main.cf", "testdata/postfix/etc/postfix/master.cf")
	for _, text := range texts {
		f.Add(text, texts[len(texts)-1])
		f.Add(texts[len(texts)-2], text)
	}
	f.Fuzz(func(t *testing.T, main, master string) {
		root := t.TempDir()
		if err := os.MkdirAll(root+"/etc/postfix", 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, root, mainFile, main)
		write(t, root, masterFile, master)
		findings, err := lookAtPostfix(stock(t, "inet:8891@127.0.0.1", inChroot), root)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, findings, map[string]string{mainFile: main, masterFile: master})
	})
}

// FuzzSendmail examines any sendmail.cf and sendmail.mc.
func FuzzSendmail(f *testing.F) {
	for _, text := range seed(f, "testdata/sendmail/etc/mail/sendmail.cf", "testdata/sendmail/etc/mail/sendmail.mc") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root := t.TempDir()
		if err := os.MkdirAll(root+"/etc/mail", 0o755); err != nil {
			t.Fatal(err)
		}
		for file, look := range map[string]examine{cfFile: lookAtCF, mcFile: lookAtMC} {
			write(t, root, file, text)
			findings, err := look(stock(t, "inet:8891@127.0.0.1", sendmailSocket), root)
			if err != nil {
				t.Fatal(err)
			}
			sound(t, findings, map[string]string{file: text})
		}
	})
}

// sound checks that findings are single lines about lines that there are.
func sound(t *testing.T, findings []Finding, files map[string]string) {
	t.Helper()
	for _, f := range findings {
		text, ok := files[f.File]
		if lines := strings.Count(text, "\n") + 1; ok && f.Line > lines {
			t.Errorf("%s has %d lines, found: %s", f.File, lines, f)
		}
		if f.File == "" || f.What == "" || f.Why == "" || strings.ContainsAny(f.String(), "\n\r\x00\x1b") {
			t.Errorf("found: %q", f)
		}
	}
}
