package main

import (
	"fmt"
	"io"
	"slices"
)

// result is a workload's row.
type result struct {
	workload *workload
	entries  []*entry
	differ   bool // the contestants did not come to the same result
}

// table is in Markdown. It is printed row by row, since a row takes seconds.
type table struct {
	out    io.Writer
	widths []int
}

// compared are the pairs of contestants, by their places, whose ratio is a column.
var compared = [][2]int{{0, 2}, {0, 1}}

// newTable prints the head of a table.
func newTable(out io.Writer, all []*workload, contestants []contestant) *table {
	head, rule := []string{"workload"}, []string{":--"}
	for _, c := range contestants {
		head = append(head, c.name)
	}
	for _, pair := range compared {
		head = append(head, contestants[pair[0]].name+" / "+contestants[pair[1]].name)
	}
	t := &table{out: out, widths: []int{longestTitle(all)}}
	for _, h := range head[1:] {
		t.widths = append(t.widths, max(len(h), len(notInstalled)))
		rule = append(rule, "--:")
	}
	t.line(head)
	t.line(rule)
	return t
}

const notInstalled = "not installed"

func longestTitle(all []*workload) int {
	longest := 0
	for _, w := range all {
		longest = max(longest, len(w.title()))
	}
	return longest
}

// line prints a row, the first cell flush left and the others flush right.
func (t *table) line(cells []string) {
	fmt.Fprintf(t.out, "| %-*s |", t.widths[0], cells[0])
	for i, c := range cells[1:] {
		fmt.Fprintf(t.out, " %*s |", t.widths[i+1], c)
	}
	fmt.Fprintln(t.out)
}

// row prints what a workload came to.
func (t *table) row(r result) {
	title := r.workload.title()
	if r.differ {
		title += " (RESULTS DIFFER)"
	}
	cells := []string{title}
	for _, e := range r.entries {
		cells = append(cells, e.cell())
	}
	for _, pair := range compared {
		cells = append(cells, ratioCell(ratios(r.entries[pair[0]].micros, r.entries[pair[1]].micros)))
	}
	t.line(cells)
}

// cell is the CPU time of one run, or why there is none.
func (e *entry) cell() string {
	switch {
	case e.runner == nil:
		return notInstalled
	case e.err != nil:
		return "failed"
	default:
		return figure(median(e.micros))
	}
}

// ratios returns one contestant's times by another's, round by round.
func ratios(of, by []float64) []float64 {
	var out []float64
	for i := range min(len(of), len(by)) {
		if by[i] > 0 {
			out = append(out, of[i]/by[i])
		}
	}
	return out
}

func ratioCell(ratios []float64) string {
	if len(ratios) == 0 {
		return "-"
	}
	return figure(median(ratios))
}

// figure writes a number with three digits that count.
func figure(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	middle := len(s) / 2
	if len(s)%2 == 1 {
		return s[middle]
	}
	return (s[middle-1] + s[middle]) / 2
}
