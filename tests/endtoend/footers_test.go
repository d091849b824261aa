package endtoend

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/quotedprintable"
	"os"
	"os/exec"
	"strings"
	"testing"

	"luamilter/luaapi/charset"
	"luamilter/tests/mta"
)

// footerScript adds a banner and a footer, of characters that every charset below has, or that its encoder has to write otherwise.
const footerScript = `
function eom(conn, msg)
  assert(msg:add_banner{ text = "BANNER: from outside", once = true })
  assert(msg:add_footer{ text = "FOOTER: Example Ltd.", html = "<p>FOOTER: Example Ltd.</p>", once = true })
  assert(not msg:add_footer{ text = "FOOTER: Example Ltd.", html = "<p>FOOTER: Example Ltd.</p>", once = true })
end`

// footerTexts are a text in each charset.
var footerTexts = map[string]string{
	"utf-8": "Grüße, 世界 🙂", "iso-8859-1": "Grüße", "iso-2022-jp": "こんにちは世界", "gb18030": "你好，世界",
}

// textPart is a part with a text in a charset and a transfer encoding.
func textPart(t *testing.T, kind, name, encoding, text string) string {
	t.Helper()
	b, ok := charset.Encode(name, strings.ReplaceAll(text, "\n", "\r\n"))
	if !ok {
		t.Fatalf("%q cannot be written in %s", text, name)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "Content-Type: text/%s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n", kind, name, encoding)
	switch encoding {
	case "base64":
		out.WriteString(base64Lines(base64.StdEncoding.EncodeToString(b)))
	case "quoted-printable":
		w := quotedprintable.NewWriter(&out)
		if _, err := w.Write(b); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
	default:
		out.Write(b)
	}
	return out.String() + "\r\n"
}

// base64Lines breaks base64 into lines.
func base64Lines(s string) string {
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return out.String() + s
}

