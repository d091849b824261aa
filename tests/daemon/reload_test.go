// Package daemontest runs the daemon with a configuration: it reloads it in the middle of traffic, with files written the way that people's tools do,
// and asks it what goes on.
package daemontest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"luamilter/daemon"
	"luamilter/protocol"
	"luamilter/tests/mta"
)

const (
	connections = 16
	reloads     = 100 // half of them broken
)

// script is a version of a script. All versions have the same verdicts; broken ones have none.
func script(version int, broken bool) string {
	text := fmt.Sprintf(`-- version %d
function rcpt(conn, recipient)
  conn.n = (conn.n or 0) + 1
  if recipient == "no@example.net" then return reject("5.1.1", "no such user") end
  if recipient == "later@example.net" then return tempfail("4.2.1", "later") end
end
function eom(conn, msg)
  msg:add_header("X-Count", conn.n)
  if conn.sender == "spam@example.com" then return reject("5.7.1", "spam") end
end
`, version)
	if broken {
		return text[:len(text)-10] // as far as somebody got
	}
	return text
}

// sent is what the clients sent and were answered.
type sent struct{ connections, accepted, rejected, aborted, rcpts atomic.Int64 }

// traffic sends messages until it is told to stop; every verdict is checked. Some connections carry one message, others many.
func (n *sent) traffic(t *testing.T, path string, stop <-chan struct{}, perConnection int) {
	for {
		nc, err := net.Dial("unix", path)
		if err != nil {
			t.Errorf("a connection was refused: %v", err)
			return
		}
		n.connections.Add(1)
		c := protocol.NewClient(nc, time.Minute)
		if _, err := c.Negotiate(protocol.FullOffer); err != nil {
			t.Errorf("negotiate: %v", err)
			return
		}
		for i := range perConnection {
			if err := n.message(c, i); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-stop:
				_ = c.Quit()
				return
			case <-time.After(time.Millisecond):
			}
		}
		_ = c.Quit()
	}
}

// message sends one of three messages: one that is taken, one that is refused, and one that is given up.
func (n *sent) message(c *protocol.Client, i int) error {
	sender := "someone@example.com"
	if i%3 == 1 {
		sender = "spam@example.com"
	}
	if err := want(c, &protocol.Mail{Sender: []byte(sender)}, 0); err != nil {
		return err
	}
	for _, rcpt := range []struct {
		address string
		code    int
	}{{"one@example.net", 0}, {"no@example.net", 550}, {"later@example.net", 451}, {"two@example.net", 0}} {
		n.rcpts.Add(1)
		if err := want(c, &protocol.Rcpt{Recipient: []byte(rcpt.address)}, rcpt.code); err != nil {
			return err
		}
	}
	if i%3 == 2 {
		n.aborted.Add(1)
		return c.Abort()
	}
	changes, r, _, err := c.EndOfMessage()
	switch {
	case err != nil:
		return fmt.Errorf("eom: %w", err)
	case i%3 == 1 && r.Code == 550 && len(changes) == 0:
		n.rejected.Add(1)
	case i%3 == 0 && r.Verdict == protocol.Continue && values(changes) == "4 2 2 2": // only the first script is asked of those that it refuses
		n.accepted.Add(1)
	default:
		return fmt.Errorf("message %d from %s: %v with %v", i, sender, r, changes)
	}
	return nil
}

// values are those of all changes.
func values(changes []protocol.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, strings.TrimSpace(c.Value))
	}
	return strings.Join(all, " ")
}

func want(c *protocol.Client, ev protocol.Event, code int) error {
	r, err := c.Send(ev)
	if err != nil {
		return fmt.Errorf("%v: %w", ev.Stage(), err)
	}
	if r.Code != code {
		return fmt.Errorf("%v: %v; want code %d", ev.Stage(), r, code)
	}
	return nil
}

// writers write a file the way that tools do.
var writers = map[string]func(t *testing.T, path, text string){
	"vim.lua": func(t *testing.T, path, text string) { // the old file becomes a backup, a new one gets its name
		must(t, os.Rename(path, path+"~"))
		must(t, os.WriteFile(path, []byte(text), 0o644))
		must(t, os.Remove(path+"~"))
	},
	"rsync.lua": func(t *testing.T, path, text string) { // a hidden file beside it is renamed over it
		hidden := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".Xa81kQ")
		must(t, os.WriteFile(hidden, []byte(text), 0o644))
		must(t, os.Rename(hidden, path))
	},
	"kubernetes.lua": func(t *testing.T, path, text string) { // a link to a folder is replaced, the path itself never changes
		folder := filepath.Dir(path)
		fresh, err := os.MkdirTemp(folder, "..v")
		must(t, err)
		must(t, os.Chmod(fresh, 0o755))
		must(t, os.WriteFile(filepath.Join(fresh, filepath.Base(path)), []byte(text), 0o644))
		old, _ := os.Readlink(filepath.Join(folder, "..data"))
		must(t, os.Symlink(filepath.Base(fresh), filepath.Join(folder, "..data_tmp")))
		must(t, os.Rename(filepath.Join(folder, "..data_tmp"), filepath.Join(folder, "..data")))
		if old != "" {
			must(t, os.RemoveAll(filepath.Join(folder, old)))
		}
	},
	"slowly.lua": func(t *testing.T, path, text string) { // cut short, then written in pieces
		f, err := os.Create(path)
		must(t, err)
		for piece := range strings.SplitAfterSeq(text, "\n") {
			_, err := f.WriteString(piece)
			must(t, err)
			time.Sleep(2 * time.Millisecond)
		}
		must(t, f.Close())
	},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// site is a folder with a configuration, its scripts, and a daemon that runs them.
