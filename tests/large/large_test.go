// Package large sends messages of 100 MiB through the daemon, and looks at what memory it takes to read and to change them.
package large

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// What a message has, and by how much the daemon may grow for it (resident, at its peak), in bytes.
const (
	size   = 100<<20 - 64<<10 // limits.message is 100 MiB, header and all
	growth = 16 << 20
)

// message is one of a kind, and what the script says of it.
type message struct {
	name, contentType, body string
	want                    string // of what the script saw
	edited                  func(before, after string) bool
}

const script = `
local function facts(msg)
	local out = { "parts " .. #msg.parts, "attachments " .. #msg.attachments, "signed " .. tostring(msg.is_signed) }
	for _, part in ipairs(msg.attachments) do
		out[#out + 1] = part.real_type .. " " .. part.size .. " " .. part:sha256():sub(1, 16)
		if part.is_archive then
			out[#out + 1] = "entries " .. #part:entries()
		end
	end
	out[#out + 1] = "found " .. tostring(msg.body:find("last words", 1, true) ~= nil)
	return table.concat(out, ", ")
end

function eom(conn, msg)
	msg:add_header("X-Facts", facts(msg))
	local ok, why = msg:add_footer{ text = "the footer" }
	msg:add_header("X-Footer", ok and "added" or why)
	msg:add_header("X-Then", "parts " .. #msg.parts)
end`

// noise is what no compression makes smaller.
func noise(n int) []byte {
	rnd := rand.NewChaCha8([32]byte{1})
	out := make([]byte, n)
	_, _ = rnd.Read(out) // it never fails
	return out
}

// base64Lines is content as mail has it.
func base64Lines(content []byte) string {
	all := base64.StdEncoding.EncodeToString(content)
	var out strings.Builder
	out.Grow(len(all) + len(all)/38)
	for len(all) > 76 {
		out.WriteString(all[:76] + "\r\n")
		all = all[76:]
	}
	out.WriteString(all + "\r\n")
	return out.String()
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])[:16]
}

// mixed is a text with an attachment.
func mixed(header, content string) string {
	return "--b\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n--b\r\n" + header + "\r\n\r\n" + content + "--b--\r\nlast words\r\n"
}

// withFooter reports whether the footer is in the text, and all else as it was.
func withFooter(before, after string) bool {
	return after == strings.Replace(before, "see the file\r\n", "see the file\r\n\r\nthe footer\r\n", 1)
}

func unchanged(before, after string) bool { return after == "" }

func messages(t *testing.T) []message {
	binary := noise(size / 78 * 57)
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for i := range 20 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("file %d.bin", i), Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(binary[i*len(binary)/21 : (i+1)*len(binary)/21]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	content := strings.Repeat("0123456789abcd\r\n", len(binary)/16-10)
	inner := "Content-Type: application/octet-stream\r\nContent-Disposition: attachment\r\n\r\n" + content
	text := strings.Repeat("a line of text that somebody wrote\r\n", size/36)
	return []message{
		{"an attachment", "multipart/mixed; boundary=b", mixed("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64", base64Lines(binary)),
			fmt.Sprintf("parts 3, attachments 1, signed false, application/octet-stream %d %s, found true", len(binary), hash(binary)), withFooter},
		{"an archive", "multipart/mixed; boundary=b", mixed("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64", base64Lines(archive.Bytes())),
			fmt.Sprintf("parts 3, attachments 1, signed false, application/zip %d %s, entries 20, found true", archive.Len(), hash(archive.Bytes())), withFooter},
		{"an attached message in base64", "multipart/mixed; boundary=b", mixed("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", base64Lines([]byte(inner))),
			fmt.Sprintf("parts 4, attachments 2, signed false, text/plain %d %s, text/plain %d %s, found true",
				len(inner), hash([]byte(inner)), len(content), hash([]byte(content))), withFooter},
		{"text", "text/plain", text + "last words\r\n",
			"parts 1, attachments 0, signed false, found true", unchanged},
	}
}

// A message of 100 MiB is taken apart, hashed and changed in little memory; what was not meant to change is as it was.
func TestLargeMessages(t *testing.T) {
	all, program := messages(t), mta.Static(t)
	for i := range all {
		m := &all[i]
		t.Run(m.name, func(t *testing.T) {
			spec := mta.UnixSpec(t)
			d := mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{script}, Program: program})
			path := strings.TrimPrefix(spec, "unix:")
			for range 3 { // what it needs anyway
				play(t, path, &message{contentType: "text/plain", body: "hello\r\n"})
			}
			before := resident(t, d.Pid())
			began := time.Now()
			facts, footer, after := play(t, path, m)
			took := time.Since(began)
			peak := resident(t, d.Pid())
			t.Logf("%d MiB in %v: %d KiB before, %d KiB more at the peak", len(m.body)>>20, took.Round(time.Millisecond), before>>10, (peak-before)>>10)
			if facts != m.want {
				t.Errorf("the script saw %q, want %q", facts, m.want)
			}
			if !m.edited(m.body, after) {
				t.Errorf("the body of %d bytes was changed to one of %d (%s): %.100q", len(m.body), len(after), footer, after)
			}
			if peak-before > growth {
				t.Errorf("the daemon grew by %d KiB, at most %d are allowed", (peak-before)>>10, growth>>10)
			}
		})
	}
}

// play sends a message, and returns what the script said and the new body, "" for none.
func play(t *testing.T, path string, m *message) (facts, footer, body string) {
	t.Helper()
	nc, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.NewClient(nc, 5*time.Minute)
	defer c.Close()
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	for _, ev := range []protocol.Event{
		&protocol.Mail{Sender: []byte("<a@example.org>")}, &protocol.Rcpt{Recipient: []byte("<b@example.com>")}, &protocol.Data{},
		&protocol.Header{Name: []byte("Content-Type"), Value: []byte(m.contentType)}, &protocol.EndOfHeader{},
	} {
		if _, err := c.Send(ev); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Body([]byte(m.body)); err != nil {
		t.Fatal(err)
	}
	changes, reply, _, err := c.EndOfMessage()
	if err != nil || reply.Verdict != protocol.Continue {
		t.Fatal(reply, err)
	}
	var out strings.Builder
	for _, ch := range changes {
		switch {
		case ch.Response == protocol.RespReplBody:
			out.Write(ch.Body)
		case ch.Name == "X-Facts":
			facts = strings.ReplaceAll(ch.Value, "\n", "")
		case ch.Name == "X-Footer":
			footer = ch.Value
		}
	}
	return facts, footer, out.String()
}

// resident returns the most memory that a process had since this was last asked, in bytes.
func resident(t *testing.T, pid int) int64 {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		mta.Skip(t, "there is no /proc to tell of memory")
	}
	defer f.Close()
	peak := int64(-1)
	for in := bufio.NewScanner(f); in.Scan(); {
		if rest, ok := strings.CutPrefix(in.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			peak = kib << 10
		}
	}
	if peak < 0 {
		t.Fatal("the process has no peak of memory")
	}
	const forgetPeak = "5" // proc(5), clear_refs
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte(forgetPeak), 0); err != nil {
		t.Fatal(err)
	}
	return peak
}