// multi puts parts together.
func multi(kind, boundary string, parts ...string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Content-Type: multipart/%s; boundary=%q\r\n\r\n", kind, boundary)
	for _, p := range parts {
		out.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	return out.String() + "--" + boundary + "--\r\n"
}

// footerMessages are messages in every charset, transfer encoding and structure, without the fields that all have.
func footerMessages(t *testing.T, attachment []byte) map[string]string {
	file := "Content-Type: application/octet-stream; name=data.bin\r\nContent-Disposition: attachment; filename=data.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64Lines(base64.StdEncoding.EncodeToString(attachment)) + "\r\n"
	out := map[string]string{}
	for name, text := range footerTexts {
		for _, encoding := range []string{"8bit", "quoted-printable", "base64"} {
			plain := textPart(t, "plain", name, encoding, text+"\nsecond line\n")
			html := textPart(t, "html", name, encoding, "<html><body><p>"+text+"</p></body></html>")
			key := name + " " + encoding
			out[key+" plain"] = plain
			out[key+" html"] = html
			out[key+" alternative"] = multi("alternative", "alt", plain, html)
			out[key+" mixed"] = multi("mixed", "mix", multi("alternative", "alt", plain, html), file)
			out[key+" related"] = multi("related", "rel", html, strings.Replace(file, "attachment", "inline", 1))
			out[key+" forwarded"] = multi("mixed", "mix", plain, "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n"+multi("mixed", "in", plain, file))
		}
	}
	return out
}

// leaf is a part as Python reads it.
type leaf struct {
	Attached           bool
	Type, Name, SHA256 string
	Text               string
}

// footers has a banner and a footer added to all kinds of messages: what arrives is read by Python, which must find both once in each text
// that people read, nowhere in what is attached, and the attachment as it was sent.
func footers(t *testing.T, s *site) {
	python := mta.NeedProgram(t, "python3")
	s.daemon(t, footerScript)
	attachment := bytes.Repeat([]byte("\x00\x01binary\xff\r\n"), 500)
	want := fmt.Sprintf("%x", sha256.Sum256(attachment))
	c := s.hello(t, "")
	var names []string
	var arrived [][]byte
	for name, message := range footerMessages(t, attachment) {
		c.Deliver("a@test.example", []string{"b@dest.example"}, mta.CRLF(rest)+"MIME-Version: 1.0\r\n"+message)
		names, arrived = append(names, name), append(arrived, s.sink.Next(t).Data)
	}
	c.Quit()
	for i, leaves := range readByPython(t, python, arrived) {
		checkFooters(t, names[i], leaves, want)
	}
}

// readByPython returns the leaves of each message.
func readByPython(t *testing.T, python string, messages [][]byte) [][]leaf {
	t.Helper()
	var questions strings.Builder
	for _, m := range messages {
		questions.WriteString(base64.StdEncoding.EncodeToString(m) + "\n")
	}
	cmd := exec.Command(python, "../edits/read.py")
	cmd.Stdin, cmd.Stderr = strings.NewReader(questions.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]leaf
	for answer := range strings.Lines(string(out)) {
		var leaves []leaf
		if err := json.Unmarshal([]byte(answer), &leaves); err != nil {
			t.Fatal(err)
		}
		all = append(all, leaves)
	}
	if len(all) != len(messages) {
		t.Fatalf("Python read %d of %d messages", len(all), len(messages))
	}
	return all
}

func checkFooters(t *testing.T, name string, leaves []leaf, attachment string) {
	t.Helper()
	texts := 0
	for _, l := range leaves {
		banner, footer := strings.Count(l.Text, "BANNER:fromoutside"), strings.Count(l.Text, "FOOTER:ExampleLtd.")
		switch {
		case l.Name == "data.bin":
			if l.SHA256 != attachment {
				t.Errorf("%s: the attachment is another", name)
			}
		case l.Attached:
			if banner+footer > 0 {
				t.Errorf("%s: something was added to the attached message", name)
			}
		default:
			texts++
			if banner != 1 || footer != 1 || !strings.HasPrefix(l.Text, "BANNER:") || !strings.HasSuffix(l.Text, "Ltd.") {
				t.Errorf("%s: %s reads %q", name, l.Type, l.Text)
			}
			for charset, text := range footerTexts {
				if strings.HasPrefix(name, charset+" ") && !strings.Contains(l.Text, strings.ReplaceAll(text, " ", "")) {
					t.Errorf("%s: the text is lost: %q", name, l.Text)
				}
			}
		}
	}
	if texts == 0 {
		t.Errorf("%s: there is no text", name)
	}
}

// signScript signs a message by DKIM, and verifyScript verifies it, with the key in the place of the DNS.
const (
	signScript = `
import base64, dkim, sys
pem = open(sys.argv[1], "rb").read()
message = sys.stdin.buffer.read()
sys.stdout.buffer.write(dkim.sign(message, b"test", b"test.example", pem, include_headers=[b"from", b"to", b"subject", b"date"], canonicalize=(b"relaxed", b"relaxed")) + message)`
	verifyScript = `
import dkim, sys
record = open(sys.argv[1], "rb").read()
print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: record))`
)

// signedByDKIM has header fields edited that a DKIM signature does not cover: it still verifies.
func signedByDKIM(t *testing.T, s *site) {
	python := mta.NeedProgram(t, "python3")
	if !importsDKIM(python) {
		python = "/usr/bin/python3" // Debian's, for which it is packaged
	}
	if !importsDKIM(python) {
		mta.Skip(t, "Python's dkim is not installed (Debian: python3-dkim)")
	}
	private, public := dkimKey(t)
	s.daemon(t, `
function eom(conn, msg)
  msg:prepend_header("X-Top", "1")
  msg:add_header("X-Spam-Score", "0.1")
  msg:change_header("X-Old", "changed")
  msg:delete_header("X-Gone")
  msg:insert_header(1, "X-Inserted", "here")
end`)
	message := []byte(mta.CRLF("From: a@test.example\nTo: b@dest.example\nSubject: gr=?utf-8?q?=C3=BC?=n\nDate: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <1@test.example>\nX-Old: old\nX-Gone: gone\n\nhello\n\n  blanks  \n"))
	signed := pipe(t, exec.Command(python, "-c", signScript, private), message)
	if got := pipe(t, exec.Command(python, "-c", verifyScript, public), signed); strings.TrimSpace(string(got)) != "True" {
		t.Fatalf("the signature is not good to begin with: %s", got)
	}
	c := s.hello(t, "")
	c.Deliver("a@test.example", []string{"b@dest.example"}, string(signed))
	c.Quit()
	got := s.sink.Next(t).Data
	for _, part := range []string{"X-Top: 1", "X-Spam-Score: 0.1", "X-Old: changed", "X-Inserted: here"} {
		if !bytes.Contains(got, []byte(part)) {
			t.Errorf("%q is missing in\n%s", part, quote(string(got)))
		}
	}
	if verdict := pipe(t, exec.Command(python, "-c", verifyScript, public), got); strings.TrimSpace(string(verdict)) != "True" {
		t.Errorf("the signature does not verify any more:\n%s", quote(string(got)))
	}
}

func importsDKIM(python string) bool { return exec.Command(python, "-c", "import dkim").Run() == nil }

// pipe runs a program and returns what it makes of its input.
func pipe(t *testing.T, cmd *exec.Cmd, in []byte) []byte {
	t.Helper()
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
