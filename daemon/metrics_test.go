package daemon

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/engine"
	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// monitored is a daemon that serves its metrics.
type monitored struct {
	*Daemon
	t      *testing.T
	socket string // of the milter
}

// monitor runs a daemon with scripts, given by the names of their files, until the test ends.
func monitor(t *testing.T, scripts map[string]string) *monitored {
	t.Helper()
	return monitorWith(t, "", scripts)
}

// monitorWith is monitor with more tables in the configuration.
func monitorWith(t *testing.T, more string, scripts map[string]string) *monitored {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(dir, "milter")
	file := filepath.Join(dir, "luamilter.toml")
	text := fmt.Sprintf("listen = [%q]\nscripts = [\"*.lua\"]\n[metrics]\nlisten = \"127.0.0.1:0\"\n[reload]\nwatch = false\npoll = \"0s\"\n[admin]\nlisten = %q\n",
		"unix:"+socket, "unix:"+filepath.Join(dir, "admin")) + more
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	d := &Daemon{
		Configure: func() (*config.Config, error) { return config.Load(file) },
		Logger:    func(config.Log) (zerolog.Logger, error) { return zerolog.Nop(), nil },
		Version:   "luamilter test",
		Ready:     func(engine.Spec) error { close(ready); return nil },
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return &monitored{d, t, socket}
}

// mail sends a message as an MTA does, and returns the reply to its end, or to what refused it.
func (m *monitored) mail(sender string) protocol.Reply {
	m.t.Helper()
	nc, err := net.Dial("unix", m.socket)
	if err != nil {
		m.t.Fatal(err)
	}
	c := protocol.NewClient(nc, 30*time.Second)
	defer func() { _ = c.Close() }()
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		m.t.Fatal(err)
	}
	for _, ev := range []protocol.Event{
		&protocol.Connect{Host: []byte("mx.example.com"), Family: protocol.FamilyInet, Port: 25, Address: []byte("192.0.2.1")},
		&protocol.Mail{Sender: []byte(sender)},
		&protocol.Rcpt{Recipient: []byte("<b@example.com>")},
	} {
		if !c.Wants(ev.Stage()) {
			continue
		}
		r, err := c.Send(ev)
		if err != nil {
			m.t.Fatal(err)
		}
		if r.Verdict.Final() {
			return r
		}
	}
	_, r, _, err := c.EndOfMessage()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		m.t.Fatal(err)
	}
	return r
}

