package engine

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// scriptMetrics shows what the scripts have counted.
func scriptMetrics(e *Engine) []string {
	var out []string
	for _, s := range e.ScriptMetrics() {
		for _, m := range s.Metrics {
			for _, one := range m.Series {
				out = append(out, fmt.Sprintf("%s %s %s%q%q %v", s.Script, m.Kind, m.Name, m.Labels, one.Values, one.Value))
			}
		}
	}
	return out
}

// Each script has its own metrics; a hook that fails does not take back what it counted.
func TestScriptMetrics(t *testing.T) {
	r := start(t, `
function connect(conn) metrics.count("hooks", {stage = "connect"}) end
function mail(conn) metrics.count("hooks", {stage = "mail"}) end
function rcpt(conn, recipient)
  metrics.count("hooks", {stage = "rcpt"})
  if recipient == "oops" then error("oops") end
  return continue
end
function eom(conn, msg) metrics.count("hooks", {stage = "eom"}) end
function abort(conn) metrics.count("hooks", {stage = "abort"}) end
function close(conn) metrics.count("hooks", {stage = "close"}) end`, `
function eom(conn, msg) metrics.set("hooks", 5) end`)
	m := r.mta()
	m.dialog("connect mx.example.com inet 192.0.2.1 25\nmail a\nrcpt oops -> tempfail\nrcpt b -> continue\neom -> continue\nmail b\nabort\nquit")
	r.ended()
	equal(t, "metrics", scriptMetrics(r.engine), list(`
		first counter hooks["stage"]["abort"] 1
		first counter hooks["stage"]["close"] 1
		first counter hooks["stage"]["connect"] 1
		first counter hooks["stage"]["eom"] 1
		first counter hooks["stage"]["mail"] 2
		first counter hooks["stage"]["rcpt"] 2
		second gauge hooks[][] 5`))
}

// A script that is only observed counts too.
func TestScriptMetricsObserved(t *testing.T) {
	observe := true
	path := writeScript(t, "first", `function mail(conn, sender) metrics.count("refused") return reject end`)
	p, err := Load([]string{path}, Options{Limits: DefaultLimits, Scripts: map[string]ScriptOptions{"first": {Observe: &observe}}})
	if err != nil {
		t.Fatal(err)
	}
	r := serving(t, defaults(), p)
	r.mta().dialog("mail a -> accept\nquit")
	r.ended()
	equal(t, "metrics", scriptMetrics(r.engine), list(`first counter refused[][] 1`))
}

// A reload keeps what was counted, and an edited script may change what it counts.
func TestScriptMetricsOverReloads(t *testing.T) {
	r := start(t, `function mail() metrics.count("same") metrics.count("changed", {a = 1}) return continue end`)
	before := r.mta()
	before.dialog("mail a -> continue\nabort")
	p := defaults().load(t, `function mail() metrics.count("same") metrics.count("changed", {a = 1, b = 2}) return continue end`)
	t.Cleanup(p.Close)
	r.engine.Reload(map[string]*Program{"": p})
	r.mta().dialog("mail a -> continue\nquit")
	before.dialog("mail a -> continue\nquit")
	r.ended()
	equal(t, "metrics", scriptMetrics(r.engine), list(`
		first counter changed["a"]["1"] 2
		first counter changed["a" "b"]["1" "2"] 1
		first counter same[][] 3`))
}

// One name, two meanings: the error says where the first one is.
func TestScriptMetricsMistake(t *testing.T) {
	r := start(t, `
function mail(conn) metrics.count("mails") end
function rcpt(conn) metrics.set("mails", 1) return continue end`)
	r.mta().dialog("mail a\nrcpt b -> tempfail\nquit")
	r.ended()
	path := r.program.Scripts[0].Path
	want := path + ":3: metrics.set: mails is a counter since its use at " + path + ":2, and cannot be a gauge too"
	lines := append(r.log.at("warn"), r.log.at("error")...)
	if len(lines) != 1 || !strings.HasPrefix(text(lines[0]["message"]), want) {
		t.Errorf("logged %v\nwant %s", lines, want)
	}
}

// Too many series are warned of once, and no reason to refuse mail.
func TestScriptMetricsOverCap(t *testing.T) {
	r := start(t, `function mail(conn, sender) for i = 1, 5000 do metrics.count("from", {address = sender .. i}) end return continue end`)
	r.mta().dialog("mail a -> continue\nmail b -> continue\nquit")
	r.ended()
	warned := r.log.at("warn")
	if len(warned) != 1 || warned[0]["script"] != "first" || !strings.HasPrefix(text(warned[0]["message"]), "metrics: from: the script has 1000 series already") {
		t.Errorf("warned %v", warned)
	}
	if over := r.engine.ScriptMetrics()[0].Over; over != 9000 {
		t.Errorf("%d over the cap", over)
	}
	if c := r.engine.Counts()[""].Scripts["first"].Hooks[protocol.StageMail]; c.Calls() != 2 || c.Failures != [NumFailures]uint64{} {
		t.Errorf("%+v", c)
	}
}
