package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

const (
	warned = "function mail(conn, sender)\n  sender:lower()\nend\n"
	wrong  = "function mail(conn, sender)\n  --[[ grüße ]] log.warning(sender)\nend\n"
)

// TestCheckStrict: warnings are shown always, and count with --strict.
func TestCheckStrict(t *testing.T) {
	script := write(t, "warned.lua", warned)
	for _, c := range []struct {
		name string
		args []string
		code int
	}{
		{"warnings alone", []string{"check", script}, 0},
		{"warnings, strictly", []string{"check", "--strict", script}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := run(c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if want := "warned.lua:2:10: warning: sender:lower changes nothing"; !strings.Contains(stderr, want) {
				t.Errorf("stderr lacks %q:\n%s", want, stderr)
			}
		})
	}
}

// TestCheckJSON: one object a line, also for a script that cannot be loaded, and nothing else on standard output.
func TestCheckJSON(t *testing.T) {
	script, broken := write(t, "wrong.lua", wrong), write(t, "broken.lua", "function mail(\n")
	missing := filepath.Join(t.TempDir(), "missing.lua")
	code, stdout, stderr := run("check", "--json", script, broken, missing, write(t, "good.lua", "function mail(conn) end\n"))
	if code != 1 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	want := []finding{
		{File: script, Line: 2, Column: 23, Severity: "error", Name: "unknown-function", Text: "log.warning does not exist", Fix: "did you mean log.warn?"},
		{File: broken, Line: 1, Column: 0, Severity: "error", Name: "does-not-load"},
		{File: missing, Severity: "error", Name: "does-not-load"},
	}
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), stdout)
	}
	for i, line := range lines {
		var got finding
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if got.Text == "" {
			t.Errorf("no text in %s", line)
		}
		if want[i].Text == "" {
			got.Text, got.Fix, got.Column = "", "", 0
		}
		if got != want[i] {
			t.Errorf("got  %+v\nwant %+v", got, want[i])
		}
	}
}

// TestCheckSARIF holds the document to what SARIF 2.1.0 requires of the parts that are in it (sections 3.13, 3.14, 3.19, 3.27 and 3.30).
func TestCheckSARIF(t *testing.T) {
	script := write(t, "a script.lua", wrong)
	code, stdout, stderr := run("check", "--sarif", script)
	if code != 1 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	var log sarifLog
	in := json.NewDecoder(strings.NewReader(stdout))
	in.DisallowUnknownFields()
	if err := in.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.HasSuffix(log.Schema, "sarif-2.1.0.json") || len(log.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	r := log.Runs[0]
	if r.Tool.Driver.Name != "luamilter" || r.ColumnKind != "unicodeCodePoints" || len(r.Results) != 1 {
		t.Fatalf("driver %q, columns %q, %d results", r.Tool.Driver.Name, r.ColumnKind, len(r.Results))
	}
	names := map[string]bool{}
	for _, rule := range r.Tool.Driver.Rules {
		if names[rule.ID] || rule.Short.Text == "" || rule.Default.Level != "error" && rule.Default.Level != "warning" {
			t.Errorf("odd rule %+v", rule)
		}
		names[rule.ID] = true
	}
	got := r.Results[0]
	if r.Tool.Driver.Rules[got.RuleIndex].ID != got.RuleID || got.RuleID != "unknown-function" || got.Level != "error" || got.Message.Text == "" {
		t.Errorf("odd result %+v", got)
	}
	at := got.Locations[0].Physical
	if want := "file://" + strings.ReplaceAll(script, " ", "%20"); at.Artifact.URI != want {
		t.Errorf("URI %q, want %q", at.Artifact.URI, want)
	}
	if at.Region == nil || *at.Region != (sarifRegion{2, 21}) { // characters, not bytes
		t.Errorf("region %+v", at.Region)
	}
}

// TestCheckSARIFOfNothing: results must be there, also where there are none.
func TestCheckSARIFOfNothing(t *testing.T) {
	code, stdout, _ := run("check", "--sarif", write(t, "good.lua", "function mail(conn) end\n"))
	if code != 0 || !strings.Contains(stdout, `"results": []`) {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}
