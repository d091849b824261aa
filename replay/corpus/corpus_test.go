package corpus

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree makes files in a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const (
	letter   = "From: a@example.com\n\nhello\n"
	fromLine = "From a@example.com Mon Jan  5 10:00:00 2026\n"
)

// TestFind looks for mail in a tree of all that there is.
func TestFind(t *testing.T) {
	root := tree(t, map[string]string{
		"one.eml": letter, "README": "no mail\n", "empty": "", "box": fromLine + letter, "deep/er/two": letter,
		"Maildir/cur/1:2,S": letter, "Maildir/new/2": letter, "Maildir/tmp/3": letter, "Maildir/.Sent/cur/4": letter, "Maildir/.Sent/new/5": letter,
		"Maildir/dovecot.index": "\x01\x02:", "tmp/6": letter, ".hidden.eml": letter,
	})
	files, skipped, err := Find([]string{root, filepath.Join(root, "README")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		name, _ := filepath.Rel(root, f.Path)
		got = append(got, fmt.Sprintf("%s %d %v", name, f.Size, f.Mbox))
	}
	want := []string{
		"Maildir/.Sent/cur/4 27 false", "Maildir/.Sent/new/5 27 false", "Maildir/cur/1:2,S 27 false", "Maildir/new/2 27 false",
		"box 71 true", "deep/er/two 27 false", "one.eml 27 false", "tmp/6 27 false", "README 8 false",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	if skipped != 3 {
		t.Errorf("%d files skipped, want 3", skipped)
	}
}

// TestFindWhatCannotBeRead takes it for mail, so that it is missed later.
func TestFindWhatCannotBeRead(t *testing.T) {
	root := tree(t, map[string]string{"a.eml": letter, "b.eml": letter, "c/d.eml": letter})
	allRead := os.Geteuid() == 0 // root reads everything
	for _, name := range []string{"b.eml", "c"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, "c"), 0o755) })
	files, skipped, err := Find([]string{root})
	if len(files) != 3 || skipped != 0 || err != nil {
		t.Fatalf("%v, %d skipped, %v", files, skipped, err)
	}
	for _, f := range files[1:] {
		if err := f.Read(func(Message) bool { return true }); (err == nil) != allRead {
			t.Errorf("%s is read with %v", f.Path, err)
		}
	}
}

// TestFindThroughLink looks through a folder that a link leads to.
func TestFindThroughLink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(tree(t, map[string]string{"a.eml": letter}), link); err != nil {
		t.Fatal(err)
	}
	files, _, err := Find([]string{link})
	if err != nil || len(files) != 1 || files[0].Path != filepath.Join(link, "a.eml") {
		t.Errorf("%v, %v", files, err)
	}
}

func TestFindNothing(t *testing.T) {
	_, _, err := Find([]string{filepath.Join(t.TempDir(), "none")})
	if err == nil || !strings.Contains(err.Error(), "none: no such file") {
		t.Errorf("got %v", err)
	}
}

// TestMbox compares the messages of mailboxes.
func TestMbox(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"one", fromLine + letter, "<a@example.com> From: a@example.com||hello|"},
		{"two", fromLine + "A: b\n\n1\n\n" + fromLine + "C: d\n\n2\n\n", "<a@example.com> A: b||1| <a@example.com> C: d||2|"},
		{"no last line end", fromLine + "A: b\n\n1", "<a@example.com> A: b||1"},
		{"CRLF", strings.ReplaceAll(fromLine+"A: b\n\n1\n\n"+fromLine+"C: d\n", "\n", "\r\n"), "<a@example.com> A: b||1| <a@example.com> C: d|"},
		{"null sender", "From MAILER-DAEMON Mon Jan  5 10:00:00 2026\nA: b\n", "<> A: b|"},
		{"unknown sender", "From - Mon Jan 05 10:00:00 2026\nA: b\n", "A: b|"},
		{"a time zone", "From a@example.com Mon Jan  5 10:00:00 +0100 2026\nA: b\n", "<a@example.com> A: b|"},
		{"text is no separator", fromLine + "A: b\n\n\nFrom here on\n\nFrom 10:00 to 11:00\n", "<a@example.com> A: b|||From here on||From 10:00 to 11:00|"},
		{"a separator follows an empty line", fromLine + "A: b\n\n1\n" + fromLine, "<a@example.com> A: b||1|From a@example.com Mon Jan  5 10:00:00 2026|"},
		{"mboxo", fromLine + "A: b\n\n>From me\n", "<a@example.com> A: b||From me|"},
		{"mboxrd", fromLine + "A: b\n\n>>From me\n>>>From\n", "<a@example.com> A: b||>From me|>>>From|"},
		{"a quotation in mboxrd", fromLine + "A: b\n\n>>x\n>>>From me\n>>y\n", "<a@example.com> A: b||>>x|>>From me|>>y|"},
		{"a quotation in mboxo", fromLine + "A: b\n\n>>x\n>>From me\n>>y\n", "<a@example.com> A: b||>>x|>>From me|>>y|"},
		{"an empty message", fromLine + "\n" + fromLine + "A: b\n", "<a@example.com> | <a@example.com> A: b|"},
		{"a long line", fromLine + "A: " + strings.Repeat("x", 200_000) + "\n\n1\n", "<a@example.com> A: " + strings.Repeat("x", 200_000) + "||1|"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := File{Path: filepath.Join(tree(t, map[string]string{"box": test.text}), "box"), Mbox: true}
			var got []string
			err := f.Read(func(m Message) bool {
				if m.Stored {
					got = append(got, "<"+m.Sender+">")
				}
				got = append(got, strings.ReplaceAll(strings.ReplaceAll(string(m.Text), "\r", ""), "\n", "|"))
				if want := fmt.Sprintf("%s#%d", f.Path, m.Number); m.Name() != want {
					t.Errorf("its name is %s, want %s", m.Name(), want)
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("got  %.300q\nwant %.300q", text, test.want)
			}
		})
	}
}

// TestReadStops reads no more than is wanted.
func TestReadStops(t *testing.T) {
	f := File{Path: filepath.Join(tree(t, map[string]string{"box": strings.Repeat(fromLine+"A: b\n\n", 5)}), "box"), Mbox: true}
	n := 0
	if err := f.Read(func(Message) bool { n++; return n < 2 }); err != nil || n != 2 {
		t.Errorf("%d messages, %v", n, err)
	}
}

// FuzzMbox reads whatever there is: no byte of a message's text may be made up.
func FuzzMbox(f *testing.F) {
	f.Add([]byte(fromLine + letter + "\n" + fromLine + ">>From x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		total := 0
		if err := readMbox(bufio.NewReader(bytes.NewReader(text)), func(m Message) bool { total += len(m.Text); return true }); err != nil {
			t.Fatal(err)
		}
		if total > len(text) {
			t.Errorf("%d bytes from %d", total, len(text))
		}
	})
}
