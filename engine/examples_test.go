package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi"
	"luamilter/luaapi/dns"
	"luamilter/protocol"
)

// TestExamples runs every example of the reference, each in a conversation of its own, and compares what stands behind "-->": what a
// statement gives, and what the MTA is told where it stands behind a return.
func TestExamples(t *testing.T) {
	groups := []luaapi.Module{{Name: "hooks"}}
	for _, m := range append(groups, luaapi.Modules()...) {
		for _, e := range luaapi.Examples(m.Name) {
			t.Run(m.Name+"."+e.Name, func(t *testing.T) {
				x := newExample(&m, e.Text)
				s := defaults()
				s.services = exampleServices()
				s.services.DNS = exampleDNS(t)
				r := s.start(t, x.script)
				m := r.mta()
				replies := exampleConversation(m)
				r.ended()
				x.compare(t, r, replies)
			})
		}
	}
}

// exampleDNS is what lookups in examples find.
func exampleDNS(t *testing.T) dns.Source {
	t.Helper()
	f := dns.NewFake()
	for _, err := range []error{
		f.Set("example.com", dns.A, dns.Record{Value: "192.0.2.1"}),
		f.Set("example.com", dns.AAAA, dns.Record{Value: "2001:db8::1"}),
		f.Set("example.com", dns.MX, dns.Record{Value: "mx.example.com", Preference: 10}),
		f.Set("example.com", dns.TXT, dns.Record{Value: "v=spf1 -all"}),
		f.Set("example.com", dns.NS, dns.Record{Value: "ns.example.com"}),
		f.Set("www.example.com", dns.CNAME, dns.Record{Value: "example.com"}),
		f.Set("_submission._tcp.example.com", dns.SRV, dns.Record{Value: "mx.example.com", Port: 587}),
		f.Set("1.2.0.192.in-addr.arpa", dns.PTR, dns.Record{Value: "example.com"}),
		f.Set("1.2.0.192.dnsbl.example.org", dns.A, dns.Record{Value: "127.0.0.2"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// example is an example made a script that says what its statements give.
type example struct {
	script string
	shown  map[string]string // by line: what is expected of a statement
	reply  []string          // what is expected of a return
}

var (
	wholeHook  = regexp.MustCompile(`(?m)^function \w+\(`)
	expected   = regexp.MustCompile(`^(.*?)\s*--> (.*)$`)
	assignment = regexp.MustCompile(`^\s*(?:local )?([\w.]+(?:, [\w.]+)*) = `)
	printing   = regexp.MustCompile(`print(\(.*\))( end)?$`)
)

// newExample puts what is no whole hook into eom, with what the reference says that such examples have.
func newExample(m *luaapi.Module, text string) *example {
	x := &example{shown: map[string]string{}}
	var body strings.Builder
	for i, line := range strings.Split(text, "\n") {
		body.WriteString(x.line(i, line) + "\n")
	}
	x.script = body.String() + "\n" + showing
	if wholeHook.MatchString(text) {
		return x
	}
	var head string
	if m.Kind == luaapi.Require {
		head = fmt.Sprintf("local %s = require %q\n", m.Name, m.Name)
	}
	x.script = head + `function eom(conn, msg)
local headers, body, field, part = msg.headers, msg.body, msg.headers[4], msg.attachments[1]
` + body.String() + "end\n" + showing
	return x
}

// line has a line of an example show what it gives.
func (x *example) line(i int, line string) string {
	m := expected.FindStringSubmatch(line)
	if m == nil {
		return line
	}
	code, want, key := m[1], m[2], fmt.Sprint(i+1)
	if strings.HasPrefix(strings.TrimSpace(code), "return ") {
		x.reply = append(x.reply, want)
		return code
	}
	x.shown[key] = want
	if names := assignment.FindStringSubmatch(code); names != nil {
		return code + "; example_shows(" + key + ", " + names[1] + ")"
	}
	if p := printing.FindStringIndex(code); p != nil {
		return strings.Replace(code, "print(", "example_shows("+key+", ", 1)
	}
	return "example_shows(" + key + ", " + code + ")"
}

// showing is the Lua side of an example: a line of the log for each statement that gives something.
const showing = `
local function example_text(v)
  if type(v) == "table" then
    local items = {}
    for i, item in ipairs(v) do items[i] = example_text(item) end
    return "{" .. table.concat(items, ", ") .. "}"
  end
  local escapes = { ["\r"] = "\\r", ["\n"] = "\\n", ["\t"] = "\\t" }
  return (tostring(v):gsub("%c", escapes))
end

function example_shows(key, ...)
  local all = {}
  for i = 1, select("#", ...) do all[i] = example_text((select(i, ...))) end
  log.info("example " .. key .. " " .. table.concat(all, ", "))
end
`

// exampleConversation plays the message of the examples, with two recipients and an unknown command, and returns what was answered
// beside continue.
func exampleConversation(m *mta) []string {
	m.t.Helper()
	var replies []string
	ask := func(step string) {
		r := strings.TrimPrefix(strings.TrimPrefix(m.do(step), "reject "), "tempfail ")
		if !slices.Contains([]string{"continue", "silent", "unsent", ""}, r) {
			replies = append(replies, r)
		}
	}
	tell := func(s protocol.Stage, namesAndValues ...string) {
		if err := m.Macros(s, namesAndValues...); err != nil {
			m.t.Fatal(err)
		}
	}
	ask("connect mail.example.com inet 192.0.2.1 2525")
	if len(replies) > 0 {
		m.told(m.Quit())
		return replies
	}
	tell(protocol.StageHelo, "{tls_version}", "TLSv1.3", "{cipher}", "TLS_AES_256_GCM_SHA384", "{cipher_bits}", "256")
	ask("helo mail.example.com")
	ask("unknown NONSENSE")
	tell(protocol.StageMail, "i", "4F1A2B", "{auth_type}", "PLAIN", "{auth_authen}", "sales@example.com")
	ask("mail <sales@example.com> SIZE=1234")
	ask("rcpt <one@example.org>")
	ask("rcpt <two@example.org>")
	ask("data")
	head, body, _ := strings.Cut(luaapi.ExampleMessage(), "\n\n")
	for _, field := range strings.Split(strings.ReplaceAll(head, "\n\t", "\x00"), "\n") {
		ask("header " + strings.ReplaceAll(field, "\x00", "\n\t"))
	}
	ask("eoh")
	ask("body " + strings.ReplaceAll(body, "\n", "\r\n"))
	_, r, _, err := m.EndOfMessage()
	if err != nil {
		m.t.Error(err)
	}
	if r.Verdict != protocol.Continue {
		replies = append(replies, strings.TrimPrefix(replyText(r), r.Verdict.String()+" "))
	}
	m.told(m.Quit())
	return replies
}

func (x *example) compare(t *testing.T, r *rig, replies []string) {
	t.Helper()
	got := map[string]string{}
	for _, line := range r.said() {
		rest, is := strings.CutPrefix(line, "example ")
		if !is {
			continue
		}
		key, text, _ := strings.Cut(rest, " ")
		if before, again := got[key]; again {
			text = before + "; " + text
		}
		got[key] = text
	}
	for key, want := range x.shown {
		if got[key] != want {
			t.Errorf("line %s gives\n  %s\nwant\n  %s", key, got[key], want)
		}
	}
	equal(t, "replies", replies, x.reply)
	for _, f := range r.program.Check() {
		if f.Rank == "error" {
			t.Error(f.Detail())
		}
	}
	for _, line := range r.log.lines() {
		if line["excerpt"] != nil {
			t.Errorf("it fails: %v", line)
		}
	}
}
