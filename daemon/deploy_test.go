package daemon

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// What Prometheus itself adds to what it fetches.
var added = map[string]string{"job": "luamilter", "instance": "mx.example.com:9125"}

// served is one series of a page, with its name as the label __name__.
type served map[string]string

// series reads a page.
func series(t *testing.T, page string) []served {
	t.Helper()
	all := []served{{"__name__": "up", "job": added["job"], "instance": added["instance"]}}
	label := regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
	for _, found := range regexp.MustCompile(`(?m)^(\w+)(?:\{(.*)\})? \S+$`).FindAllStringSubmatch(page, -1) {
		one := served{"__name__": found[1], "job": added["job"], "instance": added["instance"]}
		for _, l := range label.FindAllStringSubmatch(found[2], -1) {
			one[l[1]] = l[2]
		}
		all = append(all, one)
	}
	return all
}

// Parts of PromQL.
var (
	selectorForm = regexp.MustCompile(`([a-zA-Z_]\w*)?\{([^}]*)\}`)
	matcherForm  = regexp.MustCompile(`(\w+)(=~|!~|!=|=)"([^"]*)"`)
	groupForm    = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	rangeForm    = regexp.MustCompile(`\[[^\]]*\]`)
	wordForm     = regexp.MustCompile(`[a-zA-Z_]\w*(\s*\()?`)
)

// selects returns the series that a selector chooses; none for one that cannot be read.
func selects(all []served, name, matchers string) []served {
	if strings.Trim(matcherForm.ReplaceAllString(matchers, ""), ", ") != "" {
		return nil
	}
	list := matcherForm.FindAllStringSubmatch(matchers, -1)
	if name != "" {
		list = append(list, []string{"", "__name__", "=", name})
	}
	var out []served
	for _, one := range all {
		if matchesAll(one, list) {
			out = append(out, one)
		}
	}
	return out
}

func matchesAll(one served, list [][]string) bool {
	for _, m := range list {
		value, has := one[m[1]]
		if !has { // a label that is not there is a mistake here, whatever the matcher says
			return false
		}
		pattern := m[3]
		if !strings.HasSuffix(m[2], "~") {
			pattern = regexp.QuoteMeta(pattern)
		}
		if regexp.MustCompile("^(?:"+pattern+")$").MatchString(value) != strings.HasPrefix(m[2], "=") {
			return false
		}
	}
	return true
}

// alternatives takes patterns such as "time|instructions" apart, so that each word in them is looked for.
func alternatives(matchers string) []string {
	found := regexp.MustCompile(`=~"(\w+(?:\|\w+)+)"`).FindStringSubmatch(matchers)
	if found == nil {
		return []string{matchers}
	}
	var out []string
	for word := range strings.SplitSeq(found[1], "|") {
		out = append(out, strings.Replace(matchers, found[0], `="`+word+`"`, 1))
	}
	return out
}

// problems returns the selectors of a query that find nothing on a page, and the labels that it groups by and that are not there.
func problems(all []served, query string) []string {
	var out []string
	labels := map[string]bool{}
	find := func(name, matchers string) {
		for _, one := range alternatives(matchers) {
			found := selects(all, name, one)
			if len(found) == 0 {
				out = append(out, fmt.Sprintf("nothing on the page is %s{%s}", name, one))
			}
			for _, s := range found {
				for label := range s {
					labels[label] = true
				}
			}
		}
	}
	rest := selectorForm.ReplaceAllStringFunc(query, func(s string) string {
		found := selectorForm.FindStringSubmatch(s)
		find(found[1], found[2])
		return " "
	})
	groups := groupForm.FindAllStringSubmatch(rest, -1)
	rest = rangeForm.ReplaceAllString(groupForm.ReplaceAllString(rest, " "), " ")
	for _, word := range wordForm.FindAllString(rest, -1) {
		if !strings.HasSuffix(word, "(") && !slices.Contains(words, word) { // a function has its bracket
			find(word, "")
		}
	}
	for _, group := range groups {
		for label := range strings.SplitSeq(group[1], ",") {
			if label = strings.TrimSpace(label); !labels[label] {
				out = append(out, fmt.Sprintf("no series has the label %q", label))
			}
		}
	}
	return out
}

// words are those of PromQL itself, as far as they are used without a bracket.
var words = []string{"and", "or", "unless", "sum", "max", "min"}

func checkQuery(t *testing.T, all []served, query string) {
	t.Helper()
	for _, problem := range problems(all, query) {
		t.Errorf("%s\n%s", query, problem)
	}
}

// exported returns the series of a daemon whose scripts use everything.
func exported(t *testing.T) []served {
	t.Helper()
	m := monitor(t, map[string]string{"first.lua": openingScript + countingScript})
	m.mail("<a@example.com>")
	return series(t, m.page())
}

// alertFile is the part of Prometheus' rule files that is used.
type alertFile struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr, For    string
			Labels, Annotations map[string]string
		}
	}
}

