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
	filter, root := stock(f, "inet:8891@127.0.0.1", inChroot), f.TempDir()
	f.Fuzz(func(t *testing.T, main, master string) {
		p := &postfix{filter: filter, root: root, accounts: readAccounts("testdata/postfix"), others: map[string]bool{}}
		p.examine(parseMainCF(mainFile, main), masterFile, master)
		sound(t, p.sorted(), map[string]string{mainFile: main, masterFile: master})
	})
}

// FuzzSendmail examines any sendmail.cf and sendmail.mc.
func FuzzSendmail(f *testing.F) {
	for _, text := range seed(f, "testdata/sendmail/etc/mail/sendmail.cf", "testdata/sendmail/etc/mail/sendmail.mc") {
		f.Add(text)
	}
	filter, root := stock(f, "inet:8891@127.0.0.1", sendmailSocket), f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		for _, file := range []string{cfFile, mcFile} {
			s := &sendmail{filter: filter, root: root, accounts: readAccounts("testdata/sendmail")}
			s.examine(file, text)
			sound(t, s.sorted(), map[string]string{file: text})
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