type site struct {
	t       *testing.T
	folder  string
	daemon  *mta.Process
	client  *daemon.Client
	socket  string
	metrics string
}

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

func start(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, folder: mta.Dir(t)}
	var patterns []string
	for _, name := range slices.Sorted(maps.Keys(writers)) {
		write, folder := writers[name], filepath.Join(s.folder, strings.TrimSuffix(name, ".lua"))
		must(t, os.Mkdir(folder, 0o755))
		path := filepath.Join(folder, name)
		if name == "kubernetes.lua" {
			must(t, os.Symlink(filepath.Join("..data", name), path))
			write(t, path, script(0, false))
		} else {
			must(t, os.WriteFile(path, []byte(script(0, false)), 0o644))
		}
		patterns = append(patterns, strconv.Quote(filepath.Join(folder, "*.lua")))
	}
	s.metrics = strings.Replace(strings.TrimPrefix(mta.InetSpec(t), "inet:"), "@", ":", 1)
	port, host, _ := strings.Cut(s.metrics, ":")
	s.metrics = net.JoinHostPort(host, port)
	admin := filepath.Join(s.folder, "admin.sock")
	config := fmt.Sprintf("scripts = [%s]\nsandbox = true\n[log]\nmessages = false\n[reload]\npoll = \"1s\"\n[admin]\nlisten = \"unix:%s\"\n[metrics]\nlisten = %q\n",
		strings.Join(patterns, ", "), admin, s.metrics)
	path := filepath.Join(s.folder, "luamilter.toml")
	must(t, os.WriteFile(path, []byte(config), 0o644))
	spec := mta.UnixSpec(t)
	s.socket = strings.TrimPrefix(spec, "unix:")
	s.daemon = mta.Daemon(t, mta.Run{Listen: spec, Args: []string{"-c", path}})
	s.client = daemon.NewClient(admin)
	return s
}

func (s *site) status() daemon.Status {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	st, err := s.client.Status(ctx)
	must(s.t, err)
	return st
}

