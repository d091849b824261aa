package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"luamilter/load"
)

// quantile returns the value that a share of the sorted values does not exceed; 0 if there are none.
func quantile[T cmp.Ordered](sorted []T, share float64) T {
	var none T
	if len(sorted) == 0 {
		return none
	}
	i := int(share*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// brief is a load.Sample on the line that shows progress.
func brief(s *load.Sample) string {
	return fmt.Sprintf("%s us CPU a message, %.0f messages/s, %d wrong, %d lost", known(s.PerMessage(s.CPU)), s.Throughput(), s.Wrong, s.Lost)
}

// known prints a figure, or a dash for one that could not be measured.
func known(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", v)
}

// ratios returns how many times what the reference used a filter used, round by round. The samples of a round stand at
// the same index.
func ratios(of, reference []load.Sample) []float64 {
	var out []float64
	for i := range min(len(of), len(reference)) {
		if base := reference[i].PerMessage(reference[i].CPU); base > 0 && of[i].Messages > 0 {
			out = append(out, of[i].PerMessage(of[i].CPU)/base)
		}
	}
	return out
}

// row is what a filter's rounds come to.
type row struct {
	cpu, least, most    float64 // microseconds a message
	rate, trips, memory float64
	p50, p99, longest   float64 // microseconds
	generator           float64
	wrong, lost         int
}

func rowOf(samples []load.Sample) row {
	var r row
	var cpu, rate, trips, memory, generator, p50, p99, longest []float64
	for i := range samples {
		s := &samples[i]
		cpu = append(cpu, s.PerMessage(s.CPU))
		rate = append(rate, s.Throughput())
		trips = append(trips, float64(s.Trips)/max(1, float64(s.Messages)))
		memory = append(memory, float64(s.Memory)/(1<<20))
		generator = append(generator, s.PerMessage(s.Generator))
		p50 = append(p50, micros(s.Latencies.Quantile(0.50)))
		p99 = append(p99, micros(s.Latencies.Quantile(0.99)))
		longest = append(longest, micros(s.Latencies.Quantile(1)))
		r.wrong += s.Wrong
		r.lost += s.Lost
	}
	r.cpu, r.rate, r.trips, r.memory, r.generator = load.Median(cpu), load.Median(rate), load.Median(trips), load.Median(memory), load.Median(generator)
	r.p50, r.p99, r.longest = load.Median(p50), load.Median(p99), load.Median(longest)
	if len(cpu) > 0 {
		r.least, r.most = slices.Min(cpu), slices.Max(cpu)
	}
	return r
}

func micros(d time.Duration) float64 { return float64(d) / 1e3 }

// printRounds prints the table of a workload.
func (b *bench) printRounds(w *workload, all []*running, samples map[string][]load.Sample) {
	t := b.table(w)
	g := group{w.name + ": " + w.what, nil}
	head := []string{"filter", "CPU us", "least-most"}
	if b.reference != "" {
		head = append(head, "x "+b.reference)
	}
	t.line(append(head, "msg/s", "p50 us", "p99 us", "max ms", "replies", "MiB", "wrong", "lost", "own us")...)
	for _, f := range all {
		r := rowOf(samples[f.name])
		cells := []string{f.name, known(r.cpu), known(r.least) + "-" + known(r.most)}
		ratio := ratios(samples[f.name], samples[b.reference])
		if b.reference != "" {
			cells = append(cells, ratioCell(ratio))
		}
		g.bars = append(g.bars, bar{f.name, r.cpu, r.least, r.most, load.Median(ratio)})
		t.line(append(cells, fmt.Sprintf("%.0f", r.rate), fmt.Sprintf("%.0f", r.p50), fmt.Sprintf("%.0f", r.p99), fmt.Sprintf("%.1f", r.longest/1e3),
			fmt.Sprintf("%.1f", r.trips), known(r.memory), fmt.Sprint(r.wrong), fmt.Sprint(r.lost), known(r.generator))...)
	}
	t.print()
	b.groups = append(b.groups, g)
}

func ratioCell(ratios []float64) string {
	if len(ratios) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", load.Median(ratios))
}

// table is printed when it is complete, its columns as wide as they have to be.
type table struct {
	out      io.Writer
	markdown bool
	lines    [][]string
}

func (b *bench) table(w *workload) *table { return b.tableOf(w.name + ": " + w.what) }

// tableOf begins a table with a line that says what it is of.
func (b *bench) tableOf(what string) *table {
	t := &table{out: b.out, markdown: b.markdown}
	if t.markdown {
		what = "**" + what + "**\n"
	}
	fmt.Fprintf(b.out, "\n%s\n", what)
	return t
}

func (t *table) line(cells ...string) { t.lines = append(t.lines, cells) }

// print writes the first column flush left and the others flush right.
func (t *table) print() {
	var widths []int
	for _, cells := range t.lines {
		for i, c := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len(c))
		}
	}
	before, between, after := "  ", "  ", ""
	if t.markdown {
		before, between, after = "| ", " | ", " |"
	}
	for n, cells := range t.lines {
		fmt.Fprintf(t.out, "%s%-*s", before, widths[0], cells[0])
		for i, c := range cells[1:] {
			fmt.Fprintf(t.out, "%s%*s", between, widths[i+1], c)
		}
		fmt.Fprintln(t.out, after)
		if n == 0 && t.markdown {
			t.rule(widths)
		}
	}
}

// rule is the line below the head of a table in Markdown; it says which columns are flush right.
func (t *table) rule(widths []int) {
	fmt.Fprintf(t.out, "|%s", strings.Repeat("-", widths[0]+2))
	for _, width := range widths[1:] {
		fmt.Fprintf(t.out, "|%s:", strings.Repeat("-", width+1))
	}
	fmt.Fprintln(t.out, "|")
}
