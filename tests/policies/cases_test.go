package policies

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// policy is a template, what it asks, and what it promises about mail.
type policy struct {
	name     string
	template string
	modes    []mode
	start    func(t *testing.T) service
	kinds    []kind   // the first one tells whether the service is asked
	log      []string // what the lines in the log that tell of an outage begin with, or have
}

// service is what a template asks.
type service struct {
	gate
	config string // for luamilter.toml, with the settings of the script
	hooks  *hooks // nil for others
}

// kind is a kind of mail, and what becomes of it: passes; passes marked; or what the reply begins with.
type kind struct {
	name         string
	make         func(n int) message // of a number that no other message has
	well, outage string
	hooked       bool // a web server is told of it
}

// passes is the fate of mail that arrives as it was sent, marked that of mail that says that nobody has scanned it.
const (
	passes = "passes"
	marked = "passes marked"
)

// message is a message, and who brings it.
type message struct {
	ip, login, sender, recipient, body string
}

// from is a message from a sender of its own.
func from(n int, ip string) message {
	return message{ip: ip, sender: fmt.Sprintf("sender%d@example.com", n), recipient: "someone@example.net", body: "hello"}
}

// policies are the cases. What they say is in docs/outages.md.
func policies() []policy {
	all := []mode{stopped, slow, garbage, wrong}
	return []policy{
		{"greylist", "greylist", all, startGreylist, greylisted, []string{"the store does not work; scripts go on without what it keeps"}},
		{"ratelimit", "ratelimit", all, startRatelimit, limited, []string{"the store does not work; scripts go on without what it keeps"}},
		{"dnsbl", "dnsbl", all, startDNSBL, listed, []string{"the name server 127.0.0.1:"}},
		{"virus", "virus", all, startVirus(""), infected(marked, marked), []string{"clamd at 127.0.0.1:"}},
		{"virus_tempfail", "virus", []mode{stopped, wrong}, startVirus("unscanned = \"tempfail\"\n"), infected(away, away), []string{"clamd at 127.0.0.1:"}},
		{"webhook", "webhook", []mode{stopped, garbage}, startWebhook, told, []string{"http at 127.0.0.1:", "delivers nothing at present"}},
		{"webhook_answers", "webhook", []mode{slow, wrong}, startWebhook, told, []string{"http at 127.0.0.1:", "delivers nothing at present"}},
		{"sql_recipients", "sql_recipients", all, startSQL, known, []string{"postgres://luamilter@127.0.0.1:"}},
	}
}

const errorOfRedis = "-ERR max number of clients reached\r\n"

func startGreylist(t *testing.T) service {
	g := newGate(t, "tcp", mta.Redis(t).Addr, errorOfRedis)
	return service{g, "[store]\nurl = \"redis://" + g.addr + "\"\ntimeout = \"1s\"\n[script.greylist]\ndelay = \"1s\"\n", nil}
}

var greylisted = []kind{
	{"unknown", func(n int) message { return from(n, "192.0.2.1") }, "451 4.7.1 greylisted", passes, false},
	{"known", func(int) message { return regular }, passes, passes, false},
	{"allowed", func(n int) message { return from(n, "198.51.100.7") }, passes, passes, false},
}

// regular is a message whose sender is known to the greylist once it has come twice.
var regular = message{ip: "203.0.113.7", sender: "regular@example.com", recipient: "someone@example.net", body: "hello"}

func startRatelimit(t *testing.T) service {
	g := newGate(t, "tcp", mta.Redis(t).Addr, errorOfRedis)
	return service{g, "[store]\nurl = \"redis://" + g.addr + "\"\ntimeout = \"1s\"\n[script.ratelimit]\nrate = \"1/d\"\nburst = 1\n", nil}
}

var limited = []kind{
	{"of a user who has sent enough", func(n int) message { m := from(n, "192.0.2.1"); m.login = "busy"; return m }, "451 4.7.1", passes, false},
	{"of others", func(n int) message { m := from(n, "192.0.2.1"); m.login = fmt.Sprint("user", n); return m }, passes, passes, false},
	{"from outside", func(n int) message { return from(n, "192.0.2.1") }, passes, passes, false},
}

