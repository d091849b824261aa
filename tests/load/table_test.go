package main

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"luamilter/load"
)

func TestQuantile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		sorted []int
		share  float64
		want   int
	}{
		{nil, 0.5, 0},
		{[]int{7}, 0, 7}, {[]int{7}, 0.5, 7}, {[]int{7}, 1, 7},
		{[]int{1, 2}, 0.5, 1}, {[]int{1, 2}, 0.51, 2},
		{[]int{1, 2, 3}, 0.5, 2},
		{hundred, 0, 1}, {hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 0.995, 100}, {hundred, 1, 100},
	} {
		if got := quantile(c.sorted, c.share); got != c.want {
			t.Errorf("%v of %d values: %d, expected %d", c.share, len(c.sorted), got, c.want)
		}
	}
}

func at(cpu time.Duration, messages int) load.Sample {
	return load.Sample{Tally: load.Tally{Messages: messages}, CPU: cpu, Wall: time.Second}
}

func TestRatios(t *testing.T) {
	of := []load.Sample{at(10*time.Millisecond, 1000), at(30*time.Millisecond, 1000), at(9*time.Millisecond, 300)}
	reference := []load.Sample{at(40*time.Millisecond, 1000), at(60*time.Millisecond, 1000), at(60*time.Millisecond, 1000)}
	if got, want := ratios(of, reference), []float64{0.25, 0.5, 0.5}; !slices.Equal(got, want) {
		t.Errorf("ratios %v, expected %v", got, want)
	}
	if got := ratioCell(ratios(of, reference)); got != "0.50" {
		t.Errorf("cell %q", got)
	}
	unknown := []load.Sample{at(0, 1000)}
	if got := ratioCell(ratios(of, unknown)); got != "-" {
		t.Errorf("cell for a reference without CPU time: %q", got)
	}
}

func TestRow(t *testing.T) {
	a, b, c := at(10*time.Millisecond, 1000), at(20*time.Millisecond, 1000), at(60*time.Millisecond, 1000)
	for _, d := range []time.Duration{3, 1, 2} {
		a.Latencies.Add(d * 40)
	}
	b.Latencies.Add(5 * 40)
	c.Latencies.Add(4 * 40)
	a.Trips, b.Trips, c.Trips = 1000, 2000, 3000
	b.Wrong, c.Wrong, c.Lost = 1, 2, 1
	r := rowOf([]load.Sample{a, b, c})
	got := fmt.Sprint(r.cpu, r.least, r.most, r.rate, r.trips, r.p50, r.longest, r.wrong, r.lost)
	if want := "20 10 60 1000 2 0.16 0.16 3 1"; got != want {
		t.Errorf("row %s, expected %s", got, want)
	}
	if none := rowOf(nil); none != (row{}) {
		t.Errorf("row of nothing: %+v", none)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	b := &bench{out: &out}
	table := b.table(&workload{name: "w9", what: "nothing"})
	table.line("filter", "CPU")
	table.line("one", "12.5")
	table.line("longer-name", "1")
	table.print()
	want := "\nw9: nothing\n  filter        CPU\n  one          12.5\n  longer-name     1\n"
	if out.String() != want {
		t.Errorf("got\n%s\nexpected\n%s", out.String(), want)
	}
	out.Reset()
	b.markdown = true
	lines := table.lines
	table = b.tableOf("w9")
	table.lines = lines
	table.print()
	want = "\n**w9**\n\n| filter      |  CPU |\n|-------------|-----:|\n| one         | 12.5 |\n| longer-name |    1 |\n"
	if out.String() != want {
		t.Errorf("got\n%s\nexpected\n%s", out.String(), want)
	}
}

func TestStrace(t *testing.T) {
	calls := parseStrace(`% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 51.20    0.001234           3       400           write
 40.00    0.001000           2       500       120 read
  0.00    0.000000           0         1           execve
------ ----------- ----------- --------- --------- ----------------
100.00    0.002234           2       901       120 total
`)
	if len(calls) != 3 || calls["write"] != 400 || calls["read"] != 500 || calls["execve"] != 1 {
		t.Errorf("calls %v", calls)
	}
	sum, most := mostUsed(map[string]float64{"read": 1.25, "write": 1, "futex": 0.01})
	if fmt.Sprintf("%.2f", sum) != "2.26" || most != "read 1.2 write 1.0" {
		t.Errorf("%v a message, of which %q", sum, most)
	}
}