// write writes a version of a script as its tool does, and waits until the daemon has noticed.
func (s *site) write(name string, version int, broken bool) {
	s.t.Helper()
	before := s.status()
	writers[name](s.t, filepath.Join(s.folder, strings.TrimSuffix(name, ".lua"), name), script(version, broken))
	for range 4000 {
		now := s.status().Reload
		if broken && now.Failed > before.Reload.Failed && now.Last.Error != "" || !broken && now.Reloads > before.Reload.Reloads && now.Last.Error == "" {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	s.t.Fatalf("the daemon did not notice version %d (broken: %v) of %s: %+v", version, broken, name, s.status().Reload)
}

// Through a hundred reloads, half of them broken, no connection is refused or dropped, no verdict changes, and what the daemon has counted
// is what was sent.
func TestReloadsUnderLoad(t *testing.T) {
	s := start(t)
	n := &sent{}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range connections {
		clients.Go(func() { n.traffic(t, s.socket, stop, []int{1, 10, 100, 1 << 30}[i%4]) })
	}
	names := []string{"vim.lua", "rsync.lua", "kubernetes.lua", "slowly.lua"}
	for i := range reloads / 2 {
		name := names[i%len(names)]
		s.write(name, i, true)
		s.write(name, i, false)
		if t.Failed() {
			break
		}
	}
	close(stop)
	clients.Wait()
	s.wait("the connections to end", func() bool { return s.status().Connections == 0 })
	s.checkCounts(n)
	s.wait("the old releases to be gone, as nobody uses them", func() bool { return len(s.status().Releases) == 1 })
	st := s.status()
	if st.Reload.Reloads < reloads/2 || st.Reload.Failed < reloads/2 {
		t.Errorf("%d reloads, %d of them broken, were noticed; there were %d", st.Reload.Reloads, st.Reload.Failed, reloads)
	}
	t.Logf("%d connections, %d messages accepted, %d rejected, %d given up; %d reloads, %d refused",
		n.connections.Load(), n.accepted.Load(), n.rejected.Load(), n.aborted.Load(), st.Reload.Reloads, st.Reload.Failed)
}

func (s *site) wait(what string, holds func() bool) {
	s.t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("waited too long for %s", what)
}

// checkCounts compares what was sent with what status and the metrics say.
func (s *site) checkCounts(n *sent) {
	s.t.Helper()
	l := s.status().Listeners[0]
	samples := s.scrape()
	for _, c := range []struct {
		what   string
		sent   int64
		status uint64
		metric string
	}{
		{"connections", n.connections.Load() + 1, l.Connections, `luamilter_connections_total{listener="default"}`}, // and that of mta.Daemon, if it looks
		{"messages accepted", n.accepted.Load(), l.Messages["accepted"], `luamilter_messages_total{listener="default",outcome="accepted"}`},
		{"messages rejected", n.rejected.Load(), l.Messages["rejected"], `luamilter_messages_total{listener="default",outcome="rejected"}`},
		{"messages given up", n.aborted.Load(), l.Messages["aborted"], `luamilter_messages_total{listener="default",outcome="aborted"}`},
		{"recipients", n.rcpts.Load(), uint64(samples[`luamilter_events_total{listener="default",stage="rcpt"}`]), `luamilter_events_total{listener="default",stage="rcpt"}`},
	} {
		if c.what == "connections" && l.Connections == uint64(n.connections.Load()) {
			c.sent-- // it did not
		}
		if c.status != uint64(c.sent) || int64(samples[c.metric]) != c.sent {
			s.t.Errorf("%s: %d were sent; status has %d, the metrics %v", c.what, c.sent, c.status, samples[c.metric])
		}
	}
}

// scrape fetches the metrics.
func (s *site) scrape() map[string]float64 {
	s.t.Helper()
	resp, err := http.Get("http://" + s.metrics + "/metrics")
	must(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	out := map[string]float64{}
	line := regexp.MustCompile(`^([^ #][^ ]*(?:\{.*\})?) (\S+)$`)
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if m := line.FindStringSubmatch(lines.Text()); m != nil {
			out[m[1]], _ = strconv.ParseFloat(m[2], 64)
		}
	}
	return out
}

// luamilter reload says what is wrong and exits with 1, and so does SIGHUP in the log; both take up what is right.
func TestReloadByCommand(t *testing.T) {
	s := start(t)
	path := filepath.Join(s.folder, "luamilter.toml")
	reload := func() (int, string) {
		cmd := exec.Command(mta.Luamilter(t), "reload", "-c", path)
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	if code, out := reload(); code != 0 || !strings.Contains(out, "reloaded: release 2 is in use") {
		t.Errorf("%d: %s", code, out)
	}
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append([]byte("on_eror = 'reject'\n"), text...), 0o644))
	if code, out := reload(); code != 1 || !strings.Contains(out, "luamilter.toml:1: on_eror: unknown key, did you mean on_error?") {
		t.Errorf("%d: %s", code, out)
	}
	s.wait("the daemon to see that too", func() bool { return strings.Contains(s.status().Reload.Last.Error, "on_eror") })
	must(t, os.WriteFile(path, append([]byte("on_error = 'reject'\n"), text...), 0o644))
	must(t, syscall.Kill(s.daemon.Pid(), syscall.SIGHUP))
	s.wait("the configuration to be taken up", func() bool { return s.status().Reload.Last.Error == "" })
}

// What is shown of a session that matches, and only of that.
func TestTrace(t *testing.T) {
	s := start(t)
	cmd := exec.Command(mta.Luamilter(t), "trace", "-c", filepath.Join(s.folder, "luamilter.toml"), "--json", "--sender", "spam@")
	path := filepath.Join(s.folder, "trace.out")
	out, err := os.Create(path)
	must(t, err)
	defer func() { _ = out.Close() }()
	written := func() string {
		text, err := os.ReadFile(path)
		must(t, err)
		return string(text)
	}
	cmd.Stdout, cmd.Stderr = out, out
	must(t, cmd.Start())
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Signal(os.Interrupt) }()
	nc, err := net.Dial("unix", s.socket)
	must(t, err)
	c := protocol.NewClient(nc, time.Minute)
	_, err = c.Negotiate(protocol.FullOffer)
	must(t, err)
	n := &sent{}
	s.wait("the event to show", func() bool {
		must(t, n.message(c, 0))
		must(t, n.message(c, 1))
		return strings.Contains(written(), `"stage":"eom"`)
	})
	_ = c.Quit()
	for line := range strings.Lines(written()) {
		var e struct{ Stage, Event, Verdict, Script, Reply string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			continue // the last line may be half there
		}
		if e.Stage == "eom" && e.Script == "kubernetes" && (e.Verdict != "reject" || e.Reply != "550 5.7.1 spam") {
			t.Errorf("%s", line)
		}
		if e.Stage == "mail" && e.Event != "spam@example.com" {
			t.Errorf("nobody asked for this: %s", line)
		}
	}
}
