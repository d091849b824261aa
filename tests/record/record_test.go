// Package record has the daemon record sessions of real mail servers, and plays them back.
package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// servers are the real ones, with a filter.
var servers = []struct {
	name  string
	start func(testing.TB, mta.Options) *mta.Server
}{
	{"postfix", mta.Postfix},
	{"sendmail", mta.Sendmail},
}

// script hears of all stages and changes what can be changed.
const script = `
function connect(conn) conn.seen = {} return nil or continue end
function helo(conn, name) if name == "bad.example" then return reject("5.7.1", "not " .. name) end end
function mail(conn, sender, params)
  if sender == "refused@test.example" then return reject("5.7.1", "not you") end
end
function rcpt(conn, recipient)
  if recipient == "nobody@dest.example" then return reject(550, "5.1.1", "no such user") end
  if recipient == "later@dest.example" then return tempfail("come back") end
end
function header(conn, name, value) conn.fields = (conn.fields or 0) + 1 end
function body(conn, chunk) conn.bytes = (conn.bytes or 0) + #chunk end
function eom(conn, msg)
  if msg:header("Subject") == "spam" then return reject("5.7.1", "no spam") end
  msg:add_header("X-Facts", conn.fields .. " " .. conn.bytes .. " " .. (conn.tls and "tls" or "plain") .. " " .. (conn.macros.j or "?"))
  msg:change_header("Subject", "[seen] " .. msg:header("Subject"))
  msg:delete_header("X-Gone")
  msg:add_recipient("archive@dest.example")
  msg:replace_body(msg.body .. "bye\r\n")
end
`

// text is a message.
func text(subject string) string {
	return "From: a@test.example\r\nTo: b@dest.example\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\nMessage-ID: <" + subject + "@test.example>\r\n" +
		"Subject: " + subject + "\r\nX-Gone: 1\r\nX-Fold: one\r\n\ttwo\r\n\r\nhello\r\n.dot\r\n" + strings.Repeat(strings.Repeat("z", 70)+"\r\n", 1000)
}

// talk is a client with several messages, some of which are refused.
func talk(t *testing.T, s *mta.Server) {
	t.Helper()
	c := mta.Dial(t, s.Addr)
	c.Expect("EHLO client.example", "250")
	c.StartTLS()
	c.Expect("EHLO client.example", "250")
	c.Expect("MAIL FROM:<refused@test.example>", "550")
	c.Expect("MAIL FROM:<a@test.example> SIZE=1000", "250")
	c.Expect("RCPT TO:<nobody@dest.example>", "550")
	c.Expect("RCPT TO:<later@dest.example>", "451")
	c.Expect("RCPT TO:<b@dest.example>", "250")
	c.Expect("DATA", "354")
	if reply := c.Message(text("first")); !strings.HasPrefix(reply, "250") {
		t.Fatalf("first message: %s", reply)
	}
	c.Expect("MAIL FROM:<a@test.example>", "250")
	c.Expect("RCPT TO:<b@dest.example>", "250")
	c.Expect("RSET", "250")
	c.Expect("MAIL FROM:<a@test.example>", "250")
	c.Expect("RCPT TO:<b@dest.example>", "250")
	c.Expect("RCPT TO:<c@dest.example>", "250")
	c.Expect("DATA", "354")
	if reply := c.Message(text("spam")); !strings.HasPrefix(reply, "550 5.7.1 no spam") {
		t.Fatalf("second message: %s", reply)
	}
	c.Deliver("", []string{"b@dest.example"}, text("third"))
	c.Quit()
}

// replay runs luamilter replay, and returns its exit code and what it writes.
func replay(t *testing.T, script string, args ...string) (int, string) {
	t.Helper()
	path := filepath.Join(mta.Dir(t), "filter.lua")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(mta.Luamilter(t), append([]string{"replay", "-s", path, "--fail-on-difference"}, args...)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// recorded has a session of a real mail server recorded, and returns the folder.
func recorded(t *testing.T, start func(testing.TB, mta.Options) *mta.Server, args ...string) string {
	t.Helper()
	sink, spec, dir := mta.NewSink(t), mta.UnixSpec(t), filepath.Join(mta.Dir(t), "recordings")
	server := start(t, mta.Options{Filters: []mta.Filter{{Milter: spec}}, Relay: sink.Addr, TLS: true})
	d := mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{script}, Args: append([]string{"--record", dir}, args...)})
	talk(t, server)
	for range 2 {
		m := sink.Next(t)
		if !strings.Contains(string(m.Data), "X-Facts: ") {
			t.Errorf("a message came unchanged:\n%.500s", m.Data)
		}
	}
	d.Stop(t)
	return dir
}

