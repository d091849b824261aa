package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// fake is a runner that needs a time for each run and comes to what the function returns.
type fake struct {
	each time.Duration
	sum  func(n int) (int64, error)
}

func (f fake) measure(_ context.Context, _ *workload, n int) (sample, error) {
	sum, err := f.sum(n)
	return sample{sum, time.Duration(n) * f.each}, err
}

func tens(n int) (int64, error) { return 10 * int64(n), nil }

// rowOf lets fakes do a workload: us, gopher-lua, Lua 5.1.
func rowOf(t *testing.T, fakes ...runner) (row, notes string, bad bool) {
	t.Helper()
	var out, said bytes.Buffer
	b := &bench{rounds: 3, length: 10 * time.Millisecond, notes: &said}
	for i, f := range fakes {
		b.contestants = append(b.contestants, contestant{[]string{"us", "stock", "puc"}[i], f})
	}
	r, err := b.workload(t.Context(), &workload{name: "w", what: "work"})
	if err != nil {
		t.Fatal(err)
	}
	(&table{out: &out, widths: make([]int, 6)}).row(r)
	return strings.TrimSpace(out.String()), said.String(), b.bad
}

func TestWorkload(t *testing.T) {
	quick, slow := fake{5 * time.Microsecond, tens}, fake{20 * time.Microsecond, tens}
	broken := errors.New("out of order")
	for _, c := range []struct {
		name           string
		us, stock, puc runner
		row            string
		says           string
		bad            bool
	}{
		{"same", slow, slow, quick, "| w: work | 20.0 | 20.0 | 5.00 | 4.00 | 1.00 |", "us 500, stock 500, puc 2000", false},
		{"too fast to tell", fake{0, tens}, slow, quick, "| w: work | 0.00 | 20.0 | 5.00 | 0.00 | 0.00 |", "us 2", false},
		{"not there", slow, quick, nil, "| w: work | 20.0 | 5.00 | not installed | - | 4.00 |", "stock 2000", false},
		{"another result", slow, fake{slow.each, func(n int) (int64, error) { return 11 * int64(n), nil }}, quick,
			"| w: work (RESULTS DIFFER) | 20.0 | 20.0 | 5.00 | 4.00 | 1.00 |", "results differ: us 20, stock 22, puc 20", true},
		{"another result later", slow, fake{slow.each, func(n int) (int64, error) { return 10*int64(n) + int64(n/400), nil }}, quick,
			"| w: work | 20.0 | failed | 5.00 | 4.00 | - |", "stock: 500 runs came to 5001, but 5000 were expected after the first 2", true},
		{"error", fake{slow.each, func(int) (int64, error) { return 0, broken }}, slow, quick,
			"| w: work | failed | 20.0 | 5.00 | - | - |", "w: us: out of order", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			row, notes, bad := rowOf(t, c.us, c.stock, c.puc)
			if row != c.row || bad != c.bad || !strings.Contains(notes, c.says) {
				t.Errorf("bad is %v, row\n%s\nexpected %v,\n%s\nnotes, which should say %q:\n%s", bad, row, c.bad, c.row, c.says, notes)
			}
		})
	}
}

func TestInterruptedIsNobodysFault(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var notes bytes.Buffer
	b := &bench{rounds: 3, length: time.Millisecond, notes: &notes, contestants: []contestant{{"us", fake{1, func(int) (int64, error) {
		cancel()
		return 0, ctx.Err()
	}}}}}
	if _, err := b.workload(ctx, &workload{name: "w"}); !errors.Is(err, context.Canceled) || b.bad {
		t.Errorf("bad is %v: %v", b.bad, err)
	}
}

func TestFill(t *testing.T) {
	const length = 70 * time.Millisecond
	for _, c := range []struct {
		runs int
		cpu  time.Duration
		want int
	}{
		{2, 0, 40}, {2, time.Millisecond, 40}, {2, 7 * time.Millisecond, 20}, {10, 65 * time.Millisecond, 10}, {2, 140 * time.Millisecond, 2},
		{2, time.Minute, 2}, {100, 35 * time.Millisecond, 200},
	} {
		if got := fill(c.runs, c.cpu, length); got != c.want {
			t.Errorf("%d runs took %v: next are %d, expected %d", c.runs, c.cpu, got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	for round, want := range [][]int{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 1, 2}} {
		if got := order(3, round); !slices.Equal(got, want) {
			t.Errorf("round %d: %v, expected %v", round, got, want)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{nil, "-"}, {[]float64{3, 1}, "2.00"}, {[]float64{9, 12.34, 99}, "12.3"}, {[]float64{1234.5}, "1234"},
	} {
		if got := ratioCell(c.values); got != c.want {
			t.Errorf("%v is %s, expected %s", c.values, got, c.want)
		}
	}
	if got := ratios([]float64{4, 9, 6}, []float64{2, 0, 2}); !slices.Equal(got, []float64{2, 3}) {
		t.Errorf("ratios %v", got)
	}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--help", exitGood, "body-crlf: 64 KiB, gsub"},
		{"--rounds 0", exitUsage, "from 1 to 1000 work"},
		{"--only nothing", exitUsage, "--only nothing: no workload is called so"},
		{"--only (", exitUsage, "missing closing"},
		{"--onyl x", exitUsage, "see --help"},
		{"body", exitUsage, `"body" is not a flag`},
	} {
		var out bytes.Buffer
		code := realMain(t.Context(), strings.Fields(c.args), &out, &out)
		if code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: exit code %d, says\n%s", c.args, code, out.String())
		}
	}
	if o, err := parse([]string{"--only", "^call|lower", "--rounds", "7"}, nil); err != nil || len(o.workloads) < 4 || o.rounds != 7 {
		t.Errorf("%d workloads, %d rounds: %v", len(o.workloads), o.rounds, err)
	}
}