func startDNSBL(t *testing.T) service {
	g := newUDPGate(t, nameServer(t))
	return service{g, "[dns]\nservers = [\"" + g.addr + "\"]\ntimeout = \"700ms\"\ntries = 2\n[script.dnsbl]\nzones = [\"dnsbl.example.org\"]\nallow = [\"198.51.100.\"]\n", nil}
}

var listed = []kind{
	{"of a client on the list", func(n int) message { return from(n, fmt.Sprintf("198.18.%d.%d", n/200, n%200+1)) }, "550 5.7.1", passes, false},
	{"of others", func(n int) message { return from(n, fmt.Sprintf("198.19.%d.%d", n/200, n%200+1)) }, passes, passes, false},
	{"of one that is allowed", func(n int) message { return from(n, "198.51.100.7") }, passes, passes, false},
}

// startVirus starts clamd; the settings are those of the script.
func startVirus(settings string) func(t *testing.T) service {
	return func(t *testing.T) service {
		g := newGate(t, "unix", clamd(t), "INSTREAM: Can't allocate memory ERROR\x00")
		return service{g, "[clamav]\naddress = \"" + g.addr + "\"\ntimeout = \"2s\"\n[script.virus]\n" + settings, nil}
	}
}

const away = "451 4.7.1 the virus scanner is away"

// infected is mail with and without a virus, and what becomes of both in an outage.
func infected(outage, ofOthers string) []kind {
	return []kind{
		{"with a virus", func(n int) message { m := from(n, "192.0.2.1"); m.body = virus; return m }, "550 5.7.1 infected with Luamilter.Test", outage, false},
		{"without one", func(n int) message { return from(n, "192.0.2.1") }, passes, ofOthers, false},
	}
}

func startWebhook(t *testing.T) service {
	page := "<html>no</html>"
	h := webServer(t)
	g := newGate(t, "tcp", h.Listener.Addr().String(),
		fmt.Sprintf("HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(page), page))
	return service{g, fmt.Sprintf("[http]\nallow = [\"127.0.0.1\"]\ntimeout = \"1s\"\n[outbox]\ndir = %q\n[script.webhook]\nurl = \"http://%s/mail\"\n", mta.Dir(t)+"/outbox", g.addr), h}
}

var told = []kind{
	{"for the recipient", func(n int) message { m := from(n, "192.0.2.1"); m.recipient = "tickets@example.com"; return m }, passes, passes, true},
	{"for others", func(n int) message { return from(n, "192.0.2.1") }, passes, passes, false},
}

func startSQL(t *testing.T) service {
	// ErrorResponse of the protocol: a FATAL, as while it starts.
	fields := "SFATAL\x00VFATAL\x00C57P03\x00Mthe database system is starting up\x00\x00"
	g := newGate(t, "tcp", postgres(t), "E\x00\x00\x00"+string(rune(len(fields)+4))+fields)
	source := "postgres://luamilter@" + g.addr + "/postgres?sslmode=disable"
	return service{g, fmt.Sprintf("[script.sql_recipients]\ndatabase = %q\nquery = \"SELECT 1 FROM users WHERE address = $1\"\ndomains = [\"example.org\"]\n", source), nil}
}

// to is a message for somebody.
func to(recipient string) func(n int) message {
	return func(n int) message {
		m := from(n, "192.0.2.1")
		m.recipient = strings.ReplaceAll(recipient, "N", fmt.Sprint(n))
		return m
	}
}

var known = []kind{
	{"for nobody", to("nobodyN@example.org"), "550 5.1.1", passes, false},
	{"for somebody", to("userN@example.org"), passes, passes, false},
	{"for one of whom it was known before that there is none", to("nobody@example.org"), "550 5.1.1", "550 5.1.1", false},
	{"for another domain", to("nobodyN@example.net"), passes, passes, false},
}