func readAlerts(t *testing.T) alertFile {
	t.Helper()
	text, err := os.ReadFile("../deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var f alertFile
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return f
}

// Each alert asks for what the daemon exports, and says what it means.
func TestAlerts(t *testing.T) {
	all := exported(t)
	docs := readDocs(t)
	n := 0
	for _, group := range readAlerts(t).Groups {
		for _, rule := range group.Rules {
			n++
			checkQuery(t, all, rule.Expr)
			if s := rule.Labels["severity"]; s != "critical" && s != "warning" {
				t.Errorf("%s has severity %q", rule.Alert, s)
			}
			if rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
				t.Errorf("%s does not say what it means", rule.Alert)
			}
			if !strings.Contains(docs, "| `"+rule.Alert+"` | "+rule.Labels["severity"]+" |") {
				t.Errorf("%s (%s) is not in the documentation", rule.Alert, rule.Labels["severity"])
			}
		}
	}
	if n == 0 || strings.Count(docs, "| `Luamilter") != n {
		t.Errorf("there are %d alerts, and %d in the documentation", n, strings.Count(docs, "| `Luamilter"))
	}
}

// dashboard is the part of Grafana's dashboards that is checked.
type dashboard struct {
	Title, UID  string
	Panels      []panel
	Annotations struct{ List []struct{ Expr string } }
	Templating  struct{ List []variable }
}

type panel struct {
	ID      int
	Title   string
	Type    string
	Targets []struct{ Expr string }
}

type variable struct {
	Name, Type string
	Query      json.RawMessage
}

// Each panel and each variable of the dashboard asks for what the daemon exports.
func TestDashboard(t *testing.T) {
	all := exported(t)
	text, err := os.ReadFile("../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$__rate_interval", "5m", "$counter", "luamilter_script_mails_total", "$gauge", "luamilter_script_last_length_bytes",
		"$histogram", "luamilter_script_length_bytes_bucket", "$instance", ".+", "$listener", ".+", "$script", ".+")
	seen := map[int]bool{}
	for _, p := range d.Panels {
		if seen[p.ID] || p.Title == "" {
			t.Errorf("panel %d %q has no id or title of its own", p.ID, p.Title)
		}
		seen[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			query := fill.Replace(target.Expr)
			if strings.Contains(query, "$") {
				t.Errorf("%s has a variable that is not known", query)
			}
			checkQuery(t, all, query)
		}
	}
	for _, a := range d.Annotations.List {
		checkQuery(t, all, fill.Replace(a.Expr))
	}
	for _, v := range d.Templating.List {
		if v.Type == "query" {
			checkVariable(t, all, v, fill)
		}
	}
	if len(d.Panels) == 0 || len(d.Templating.List) == 0 {
		t.Error("the dashboard is empty")
	}
}

// checkVariable checks that a variable has something to choose from.
func checkVariable(t *testing.T, all []served, v variable, fill *strings.Replacer) {
	t.Helper()
	var q struct{ Query string }
	if err := json.Unmarshal(v.Query, &q); err != nil {
		t.Fatalf("variable %s: %v", v.Name, err)
	}
	found := regexp.MustCompile(`^label_values\((\w*)(?:\{(.*)\})?, (\w+)\)$`).FindStringSubmatch(fill.Replace(q.Query))
	if found == nil {
		t.Fatalf("variable %s: %s", v.Name, q.Query)
	}
	values := map[string]bool{}
	for _, one := range selects(all, found[1], found[2]) {
		values[one[found[3]]] = true
	}
	if len(values) == 0 || values[""] {
		t.Errorf("variable %s finds %v", v.Name, values)
	}
	want := map[string]string{"counter": "luamilter_script_mails_total", "gauge": "luamilter_script_last_length_bytes", "histogram": "luamilter_script_length_bytes_bucket"}
	if name := want[v.Name]; name != "" && (len(values) != 1 || !values[name]) {
		t.Errorf("variable %s finds %v", v.Name, values)
	}
}

// The checks themselves find what they are for.
func TestProblems(t *testing.T) {
	all := []served{{"__name__": "a_total", "kind": "x", "job": "j"}, {"__name__": "b", "job": "j"}}
	for query, good := range map[string]bool{
		`a_total`:                           true,
		`sum by (kind) (rate(a_total[5m]))`: true,
		`a_total{kind=~"x"} > 0 or b`:       true,
		`c_total`:                           false,
		`rate(c_total[5m])`:                 false,
		`a_total{kind="y"}`:                 false,
		`a_total{kind=~"x|y"}`:              false,
		`a_total{knid!="y"}`:                false,
		`sum by (knid) (a_total)`:           false,
		`b and on (kind) b`:                 false,
	} {
		if found := problems(all, query); good != (len(found) == 0) {
			t.Errorf("%s: %q", query, found)
		}
	}
}
