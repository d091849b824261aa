package tutorial

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"luamilter/tests/mta"
)

var update = flag.Bool("update", false, "write what the commands show into docs/tutorial.md")

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// The page's folder and socket.
const (
	home   = "/home/alice/mailfilter"
	socket = "inet:8891@127.0.0.1"
	config = "luamilter.toml"
)

// desk is the folder of a new user.
type desk struct {
	t    *testing.T
	dir  string
	path string // PATH, with luamilter in it
	spec string // where luamilter listens instead of at the page's socket
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	bin := mta.Dir(t)
	if err := os.Symlink(mta.Luamilter(t), filepath.Join(bin, "luamilter")); err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, dir: mta.Dir(t), path: bin + ":" + os.Getenv("PATH"), spec: mta.InetSpec(t)}
}

// asInPage replaces what is this machine's.
func (d *desk) asInPage(text string) string {
	text = strings.ReplaceAll(text, d.dir, home)
	return strings.NewReplacer(d.spec, socket, postfixSpec(d.spec), postfixSpec(socket)).Replace(text)
}

// postfixSpec is a socket as Postfix writes it.
func postfixSpec(spec string) string {
	port, host, _ := strings.Cut(strings.TrimPrefix(spec, "inet:"), "@")
	return "inet:" + host + ":" + port
}

// put writes a file of the page; the configuration with a socket that is free.
func (d *desk) put(b block) {
	d.t.Helper()
	if b.what == config && !strings.Contains(b.text, socket) {
		d.t.Fatalf("%s has no %s", config, socket)
	}
	b.text = strings.ReplaceAll(b.text, socket, d.spec)
	b.write(d.t, d.dir)
}

// command is a line that a user types.
func (d *desk) command(line string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", ""+line)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "PATH="+d.path, "NO_COLOR=1", "GORACE=atexit_sleep_ms=10")
	return cmd
}

// do runs a command at a terminal, and returns what it shows: errors first.
func (d *desk) do(line string) string {
	d.t.Helper()
	screen := newScreen(d.t)
	var errors bytes.Buffer
	cmd := d.command(line)
	cmd.Stdout, cmd.Stderr = screen.program, &errors // nobody sees how far it is
	if err := cmd.Run(); cmd.ProcessState == nil {
		d.t.Fatalf("%s: %v", line, err)
	}
	return errors.String() + screen.end()
}

// serve runs the daemon at a terminal until it has said what comes next, and then presses Ctrl-C.
func (d *desk) serve(line string) string {
	d.t.Helper()
	screen := newScreen(d.t)
	cmd := d.command("exec " + line)
	cmd.Stdout, cmd.Stderr = screen.program, screen.program
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for range 6000 { // 2 minutes
		if strings.Contains(screen.String(), "luamilter doctor\n") || len(ended) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	select {
	case err := <-ended:
		if err != nil {
			d.t.Errorf("%s: %v", line, err)
		}
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		d.t.Errorf("%s: Ctrl-C does not end it", line)
		<-ended
	}
	return screen.end()
}

// TestTranscript does everything on the page but to ask Postfix.
func TestTranscript(t *testing.T) {
	d := newDesk(t)
	var shown []string // of each console block, in the order of the page
	for _, b := range blocks(t) {
		if b.isFile() {
			d.put(b)
		}
		if b.kind == "console" {
			shown = append(shown, d.play(&b))
		}
	}
	if *update && !t.Failed() {
		writePage(t, shown)
	}
}

// play does the steps of a block, compares, and returns the block as it should be.
func (d *desk) play(b *block) string {
	d.t.Helper()
	var out strings.Builder
	for _, s := range b.steps() {
		do := d.do
		if b.what == "run" {
			do = d.serve
		}
		got := d.asInPage(do(s.command))
		leaves := strings.Contains("\n"+s.shows+"\n", "\n...\n")
		if !same(got, s.shows) && (!*update || leaves) {
			d.t.Errorf("$ %s\nshows\n%s\nand not, as on the page,\n%s", s.command, got, s.shows)
		}
		if leaves {
			got = s.shows
		}
		out.WriteString("$ " + s.command + "\n" + strings.Trim(got, "\n") + "\n")
	}
	return out.String()
}

// writePage puts what was shown into the page.
func writePage(t *testing.T, shown []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	out := fence.ReplaceAllStringFunc(string(text), func(b string) string {
		m := fence.FindStringSubmatch(b)
		if m[1] != "console" {
			return b
		}
		n++
		head, _, _ := strings.Cut(b, "\n")
		return head + "\n" + shown[n-1] + "```"
	})
	if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPostfix has a Postfix ask what the page has made, in the way that its last step tells.
func TestPostfix(t *testing.T) {
	d := newDesk(t)
	d.do("luamilter init")
	lines := ""
	for _, b := range blocks(t) {
		if b.isFile() {
			d.put(b)
		}
		if b.kind == "main.cf" {
			lines = b.text
		}
	}
	if !strings.Contains(lines, "smtpd_milters = "+postfixSpec(socket)+"\n") {
		t.Fatalf("main.cf of the page does not name %s:\n%s", postfixSpec(socket), lines)
	}
	sink := mta.NewSink(t)
	server := mta.Postfix(t, mta.Options{Filters: []mta.Filter{{Milter: d.spec}}, Relay: sink.Addr})
	mta.Daemon(t, mta.Run{Args: []string{"-c", filepath.Join(d.dir, config)}})
	client := mta.Dial(t, server.Addr)
	client.Expect("EHLO client.example.org", "250")
	client.Deliver("bob@example.org", []string{"alice@example.com"}, "From: bob@example.org\nSubject: lunch?\n\nAt one?\n")
	if got := string(sink.Next(t).Data); !strings.Contains(got, "\r\nSubject: [external] lunch?\r\n") || !strings.Contains(got, "\r\nX-Rcpt-Count: 1\r\n") {
		t.Errorf("delivered is\n%s", got)
	}
	client.Expect("MAIL FROM:<spam@example.org>", "550 5.7.1 you are not welcome here")
	client.Quit()
}
