// Package monitoring has Prometheus' own tool judge what luamilter gives to Prometheus: its metrics and its alerts.
package monitoring

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// promtool runs it, with a text on its standard input.
func promtool(t *testing.T, stdin string, args ...string) {
	t.Helper()
	cmd := exec.Command(mta.NeedCached(t, "usr/bin/promtool"), args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestRules(t *testing.T) {
	promtool(t, "", "check", "rules", filepath.Join("..", "..", "deploy", "alerts.yml"))
}

// Each alert fires when it should, and only then.
func TestAlerts(t *testing.T) { promtool(t, "", "test", "rules", "alerts_test.yml") }

// The page that the program serves has nothing that Prometheus would object to.
func TestPage(t *testing.T) {
	mta.NeedCached(t, "usr/bin/promtool")
	dir := mta.Dir(t)
	file := filepath.Join(dir, "luamilter.toml")
	text := "[metrics]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"" + filepath.Join(dir, "admin.sock") + "\"\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	script := `function mail(conn, sender) metrics.count("mails", {sender = sender}) return continue end`
	spec := mta.UnixSpec(t)
	d := mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{script}, Args: []string{"-c", file}})
	out, err := exec.Command(mta.Luamilter(t), "probe", spec).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	line := d.WaitLine(t, "metrics are served")
	var served struct{ Listen string }
	if err := json.Unmarshal([]byte(line.Text), &served); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://" + served.Listen + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), `luamilter_script_mails_total{listener="default",script="script1",sender="sender@example.com"} 1`) {
		t.Errorf("the script's metric is missing:\n%s", page)
	}
	promtool(t, string(page), "check", "metrics")
}
