package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// sums does every workload the fewest times.
func sums(t *testing.T, r runner) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	for _, w := range workloads() {
		s, err := r.measure(t.Context(), w, fewest)
		if err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
		all[w.name] = s.sum
	}
	return all
}

// TestResults has every Lua do every workload: all must come to the same.
func TestResults(t *testing.T) {
	want := sums(t, inProcess(inStock))
	equal := func(t *testing.T, r runner) {
		for name, got := range sums(t, r) {
			if got != want[name] || got == 0 {
				t.Errorf("%s comes to %d, but to %d in gopher-lua", name, got, want[name])
			}
		}
	}
	t.Run("luamilter", func(t *testing.T) { equal(t, inLuamilter(t.TempDir())) })
	t.Run("lua5.1", func(t *testing.T) { equal(t, unpacked(t, needProgram(t, "lua5.1"))) })
	t.Run("luajit", func(t *testing.T) {
		path, err := exec.LookPath("luajit")
		if err != nil {
			t.Skip("luajit is not installed; there is none for some processors")
		}
		equal(t, unpacked(t, path))
	})
}

// unpacked returns a program with the Lua files that it needs.
func unpacked(t *testing.T, path string) program {
	t.Helper()
	dir := t.TempDir()
	if err := unpack(dir); err != nil {
		t.Fatal(err)
	}
	return program{path, dir}
}

// TestSumsAdd holds workloads to what run(n) has to return.
func TestSumsAdd(t *testing.T) {
	r := unpacked(t, needProgram(t, "lua5.1"))
	two := sums(t, r)
	for _, w := range workloads() {
		for _, n := range []int{0, 2 * fewest} {
			s, err := r.measure(t.Context(), w, n)
			if want := two[w.name] * int64(n/fewest); err != nil || s.sum != want {
				t.Errorf("%s: run(%d) is %d, expected %d: %v", w.name, n, s.sum, want, err)
			}
		}
	}
}

func TestWorkloadsAreNamed(t *testing.T) {
	for _, w := range workloads() {
		if !strings.HasPrefix(w.text, "-- "+w.title()+"\n") || w.what == "" {
			t.Errorf("%s does not begin with its name and what it does", w.file())
		}
	}
}

func TestErrorsInScripts(t *testing.T) {
	wrong := map[string]*workload{
		"attempt to call":    {name: "wrong", text: "\nnothing()"},
		"wrong.lua":          {name: "wrong", text: "\nreturn ("},
		"not a sum":          {name: "wrong", text: "error('not a sum', 0)"},
		"refused by a table": {name: "wrong", text: "return function() error('refused by a table') end"},
	}
	for name, r := range map[string]runner{"luamilter": inLuamilter(t.TempDir()), "gopher-lua": inProcess(inStock)} {
		for says, w := range wrong {
			_, err := r.measure(t.Context(), w, 1)
			if err == nil || (says != "wrong.lua" && !strings.Contains(err.Error(), says)) {
				t.Errorf("%s: %q is not in %v", name, says, err)
			}
		}
	}
}

func TestErrorsInPrograms(t *testing.T) {
	p := unpacked(t, needProgram(t, "lua5.1"))
	w := &workload{name: "wrong"}
	for text, says := range map[string]string{
		"nothing()":  "attempt to call",
		"return (":   "unexpected symbol",
		"return nil": "attempt to call",
		"return function() print('hello') return 1 end": "hello",
	} {
		if err := os.WriteFile(p.dir+"/"+w.file(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := p.measure(t.Context(), w, 1); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %q is not in %v", text, says, err)
		}
	}
	if _, err := (program{"/nonexistent", p.dir}).measure(t.Context(), w, 1); err == nil {
		t.Error("a program that is not there runs")
	}
}

// TestTable measures one workload in the Luas of this process, not for long.
func TestTable(t *testing.T) {
	var out, notes bytes.Buffer
	b := &bench{
		contestants: []contestant{{"luamilter", inLuamilter(t.TempDir())}, {"gopher-lua", inProcess(inStock)}, {"lua5.1", nil}, {"luajit", nil}},
		rounds:      2, length: time.Millisecond, notes: &notes,
	}
	var some []*workload
	for _, w := range workloads() {
		if w.name == "body-find" || w.name == "report" {
			some = append(some, w)
		}
	}
	if err := b.print(t.Context(), some, &out); err != nil || b.bad {
		t.Errorf("bad is %v: %v\n%s", b.bad, err, notes.String())
	}
	rows := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(rows) != 2+2+len(some) || !strings.HasPrefix(rows[4], "| body-find: ") || strings.Count(rows[4], notInstalled) != 2 {
		t.Errorf("table is\n%s", out.String())
	}
	for _, row := range rows[2:] {
		if strings.Count(row, "|") != 8 || len(row) != len(rows[2]) {
			t.Errorf("row %s", row)
		}
	}
}