// fetch gets what is served at a path.
func (m *monitored) fetch(path string) (code int, text string) {
	m.t.Helper()
	resp, err := http.Get("http://" + m.metrics.Addr().String() + path)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// page returns the metrics once all sessions have ended and been counted.
func (m *monitored) page() string {
	m.t.Helper()
	for range 30_000 {
		if m.engine.Sessions() == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	code, text := m.fetch("/metrics")
	if code != http.StatusOK {
		m.t.Fatalf("%d: %s", code, text)
	}
	return text
}

// lintPage checks that Prometheus can read a page, and finds nothing odd in it.
func lintPage(t *testing.T, page string) {
	t.Helper()
	problems, err := promlint.New(strings.NewReader(page)).Lint()
	if err != nil {
		t.Fatalf("the page cannot be read: %v", err)
	}
	for _, p := range problems {
		t.Errorf("promlint: %s: %s", p.Metric, p.Text)
	}
}

// shows checks that a page has lines.
func shows(t *testing.T, page string, lines ...string) {
	t.Helper()
	all := strings.Split(page, "\n")
	for _, line := range lines {
		if !slices.Contains(all, line) {
			name, _, _ := strings.Cut(line, "{")
			t.Errorf("there is no %s\nbut\n%s", line, strings.Join(regexp.MustCompile("(?m)^"+name+"[{ ].*$").FindAllString(page, -1), "\n"))
		}
	}
}

const openingScript = `
local map = require "map"
local words = map.set { "one", "two" }
local owners = map.table("sqlite:/none.db", { query = "SELECT owner FROM lists WHERE address = ?" })
`

const countingScript = `
function mail(conn, sender)
  metrics.count("mails", {kind = sender == "" and "bounce" or "mail"})
  metrics.set("last_length_bytes", #sender)
  metrics.observe("length_bytes", #sender)
  if sender == "oops" then error("oops") end
  return continue
end
function eom(conn, msg) return accept end`

// The page has every metric of the list, of its type and with its labels, and those of the scripts, of Go and of the process.
func TestPage(t *testing.T) {
	m := monitor(t, map[string]string{"first.lua": openingScript + countingScript + "\nrequire 'timer'.every('1d', function() end)"})
	for _, sender := range []string{"<>", "<a@example.com>", "<a@example.com>"} {
		if r := m.mail(sender); r.Verdict != protocol.Accept {
			t.Errorf("%s: %v", sender, r.Verdict)
		}
	}
	if r := m.mail("oops"); r.Verdict != protocol.Tempfail {
		t.Errorf("an error: %v", r.Verdict)
	}
	page := m.page()
	lintPage(t, page)
	known := map[string]bool{}
	for _, one := range Metrics() {
		known[one.Name] = true
		if !strings.Contains(page, "# HELP "+one.Name+" "+one.Doc+"\n# TYPE "+one.Name+" "+one.TypeName()+"\n") {
			t.Errorf("%s is not on the page as a %s", one.Name, one.TypeName())
		}
		sample := regexp.MustCompile(`(?m)^` + one.Name + `(?:_sum)?(?:\{(.*)\})? `).FindStringSubmatch(page)
		if sample == nil {
			t.Errorf("%s has no value", one.Name)
			continue
		}
		var labels []string
		for _, l := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(sample[1], -1) {
			labels = append(labels, l[1])
		}
		if !slices.Equal(slices.Sorted(slices.Values(labels)), slices.Sorted(slices.Values(one.Labels))) {
			t.Errorf("%s has labels %v; the list says %v", one.Name, labels, one.Labels)
		}
	}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (luamilter_\w+)`).FindAllStringSubmatch(page, -1) {
		if !known[found[1]] && !strings.HasPrefix(found[1], "luamilter_script_") {
			t.Errorf("%s is not in the list", found[1])
		}
	}
	shows(t, page,
		`luamilter_script_mails_total{kind="bounce",listener="default",script="first"} 1`,
		`luamilter_script_mails_total{kind="mail",listener="default",script="first"} 3`,
		`luamilter_script_last_length_bytes{listener="default",script="first"} 4`,
		`luamilter_script_length_bytes_bucket{listener="default",script="first",le="3"} 1`,
		`luamilter_script_length_bytes_bucket{listener="default",script="first",le="+Inf"} 4`,
		`luamilter_script_length_bytes_sum{listener="default",script="first"} 30`,
		`luamilter_script_length_bytes_count{listener="default",script="first"} 4`,
		`luamilter_script_series_over_cap_total{listener="default",script="first"} 0`,
		`luamilter_script_metrics_hidden{listener="default",script="first"} 0`,
		`luamilter_messages_total{listener="default",outcome="accepted"} 3`,
		`luamilter_map_entries{kind="set",map="inline"} 2`,
		`luamilter_map_lookups_total{kind="table",map="sqlite:/none.db",result="error"} 0`,
		`luamilter_hook_failures_total{listener="default",reason="error",script="first",stage="mail"} 1`,
	)
	for path, want := range map[string]string{"/healthz": "alive\n", "/readyz": "ready\n"} {
		if code, text := m.fetch(path); code != http.StatusOK || text != want {
			t.Errorf("%s: %d %q", path, code, text)
		}
	}
}

// No script breaks the page or the status, whatever it counts and whatever its file is called.
func TestHostileMetrics(t *testing.T) {
	odd := "odd \xff\"\\\n{}.lua"
	m := monitor(t, map[string]string{
		odd: `
function mail(conn, sender)
  local values = {"a\nb", '"', "\\", "\\n", '"} 1\nluamilter_up 1\n', "\255\254", "\0", "", ("x"):rep(1e6), "\27[31m", "{}", "#", "other"}
  for _, value in ipairs(values) do metrics.count("values", {value = value}) end
  for _, name in ipairs(values) do
    assert(not pcall(metrics.count, name ~= "other" and name or "other_total"))
    assert(name == "other" or not pcall(metrics.count, "labelled", {[name] = "x"}))
  end
  for _, name in ipairs{"le", "quantile", "script", "listener", "__name__"} do assert(not pcall(metrics.observe, "labelled", 1, {[name] = "x"})) end
  metrics.set("huge", 1e308) metrics.count("huge_sum_", nil, 1.7e308) metrics.count("huge_sum_", nil, 1.7e308)
  metrics.observe("wide", -1e308) metrics.observe("wide", 1e308)
  metrics.set("kind", 1)
  for i = 1, 2000 do metrics.count("name" .. i) end
end`,
		"second.lua": `
function mail(conn, sender)
  for i = 1, 20000 do metrics.count("many", {n = i}) end
  metrics.observe("kind", 1)
end
function eom() return accept end`,
	})
	if r := m.mail("<a@example.com>"); r.Verdict.Final() && r.Verdict != protocol.Accept {
		t.Errorf("%v", r)
	}
	page := m.page()
	const many = "\nluamilter_script_many_total{"
	lintPage(t, regexp.MustCompile(many+`.*n="\d+".*`).ReplaceAllString(page, "")) // it compares each series with each
	if strings.Contains(page, "\nluamilter_up ") {
		t.Error("a script writes lines of its own")
	}
	shows(t, page,
		`luamilter_script_series_over_cap_total{listener="default",script="second"} 19000`,
		`luamilter_script_many_total{listener="default",n="other",script="second"} 19000`,
		`luamilter_script_values_total{listener="default",script="odd \\xff\\\"\\\\\\n{}",value="\""} 1`,
		`luamilter_script_values_total{listener="default",script="odd \\xff\\\"\\\\\\n{}",value="`+strings.Repeat("x", metric.MaxValue)+`"} 1`,
	)
	shows(t, page, // the kind that came last is shown
		`luamilter_script_metrics_hidden{listener="default",script="odd \\xff\\\"\\\\\\n{}"} 1`,
		`luamilter_script_metrics_hidden{listener="default",script="second"} 0`,
		`luamilter_script_kind_count{listener="default",script="second"} 1`,
		`luamilter_script_huge_sum__total{listener="default",script="odd \\xff\\\"\\\\\\n{}"} 1.7976931348623157e+308`,
	)
	if n := strings.Count(page, many); n != metric.MaxSeries+1 {
		t.Errorf("%d series", n)
	}
	s, err := NewClient(m.admin.Addr().String()).Status(context.Background())
	if err != nil {
		t.Fatalf("status: %v", err)
	}
	for _, script := range s.Listeners[0].Scripts {
		if script.OverCap == 0 || len(script.Metrics) == 0 {
			t.Errorf("%q: %d metrics, %d over the cap", script.Name, len(script.Metrics), script.OverCap)
		}
	}
}

// The status shows what scripts count.
func TestStatusShowsMetrics(t *testing.T) {
	m := monitor(t, map[string]string{"first.lua": countingScript})
	m.mail("<a@example.com>")
	s, err := NewClient(m.admin.Addr().String()).Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%+v", s.Listeners[0].Scripts[0].Metrics)
	for _, want := range []string{
		"{Name:mails Kind:counter Hidden:false Series:[{Labels:map[kind:mail] Value:1 Count:0 Buckets:[]}]}",
		"{Name:last_length_bytes Kind:gauge Hidden:false Series:[{Labels:map[] Value:13 Count:0 Buckets:[]}]}",
		"{Name:length_bytes Kind:histogram Hidden:false Series:[{Labels:map[] Value:13 Count:1 Buckets:[{UpTo:0.001 Count:0}",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nis not in\n%s", want, got)
		}
	}
}
