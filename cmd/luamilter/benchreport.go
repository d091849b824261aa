package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"luamilter/load"
)

// report is what bench found out.
type report struct {
	shape   string
	cores   int
	targets []*load.Target
}

// figure is a line of the report.
type figure struct {
	name string
	of   func(*load.Sample) float64
	show func(float64) string
}

// quantiles are the shares of messages whose latency is told.
var quantiles = []struct {
	name  string
	share float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"longest", 1}}

// figures returns what is told of each milter.
func figures() []figure {
	number := func(v float64) string { return fmt.Sprintf("%.0f", v) }
	known := func(v float64) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f", v)
	}
	all := []figure{
		{"messages/s", (*load.Sample).Throughput, number},
		{"CPU us a message", func(s *load.Sample) float64 { return s.PerMessage(s.CPU) }, known},
	}
	for _, q := range quantiles {
		all = append(all, figure{q.name, func(s *load.Sample) float64 { return float64(s.Latencies.Quantile(q.share)) },
			func(v float64) string { return inUnits(time.Duration(v)) }})
	}
	return append(all,
		figure{"memory MiB", func(s *load.Sample) float64 { return float64(s.Memory) / (1 << 20) }, known},
		figure{"replies a message", func(s *load.Sample) float64 { return float64(s.Trips) / float64(max(1, s.Messages)) }, known},
		figure{"messages", func(s *load.Sample) float64 { return float64(s.Messages) }, number},
		figure{"refused", func(s *load.Sample) float64 { return float64(s.Refused) }, number},
		figure{"errors", func(s *load.Sample) float64 { return float64(s.Lost) }, number},
		figure{"own CPU us a message", func(s *load.Sample) float64 { return s.PerMessage(s.Generator) }, known},
	)
}

// hasRatio tells of which figures a ratio says something.
func (f *figure) hasRatio() bool {
	switch f.name {
	case "messages", "refused", "errors", "own CPU us a message":
		return false
	}
	return true
}

// show writes the report, and draws it if that is asked for. Errors of a milter are an error.
func (c *benchCmd) show(t *terminal, r *report) error {
	write := r.table
	if c.JSON {
		write = r.json
	}
	if err := write(t); err != nil {
		return err
	}
	if c.Plot != "" {
		if err := os.WriteFile(c.Plot, latencyPlot(r), 0o644); err != nil {
			return fmt.Errorf("plot: %w", err)
		}
	}
	bad := false
	for _, target := range r.targets {
		total := target.Total()
		if err := total.Err(); err != nil {
			bad = true
			fmt.Fprintf(t.stderr, "luamilter: %s: %v\n", target.Name, err)
		}
	}
	if bad {
		return errFound
	}
	return nil
}

// table writes a column for each milter, and one for the ratio of the second to the first.
func (r *report) table(t *terminal) error {
	fmt.Fprintf(t.stdout, "%s; %d cores\n", r.shape, r.cores)
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\t")
	for _, target := range r.targets {
		fmt.Fprintf(w, "%s\t", target.Name)
	}
	if len(r.targets) == 2 {
		fmt.Fprint(w, "ratio\t")
	}
	fmt.Fprintln(w)
	for _, f := range figures() {
		fmt.Fprintf(w, "%s\t", f.name)
		for _, target := range r.targets {
			total := target.Total()
			fmt.Fprintf(w, "%s\t", f.show(f.of(&total)))
		}
		if len(r.targets) == 2 && f.hasRatio() {
			fmt.Fprintf(w, "%s\t", ratioText(load.Ratio(r.targets[1].Samples, r.targets[0].Samples, f.of)))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func ratioText(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

// measured is a milter in JSON. Times are in microseconds.
type measured struct {
	Socket     string             `json:"socket"`
	PID        int                `json:"pid,omitempty"`
	Messages   int                `json:"messages"`
	Refused    int                `json:"refused"`
	Errors     int                `json:"errors"`
	FirstError string             `json:"first_error,omitempty"`
	PerSecond  float64            `json:"messages_per_second"`
	CPU        float64            `json:"cpu_us_per_message,omitempty"`
	Own        float64            `json:"own_cpu_us_per_message"`
	Memory     int64              `json:"memory_bytes,omitempty"`
	Replies    float64            `json:"replies_per_message"`
	Latency    map[string]float64 `json:"latency_us"`
}

func (r *report) json(t *terminal) error {
	out := struct {
		Load    string             `json:"load"`
		Cores   int                `json:"cores"`
		Milters []measured         `json:"milters"`
		Ratio   map[string]float64 `json:"ratio,omitempty"` // of the second to the first
	}{Load: r.shape, Cores: r.cores}
	for _, target := range r.targets {
		s := target.Total()
		m := measured{
			Socket: target.Name, PID: target.PID, Messages: s.Messages, Refused: s.Refused, Errors: s.Lost, FirstError: s.Fault,
			PerSecond: s.Throughput(), CPU: s.PerMessage(s.CPU), Own: s.PerMessage(s.Generator), Memory: s.Memory,
			Replies: float64(s.Trips) / float64(max(1, s.Messages)), Latency: map[string]float64{},
		}
		for _, q := range quantiles {
			m.Latency[q.name] = float64(s.Latencies.Quantile(q.share)) / 1e3
		}
		out.Milters = append(out.Milters, m)
	}
	if len(r.targets) == 2 {
		out.Ratio = map[string]float64{}
		for _, f := range figures() {
			if v := load.Ratio(r.targets[1].Samples, r.targets[0].Samples, f.of); v > 0 && f.hasRatio() {
				out.Ratio[f.name] = v
			}
		}
	}
	e := json.NewEncoder(t.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// inUnits shows a duration with three digits, in us, ms or s.
func inUnits(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f us", float64(d)/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}
