package dns

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// script looks up what the sender's address says, "FUNCTION:ARGUMENT", and logs it.
const script = `
local dns = require "dns"
local function text(v)
  if type(v) ~= "table" then return tostring(v) end
  if v.zone then return v.zone .. " " .. v.code end
  if v.host then return (v.preference or v.priority) .. " " .. v.host .. (v.port and ":" .. v.port or "") end
  local all = {}
  for i, one in ipairs(v) do all[i] = text(one) end
  table.sort(all)
  return table.concat(all, ", ")
end
function mail(conn, sender)
  local name, argument = sender:match("^(%w+):(.*)$")
  if name == "bl" then
    argument = { zones = { "dnsbl.example.org" }, ip = argument }
  end
  local found, why = dns[name](argument)
  local said = text(found)
  if #said > 1000 then said = #said .. " bytes" end
  log.info("looked up", { said = said, why = why })
  return continue
end`

// asking is a luamilter that asks a name server.
type asking struct {
	t    *testing.T
	spec string
	*mta.Process
}

func startAsking(t *testing.T, server string) *asking {
	t.Helper()
	dir := mta.Dir(t)
	file := filepath.Join(dir, "luamilter.toml")
	text := "[dns]\nservers = [\"" + server + "\"]\ntimeout = \"2s\"\n[admin]\nlisten = \"" + filepath.Join(dir, "admin.sock") + "\"\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	spec := mta.UnixSpec(t)
	return &asking{t, spec, mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{script}, Args: []string{"-c", file}})}
}

// look has the script look something up, and returns what it says, and why.
func (a *asking) look(what string) (said, why string) {
	a.t.Helper()
	before := len(a.said())
	nc, err := net.Dial("unix", strings.TrimPrefix(strings.TrimPrefix(a.spec, "unix:"), "local:"))
	if err != nil {
		a.t.Fatal(err)
	}
	c := protocol.NewClient(nc, 20*time.Second)
	defer func() { _ = c.Close() }()
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		a.t.Fatal(err)
	}
	if r, err := c.Send(&protocol.Mail{Sender: []byte("<" + what + ">")}); err != nil || r.Verdict != protocol.Continue {
		a.t.Fatalf("%s: %v, %v", what, r, err)
	}
	for range 6000 {
		if all := a.said(); len(all) > before {
			return all[before].Said, all[before].Why
		}
		time.Sleep(5 * time.Millisecond)
	}
	a.t.Fatalf("%s: the script says nothing", what)
	return "", ""
}

// line is what the script logs.
type line struct{ Message, Said, Why string }

func (a *asking) said() (all []line) {
	for _, l := range a.Lines() {
		var one line
		if json.Unmarshal([]byte(l.Text), &one) == nil && one.Message == "looked up" {
			all = append(all, one)
		}
	}
	return all
}

// What a real name server knows arrives in scripts.
func TestUnbound(t *testing.T) {
	a := startAsking(t, newUnbound(t).address)
	for what, want := range map[string]string{
		"a:example.com":                    "192.0.2.1, 192.0.2.2",
		"a:WWW.example.com.":               "192.0.2.1, 192.0.2.2",
		"aaaa:example.com":                 "2001:db8::1",
		"ip:www.example.com":               "192.0.2.1, 192.0.2.2, 2001:db8::1",
		"mx:example.com":                   "10 mx1.example.com, 20 mx2.example.com",
		"txt:example.com":                  "v=spf1 mx -all",
		"txt:large.example.com":            "3000 bytes",
		"ns:example.com":                   "ns.example.com",
		"cname:www.example.com":            "web.example.com",
		"srv:_submission._tcp.example.com": "5 mx1.example.com:587",
		"a:none.example.com":               "",
		"mx:mx1.example.com":               "",
		"a:elsewhere.example.net":          "",
		"bl:192.0.2.1":                     "dnsbl.example.org 127.0.0.",
		"bl:192.0.2.2":                     "false",
	} {
		said, why := a.look(what)
		if strings.HasSuffix(want, ".0.0.") {
			said = said[:max(len(said)-1, 0)] // which of two codes comes first is the server's choice
		}
		if said != want || why != "" {
			t.Errorf("%s: %s (%s), want %s", what, said, why, want)
		}
	}
	if said, why := a.look("bl:192.0.2.9"); said != "nil" || !strings.Contains(why, "it answers 127.255.255.254 and so refuses to be asked") {
		t.Errorf("a list that refuses: %s (%s)", said, why)
	}
}

// While the name server is away mail passes, and when it is back it is asked again.
func TestOutage(t *testing.T) {
	u := newUnbound(t)
	a := startAsking(t, u.address)
	if said, why := a.look("a:mx1.example.com"); said != "192.0.2.11" {
		t.Fatalf("%s (%s)", said, why)
	}
	u.stop()
	if said, why := a.look("a:example.com"); said != "nil" || why == "" {
		t.Errorf("without a server: %s (%s)", said, why)
	}
	if said, _ := a.look("a:mx1.example.com"); said != "192.0.2.11" {
		t.Errorf("what is known is not known any more: %s", said)
	}
	u.start(t)
	said, why := "", ""
	for range 300 {
		if said, why = a.look("mx:example.com"); said != "nil" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if said != "10 mx1.example.com, 20 mx2.example.com" {
		t.Errorf("after its return: %s (%s)", said, why)
	}
}
