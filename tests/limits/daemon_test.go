package limits

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/limit/limittest"
	"luamilter/protocol"
	"luamilter/tests/mta"
)

// script is a greylist for recipients; for those that begin with take it takes a hundred instead, and says how many it got.
const script = `
local rate = require "ratelimit".new{ rate = "1/d", burst = 1234 }
local g = require "greylist".new{ delay = 1, auto_allow = 0 }
local tally = require "counter".new{ window = "1d", per = "everybody" }

function rcpt(conn, recipient)
  if not recipient:find("^take") then
    return g:verdict(conn, conn.sender, recipient)
  end
  local got = 0
  for _ = 1, 100 do
    if rate:take("everybody") then got = got + 1 end
  end
  return reject("5.7.1", got .. " " .. tally:add("rcpt") .. " " .. tally:distinct("rcpt", recipient))
end
`

// filter starts a daemon with the script and a store, and returns its socket.
func filter(t *testing.T, url string) (socket string) {
	t.Helper()
	socket, run := configured(t, url)
	mta.Daemon(t, run)
	return socket
}

// configured writes the script and a configuration with a store at that URL; FOLDER in it is a folder of its own.
func configured(t *testing.T, url string) (socket string, run mta.Run) {
	t.Helper()
	dir := mta.Dir(t)
	url = strings.ReplaceAll(url, "FOLDER", dir)
	socket = filepath.Join(dir, "milter.sock")
	config := filepath.Join(dir, "luamilter.toml")
	text := fmt.Sprintf("listen = [%q]\nscripts = [\"filter.lua\"]\n[log]\nformat = \"json\"\n[admin]\nlisten = %q\n[store]\nurl = %q\ntimeout = \"6s\"\n", // an answer that does not come in time counts as one that was given
		"unix:"+socket, "unix:"+filepath.Join(dir, "admin.sock"), url)
	for path, text := range map[string]string{config: text, filepath.Join(dir, "filter.lua"): script} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return socket, mta.Run{Args: []string{"-c", config}}
}

// client is an MTA with a connection to a daemon.
type client struct {
	*protocol.Client
	t *testing.T
}

func dial(t *testing.T, socket string) client {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	c := client{protocol.NewClient(conn, time.Minute), t}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	c.send(&protocol.Connect{Host: []byte("client.example.com"), Family: protocol.FamilyInet, Address: []byte("192.0.2.1"), Port: 25})
	c.send(&protocol.Mail{Sender: []byte("<sender@example.com>")})
	return c
}

// rcpt names a recipient.
func (c client) rcpt(name string) protocol.Reply {
	return c.send(&protocol.Rcpt{Recipient: []byte("<" + name + "@example.org>")})
}

func (c client) send(ev protocol.Event) protocol.Reply {
	r, err := c.Send(ev)
	if err != nil {
		c.t.Error(err)
	}
	return r
}

// Two daemons on one Redis are asked for 100,000 by many sessions at a time: exactly the burst is given, and everything is counted.
func TestTwoDaemons(t *testing.T) {
	const workers, each, burst = 10, 100, 1234 // a hundred for each
	url := "redis://" + mta.Redis(t).Addr
	sockets := []string{filter(t, url), filter(t, url)}
	var clients = make(chan client, workers)
	for i := range workers {
		clients <- dial(t, sockets[i%len(sockets)])
	}
	var given, next atomic.Int64
	limittest.Storm(t, workers, each, func() bool {
		c := <-clients
		defer func() { clients <- c }()
		var got, sum, different int64
		r := c.rcpt(fmt.Sprint("take", next.Add(1)%77))
		if _, err := fmt.Sscan(r.Text, &got, &sum, &different); err != nil {
			t.Errorf("%q: %v", r.Text, err)
		}
		given.Add(got)
		return true
	})
	if given.Load() != burst {
		t.Errorf("%d were given, want %d", given.Load(), burst)
	}
	last := dial(t, sockets[0]).rcpt("take1")
	if want := fmt.Sprintf("0 %d 77", workers*each+1); last.Text != want {
		t.Errorf("at the end it says %q, want %q", last.Text, want)
	}
}

// What waits at one daemon has waited at the other.
func TestGreylistOfTwoDaemons(t *testing.T) {
	url := "redis://" + mta.Redis(t).Addr
	one, other := dial(t, filter(t, url)), dial(t, filter(t, url))
	if r := one.rcpt("user"); r.Verdict != protocol.Tempfail || !strings.Contains(r.Text, "greylisted: please try again in 1 second") {
		t.Fatalf("the first time it says %v %q", r.Verdict, r.Text)
	}
	end := time.Now().Add(time.Minute)
	for other.rcpt("user").Verdict == protocol.Tempfail {
		if time.Now().After(end) {
			t.Fatal("it never passes at the other daemon")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if r := one.rcpt("user"); r.Verdict != protocol.Continue {
		t.Errorf("afterwards the first says %v %q", r.Verdict, r.Text)
	}
}

// When the server is gone, mail goes on, and every take is allowed.
func TestServerIsGone(t *testing.T) {
	server := mta.Redis(t)
	c := dial(t, filter(t, "redis://"+server.Addr))
	if r := c.rcpt("take"); r.Text != "100 1 1" {
		t.Errorf("at first it says %q", r.Text)
	}
	server.Kill(t)
	if r := c.rcpt("take"); r.Text != "100 0 0" {
		t.Errorf("without the server it says %q", r.Text)
	}
	if r := c.rcpt("user"); r.Verdict != protocol.Continue {
		t.Errorf("a recipient gets %v %q", r.Verdict, r.Text)
	}
}
