package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// tiny is a bench that measures as little as there can be.
func tiny(t *testing.T, notes *bytes.Buffer) *bench {
	t.Helper()
	return &bench{options: options{rounds: 1, length: 5 * time.Millisecond, scale: 1000}, dir: mta.Dir(t), notes: notes}
}

// TestParts measures every part a little: everybody who is installed must come to the figures, and have the right results.
func TestParts(t *testing.T) {
	programs := map[string][]string{
		"store": {"redis-server", "redis-benchmark"}, "dns": {"unbound"}, "maps": {"rspamd", "postmap"}, "policy": {"redis-server", "rspamd", "postgrey"},
	}
	for _, p := range parts() {
		t.Run(p.name, func(t *testing.T) {
			for _, program := range programs[p.name] {
				mta.NeedProgram(t, program)
			}
			var notes, out bytes.Buffer
			b := tiny(t, &notes)
			if p.name == "policy" {
				b.daemon = mta.Luamilter(t)
			}
			r, err := b.part(t.Context(), p)
			if err != nil || b.bad {
				t.Fatalf("bad is %v: %v\n%s", b.bad, err, notes.String())
			}
			for _, w := range r.works {
				for _, d := range w.doers {
					if d.lacks == "" && len(d.figures) != b.rounds {
						t.Errorf("%s: %s has %d figures of %d", w.name, d.name, len(d.figures), b.rounds)
					}
				}
			}
			printTable(&out, r)
			if strings.Contains(out.String(), "failed") || strings.Contains(out.String(), "NaN") {
				t.Error(out.String())
			}
		})
	}
}

func TestFind(t *testing.T) {
	if path, err := find("sh", "dash"); err != nil || !filepath.IsAbs(path) {
		t.Errorf("%q, %v", path, err)
	}
	_, err := find("no-such-program", "a-package")
	if !errors.As(err, new(lacking)) || err.Error() != "not installed (apt-get install a-package)" {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	w := &work{name: "look", units: []unit{perSecond, seconds}, doers: []*doer{
		ours(&doer{name: "from Go", figures: [][]float64{{2_000_000, 1}, {3_000_000, 2}, {4_000_000, math.NaN()}}}),
		ours(&doer{name: "from Lua", figures: [][]float64{{1000, math.NaN()}, {1000, math.NaN()}, {1000, math.NaN()}}}),
		{name: "peer", figures: [][]float64{{1_000_000, 4}, {1_000_000, 4}, {1_000_000, 4}}},
		beside("from Lua", &doer{name: "broken", err: errors.New("it broke")}),
		absent("missing", notInstalled("a-package")),
	}}
	var out bytes.Buffer
	printTable(&out, &result{part{title: "Title"}, []*work{w}})
	want := []string{
		"| look | from Go | 3,000,000/s (2,000,000-4,000,000) | peer | 1,000,000/s (1,000,000-1,000,000) | 3.00 |",
		"| look | from Go | 3,000,000/s (2,000,000-4,000,000) | missing | not installed (apt-get install a-package) | - |",
		"| look | from Lua | 1,000/s (1,000-1,000) | peer | 1,000,000/s (1,000,000-1,000,000) | 0.00 |",
		"| look | from Lua | 1,000/s (1,000-1,000) | broken | failed | - |",
		"| look | from Go | 1.50 s (1.00-2.00) | peer | 4.00 s (4.00-4.00) | 0.38 |",
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")[4:]
	for i := range max(len(lines), len(want)) {
		got := ""
		if i < len(lines) {
			got = strings.Join(strings.Fields(lines[i]), " ")
		}
		if i >= len(want) || got != want[i] {
			t.Errorf("row %d: %s", i, got)
		}
	}
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{0.0123: "0.01", 9.5: "9.50", 45.67: "45.7", 999.4: "999", 1234: "1,230", 12_345_678: "12,300,000"} {
		if got := figure(v); got != want {
			t.Errorf("%v: %s, expected %s", v, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	w := &work{name: "look", units: []unit{perSecond, seconds}, doers: []*doer{
		ours(&doer{name: "from Lua", figures: [][]float64{{1000, math.NaN()}}}), {name: "broken", err: errors.New("it broke")},
	}}
	var out bytes.Buffer
	if err := printJSON(&out, []*result{{part{name: "maps"}, []*work{w}}}, options{rounds: 1}); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != 3 || r.Figures[0].Median != 1000 || !r.Figures[0].Own || r.Figures[1].Problem != "it broke" {
		t.Error(out.String())
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		name, says string
		args       []string
	}{
		{"no such part", "there are store, dns, maps, policy", []string{"--only", "mail"}},
		{"no rounds", "--rounds 0", []string{"--rounds", "0"}},
		{"no time", "--length 0s", []string{"--length", "0"}},
		{"no list", "--scale 0", []string{"--scale", "0"}},
		{"no flag", `"maps" is not a flag`, []string{"maps"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, complaint bytes.Buffer
			if code := realMain(t.Context(), c.args, &out, &complaint); code != exitUsage || !strings.Contains(complaint.String(), c.says) {
				t.Errorf("exit code %d: %s", code, complaint.String())
			}
		})
	}
}

// TestServersEnd holds the program to ending what it started, and to say what a server said that does not start.
func TestServersEnd(t *testing.T) {
	var notes bytes.Buffer
	b := tiny(t, &notes)
	path, err := b.write("server", "#!/bin/sh\necho it is broken\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := b.start(t.Context(), exec.Command(path), func() bool { return false }); err == nil || !strings.Contains(err.Error(), "it is broken") {
		t.Error(err)
	}
	sleep := exec.Command(mta.NeedProgram(t, "sleep"), "60")
	if _, err := b.start(t.Context(), sleep, func() bool { return true }); err != nil {
		t.Fatal(err)
	}
	if err := b.finish(); err != nil {
		t.Error(err)
	}
	if sleep.ProcessState == nil {
		t.Error("it still runs")
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "*.log")); len(left) != 2 {
		t.Errorf("logs are %q", left)
	}
}

func TestMonitored(t *testing.T) {
	for line, want := range map[string]string{
		`+1700000000.123456 [0 127.0.0.1:51234] "GET" "luamilter:lookups:v:000000000007"` + "\r\n":                         "GET luamilter:lookups:v:__rand_int__",
		`+1700000000.123456 [0 127.0.0.1:51234] "evalsha" "0a1b" "1" "luamilter:l:rate:0/1/2:000000000007" "170"` + "\r\n": "evalsha 0a1b 1 luamilter:l:rate:0/1/2:__rand_int__ 170",
	} {
		if got := strings.Join(parseMonitored(line).anyKey(), " "); got != want {
			t.Errorf("%q is %q", line, got)
		}
	}
	if c := parseMonitored(`+1700000000.123456 [0 lua] "GET" "a"`); c != nil {
		t.Errorf("what a script sends is %q", c)
	}
}
