package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// printTable prints a part in Markdown: a row for each of our figures beside each peer's.
func printTable(out io.Writer, r *result) {
	rows := [][]string{{"", "", "luamilter", "peer", "its figure", "luamilter / peer"}}
	for _, w := range r.works {
		named := map[*doer]bool{}
		for i, u := range w.units {
			for _, d := range w.doers {
				if d.own && d.has(i) {
					rows = append(rows, w.rows(d, i, u, named)...)
				}
			}
		}
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintf(out, "### %s\n\n", r.title)
	for i, row := range rows {
		printRow(out, row, widths)
		if i == 0 {
			fmt.Fprintln(out, "|--|--|--:|--|--:|--:|")
		}
	}
	fmt.Fprintln(out)
}

// right are the columns of numbers.
func right(column int) bool { return column == 2 || column == 4 || column == 5 }

func printRow(out io.Writer, row []string, widths []int) {
	var line strings.Builder
	for i, cell := range row {
		blanks := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if right(i) {
			line.WriteString("| " + blanks + cell + " ")
		} else {
			line.WriteString("| " + cell + blanks + " ")
		}
	}
	fmt.Fprintln(out, line.String()+"|")
}

// rows returns the rows of one of us in a unit: one for each peer, or one alone. A peer that is not installed is named once for each work.
func (w *work) rows(own *doer, i int, u unit, named map[*doer]bool) (rows [][]string) {
	head := []string{w.name, own.name, own.cell(i, u)}
	for _, peer := range w.doers {
		if peer.own || peer.beside != "" && peer.beside != own.name || !peer.has(i) || named[peer] {
			continue
		}
		named[peer] = peer.lacks != ""
		ratio := "-"
		if all := ratios(own.column(i), peer.column(i)); len(all) > 0 {
			ratio = figure(median(all))
		}
		rows = append(rows, append(slices.Clone(head), peer.name, peer.cell(i, u), ratio))
	}
	if len(rows) == 0 {
		rows = append(rows, append(head, "", "", ""))
	}
	return rows
}

// has reports whether there is something to say about a unit: a figure, or why there is none.
func (d *doer) has(i int) bool { return !d.takesPart() || len(known(d.column(i))) > 0 }

// column returns the figures in a unit, round by round; NaN is one that is not known.
func (d *doer) column(i int) (all []float64) {
	for _, figures := range d.figures {
		all = append(all, figures[i])
	}
	return all
}

// known leaves out what is not known.
func known(all []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(all), math.IsNaN)
}

// cell is the figure in a unit, or why there is none.
func (d *doer) cell(i int, u unit) string {
	all := known(d.column(i))
	switch {
	case d.lacks != "":
		return d.lacks
	case d.err != nil || len(all) == 0:
		return "failed"
	}
	separator := " "
	if u == perSecond {
		separator = ""
	}
	text := figure(median(all)) + separator + string(u)
	if len(all) > 1 {
		text += fmt.Sprintf(" (%s-%s)", figure(slices.Min(all)), figure(slices.Max(all)))
	}
	return text
}

// ratios returns one's figures by another's, round by round.
func ratios(of, by []float64) (out []float64) {
	for i := range min(len(of), len(by)) {
		if by[i] > 0 && of[i] > 0 {
			out = append(out, of[i]/by[i])
		}
	}
	return out
}

// figure writes a number with three digits that count, and commas between thousands.
func figure(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	unit := math.Pow(10, max(0, math.Floor(math.Log10(v))-2))
	text := fmt.Sprintf("%.0f", math.Round(v/unit)*unit)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// median returns the middle value, NaN if there is none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	middle := len(s) / 2
	if len(s)%2 == 1 {
		return s[middle]
	}
	return (s[middle-1] + s[middle]) / 2
}

// report is the output for programs.
type report struct {
	Rounds  int            `json:"rounds"`
	Cores   int            `json:"cores"`
	Go      string         `json:"go"`
	Figures []reportFigure `json:"figures"`
}

// reportFigure is what one came to in a unit.
type reportFigure struct {
	Part    string    `json:"part"`
	Work    string    `json:"work"`
	Unit    unit      `json:"unit"`
	Who     string    `json:"who"`
	Own     bool      `json:"luamilter"`
	Rounds  []float64 `json:"rounds,omitempty"`
	Median  float64   `json:"median,omitempty"`
	Problem string    `json:"problem,omitempty"` // why there is no figure
}

// printJSON prints all figures.
func printJSON(out io.Writer, all []*result, o options) error {
	r := report{Rounds: o.rounds, Cores: runtime.NumCPU(), Go: runtime.Version(), Figures: []reportFigure{}}
	for _, p := range all {
		for _, w := range p.works {
			for _, d := range w.doers {
				r.add(p, w, d)
			}
		}
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *report) add(p *result, w *work, d *doer) {
	for i, u := range w.units {
		f := reportFigure{Part: p.name, Work: w.name, Unit: u, Who: d.name, Own: d.own, Problem: d.lacks}
		all := known(d.column(i))
		switch m := median(all); {
		case d.err != nil:
			f.Problem = d.err.Error()
		case math.IsNaN(m):
			if f.Problem == "" {
				continue // it has no such figure
			}
		default:
			f.Rounds, f.Median = all, m
		}
		r.Figures = append(r.Figures, f)
	}
}