// A session of a real mail server replays to the same answers; another script differs where it is otherwise.
func TestReplay(t *testing.T) {
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			dir := recorded(t, server.start)
			if code, out := replay(t, script, dir); code != 0 || !strings.Contains(out, "the answers are the same") || strings.Contains(out, "warning") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
			golden(t, dir)
			for _, test := range []struct{ name, old, text, want string }{
				{"recipient", "no such user", "gone", "message 2, rcpt <nobody@dest.example>"},
				{"sender", "not you", "go away", "message 1, mail <refused@test.example>"},
				{"verdict at the end", `== "spam"`, `== "ham"`, "message 4, eom"},
				{"changes", "[seen]", "[read]", "+change Subject (number 1) to [read] first"},
				{"body", `"bye`, `"see you`, "+body of 72022 bytes"},
				{"macro", "conn.macros.j", "conn.macros.nothing", "+add X-Facts: 7 72013 tls ?"},
			} {
				t.Run(test.name, func(t *testing.T) {
					code, out := replay(t, strings.Replace(script, test.old, test.text, 1), dir)
					if code != 1 || !strings.Contains(out, test.want) {
						t.Errorf("exit code %d, want 1 and %q:\n%s", code, test.want, out)
					}
				})
			}
		})
	}
}

// golden makes a test of the recording, which passes with the script and not with another one.
func golden(t *testing.T, recordings string) {
	t.Helper()
	dir := mta.Dir(t)
	found, _ := filepath.Glob(filepath.Join(recordings, "*.rec"))
	if len(found) != 1 {
		t.Fatalf("recordings: %v", found)
	}
	luamilter := func(args ...string) (int, string) {
		cmd := exec.Command(mta.Luamilter(t), append([]string{"test"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	if code, out := luamilter("--from", found[0]); code != 0 || !strings.Contains(out, "wrote script1_test.lua") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	for i, text := range []string{script, strings.Replace(script, "[seen]", "[read]", 1)} {
		if err := os.WriteFile(filepath.Join(dir, "script1.lua"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if code, out := luamilter(); code != i || i == 1 && !strings.Contains(out, "[seen] first") {
			written, _ := os.ReadFile(filepath.Join(dir, "script1_test.lua"))
			t.Errorf("exit code %d, want %d:\n%s\nof the test\n%.2000s", code, i, out, written)
		}
	}
}

// Bodies that are masked keep their sizes, and the rest replays.
func TestMasked(t *testing.T) {
	config := filepath.Join(mta.Dir(t), "luamilter.toml")
	if err := os.WriteFile(config, []byte("[admin]\nlisten = \"\"\n[record]\nbodies = \"mask\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := recorded(t, mta.Postfix, "-c", config)
	code, out := replay(t, script, dir, "--timing")
	if code != 0 || !strings.Contains(out, `(bodies = "mask")`) {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*.rec"))
	if len(found) != 1 {
		t.Fatalf("recordings: %v", found)
	}
	content, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), "hello") || !strings.Contains(string(content), "xxxxx\r\nxxxx\r\nxxx") {
		t.Error("the body shows")
	}
}

// A daemon that is closed in by the kernel and has given root away can record.
func TestSandbox(t *testing.T) {
	mta.NeedRoot(t, "only root can become another user")
	base := mta.Dir(t)
	dir := filepath.Join(base, "recordings")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(base, "luamilter.toml")
	if err := os.WriteFile(config, []byte("user = \"nobody\"\nsandbox = true\n[admin]\nlisten = \"\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	spec := mta.InetSpec(t)
	d := mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{"function mail(conn) return reject end"}, Args: []string{"-c", config, "--record", dir}, Program: mta.Static(t)})
	if out, err := exec.Command(mta.Luamilter(t), "probe", spec).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.Stop(t)
	if found, _ := filepath.Glob(filepath.Join(dir, "*.rec")); len(found) != 1 {
		t.Errorf("recordings: %v", found)
	}
}
