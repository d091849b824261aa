// Package hostile runs scripts that do what no script may do (testdata/bombs.lua) in the daemon, with little memory, while a script
// that behaves well filters mail on other connections.
package hostile

import (
	"flag"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

var (
	only      = flag.String("bomb", "", "set off only the bombs whose name matches")
	attackers = flag.Int("attackers", 4, "how many connections set off bombs at a time")
	twice     = flag.Bool("twice", false, "set off each bomb in mail and in eom, and not one here and the next there; it takes five minutes")
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// What the daemon gets: the limit that it is told, and the address space that it cannot leave. Go maps much that it never touches.
const (
	memory = 256 << 20
	space  = 3 << 30
)

// wellBehaved counts recipients, as the first example of the README does, and looks at each header field.
const wellBehaved = `
function rcpt(conn, recipient) conn.count = (conn.count or 0) + 1 end
function header(conn, name, value) if name:lower() == "subject" and value:match("^%s*(%a+)") then conn.subject = value:upper() end end
function eom(conn, msg) msg:add_header("X-Rcpt-Count", conn.count .. " " .. conn.subject) end`

// names returns the names of all bombs.
func names(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/bombs.lua")
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(*only)
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^function bombs\.(\w+)`).FindAllSubmatch(text, -1) {
		if name := string(m[1]); wanted.MatchString(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatal("no bombs")
	}
	return names
}

// start starts the daemon with both scripts.
func start(t *testing.T) (*mta.Process, string) {
	t.Helper()
	spec := mta.UnixSpec(t)
	d := mta.Daemon(t, mta.Run{
		Listen: spec, Scripts: []string{wellBehaved, bombsText(t)}, Space: space,
		Args: []string{"--memory", strconv.Itoa(memory), "--log-level", "info"},
	})
	return d, strings.TrimPrefix(spec, "unix:")
}

func dial(t *testing.T, path string) *protocol.Client {
	t.Helper()
	nc, err := net.Dial("unix", path)
	if err != nil {
		t.Error(err)
		return nil
	}
	c := protocol.NewClient(nc, 5*time.Minute)
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Error(err)
	}
	return c
}

// send sends a message and returns its fate: that of MAIL if it ends there, or that of the end of the message, and the changes.
func send(c *protocol.Client, sender string) (protocol.Reply, []protocol.Change, error) {
	for _, ev := range []protocol.Event{
		&protocol.Mail{Sender: []byte("<" + sender + ">")},
		&protocol.Rcpt{Recipient: []byte("<one@example.com>")}, &protocol.Rcpt{Recipient: []byte("<two@example.com>")},
		&protocol.Header{Name: []byte("Subject"), Value: []byte("hello there")},
		&protocol.Header{Name: []byte("Date"), Value: []byte("Mon, 05 Jan 2026 10:00:00 +0000")},
		&protocol.EndOfHeader{},
	} {
		r, err := c.Send(ev)
		if err != nil || r.Verdict != protocol.Continue {
			return r, nil, err
		}
	}
	changes, r, _, err := c.EndOfMessage()
	return r, changes, err
}

// good sends messages of good senders, one every few milliseconds, until stop is closed, and returns how long each took. Every one
// must get its header field; or else, where memory is short, be sent again later.
func good(t *testing.T, path string, stop <-chan struct{}) (took []time.Duration, deferred int) {
	c := dial(t, path)
	defer func() { _ = c.Quit() }()
	for {
		select {
		case <-stop:
			return took, deferred
		case <-time.After(2 * time.Millisecond):
		}
		begin := time.Now()
		r, changes, err := send(c, "good@example.com")
		took = append(took, time.Since(begin))
		switch {
		case err == nil && r.Verdict == protocol.Continue && len(changes) == 1:
		case err == nil && r.Code == 452:
			deferred++
		default:
			t.Errorf("a good message got %v with %d changes: %v", r, len(changes), err)
			return took, deferred
		}
	}
}

func percentile(took []time.Duration, p float64) time.Duration {
	took = slices.Clone(took)
	slices.Sort(took)
	return took[int(p*float64(len(took)-1))]
}

// resident returns the most memory that the process has had so far, in bytes.
func resident(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatal("no VmHWM")
	}
	n, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return n << 10
}

// attack sets off the bombs that it is given, each on a connection of its own, in mail or in eom.
func attack(t *testing.T, path string, bombs <-chan string) {
	for sender := range bombs {
		c := dial(t, path)
		if c == nil {
			return
		}
		begin := time.Now()
		r, _, err := send(c, sender)
		for tries := 0; r.Code == 452 && tries < 200; tries++ { // where memory is short, it does not go off
			time.Sleep(20 * time.Millisecond)
			begin = time.Now()
			r, _, err = send(c, sender)
		}
		if err != nil {
			t.Errorf("%s: %v", sender, err)
		}
		if r.Code == 452 {
			t.Errorf("%s was not set off: memory stays short", sender)
		}
		t.Logf("%-45s %-9v %v", sender, r.Verdict, time.Since(begin).Round(time.Millisecond))
		_ = c.Quit()
	}
}

// TestHostileScripts sets off every bomb, in one of two hooks or in both, from several connections at a time. The daemon stays within its memory, good mail
// goes through as if nothing were, and all is well afterwards.
func TestHostileScripts(t *testing.T) {
	d, path := start(t)
	quiet := make(chan struct{})
	time.AfterFunc(3*time.Second, func() { close(quiet) })
	before, _ := good(t, path, quiet)

	bombs := make(chan string)
	over := make(chan struct{})
	go func() {
		for turn, where := range []string{"@bomb.example", "@eom.bomb.example"} {
			for i, name := range names(t) {
				if *twice || i%2 == turn {
					bombs <- name + where
				}
			}
		}
		close(bombs)
	}()
	attacks := make(chan struct{})
	for range *attackers {
		go func() {
			attack(t, path, bombs)
			attacks <- struct{}{}
		}()
	}
	go func() {
		for range *attackers {
			<-attacks
		}
		close(over)
	}()
	during, deferred := good(t, path, over)

	recovers(t, path)
	most := resident(t, d.Pid())
	t.Logf("memory: at most %d MiB of %d", most>>20, memory>>20)
	if most > 2*memory {
		t.Errorf("the daemon took %d MiB; its limit is %d", most>>20, memory>>20)
	}
	for _, p := range []float64{0.5, 0.99, 0.999, 1} {
		t.Logf("latency of good mail, percentile %5.1f: %8v quiet, %8v under attack", 100*p, percentile(before, p).Round(time.Microsecond), percentile(during, p).Round(time.Microsecond))
	}
	t.Logf("good messages: %d quiet, %d under attack; %d of these were to be sent again, none was lost", len(before), len(during), deferred)
}

// recovers checks that a message goes through soon after the attack: what took the memory must be collected first.
func recovers(t *testing.T, path string) {
	t.Helper()
	c := dial(t, path)
	defer func() { _ = c.Quit() }()
	for range 100 {
		r, changes, err := send(c, "good@example.com")
		if err != nil {
			t.Fatalf("afterwards: %v", err)
		}
		if r.Verdict == protocol.Continue && len(changes) == 1 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("afterwards, memory stays short")
}

// bombsText returns the hostile script.
func bombsText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/bombs.lua")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
