package daemon

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"luamilter/protocol"
)

func readDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The table in the documentation is that of Metrics, row by row.
func TestDocsHaveEveryMetric(t *testing.T) {
	var want []string
	for _, m := range Metrics() {
		labels := "-"
		if len(m.Labels) > 0 {
			labels = "`" + strings.Join(m.Labels, "`, `") + "`"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", m.Name, m.TypeName(), labels, m.Doc))
	}
	_, section, found := strings.Cut(readDocs(t), "\n## Metrics\n")
	if !found {
		t.Fatal("there is no section of metrics")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	got := regexp.MustCompile("(?m)^\\| `luamilter_.*$").FindAllString(section, -1)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("row %d of the table differs; the whole must be:\n%s", i+1, strings.Join(want, "\n"))
		}
	}
}

// Each metric is explained by whole sentences.
func TestMetricsAreExplained(t *testing.T) {
	for _, m := range Metrics() {
		if !strings.HasSuffix(m.Doc, ".") || strings.Contains(m.Doc, "|") {
			t.Errorf("%s: %q", m.Name, m.Doc)
		}
	}
}

// The queries of the documentation ask for what the daemon exports.
func TestDocsQueries(t *testing.T) {
	all := exported(t)
	_, rest, found := strings.Cut(readDocs(t), "```promql\n")
	if !found {
		t.Fatal("there are no queries")
	}
	block, _, _ := strings.Cut(rest, "```")
	n := 0
	for line := range strings.Lines(block) {
		query, _, _ := strings.Cut(line, "#")
		if query = strings.TrimSpace(query); query != "" {
			n++
			checkQuery(t, all, query)
		}
	}
	if n < 5 {
		t.Errorf("%d queries", n)
	}
}

// The script of the documentation is right, and its metrics are shown as the table says.
func TestDocsScript(t *testing.T) {
	_, rest, found := strings.Cut(readDocs(t), "```lua\n")
	if !found {
		t.Fatal("there is no script")
	}
	script, rest, _ := strings.Cut(rest, "```")
	m := monitor(t, map[string]string{"first.lua": script})
	for _, p := range m.engine.Current().Program("default").Check() {
		t.Errorf("check: %s", p.Text)
	}
	if r := m.mail("<a@example.com>"); r.Verdict != protocol.Continue {
		t.Errorf("%v", r)
	}
	page := m.page()
	lintPage(t, page)
	for name := range strings.SplitSeq("lookups_total recipients_of_last_message message_size_bytes_bucket", " ") {
		if !strings.Contains(rest, "| `luamilter_script_"+name+"`") || !strings.Contains(page, "\nluamilter_script_"+name+"{") {
			t.Errorf("luamilter_script_%s is not in both the table and the page", name)
		}
	}
}
