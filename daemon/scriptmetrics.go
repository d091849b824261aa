package daemon

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"luamilter/luaapi/metric"
)

// MetricStatus is a metric of a script's own.
type MetricStatus struct {
	Name   string         `json:"name"`
	Kind   string         `json:"kind"`             // counter, gauge, histogram
	Hidden bool           `json:"hidden,omitempty"` // not on the page, because the name has another kind elsewhere
	Series []SeriesStatus `json:"series"`
}

// SeriesStatus is one combination of a metric's labels.
type SeriesStatus struct {
	Labels  map[string]string `json:"labels,omitempty"`
	Value   float64           `json:"value"`             // of a histogram, the sum of its values
	Count   uint64            `json:"count,omitempty"`   // of a histogram
	Buckets []BucketStatus    `json:"buckets,omitempty"` // of a histogram
}

// BucketStatus is how many values of a histogram are not above a bound.
type BucketStatus struct {
	UpTo  float64 `json:"up_to"`
	Count uint64  `json:"count"`
}

// scriptMetric describes a metric of scripts' own. Its text depends on nothing but name and kind, since scripts can share one.
func scriptMetric(r *metric.Reading) Metric {
	m := Metric{Name: "luamilter_script_" + r.Name, Labels: slices.Concat([]string{"listener", "script"}, r.Labels)}
	switch r.Kind {
	case metric.Counter:
		m.Name, m.Type, m.Doc = m.Name+"_total", prometheus.CounterValue, "A counter of scripts."
	case metric.Gauge:
		m.Type, m.Doc = prometheus.GaugeValue, "A gauge of scripts."
	case metric.Histogram:
		m.Type, m.Doc = histogram, "A histogram of scripts."
	}
	return m
}

// own writes the metrics of a script's own.
func (p page) own(s *metric.Script) {
	hidden := 0
	for i := range s.Metrics {
		if r := &s.Metrics[i]; r.Hidden {
			hidden++
		} else {
			p.reading(s, r)
		}
	}
	p.number(metricOverCap, float64(s.Over), s.Listener, s.Script)
	p.number(metricHidden, float64(hidden), s.Listener, s.Script)
}

func (p page) reading(s *metric.Script, r *metric.Reading) {
	m := scriptMetric(r)
	desc := m.desc()
	for _, one := range r.Series {
		labels := fit(slices.Concat([]string{s.Listener, s.Script}, one.Values))
		if r.Kind != metric.Histogram {
			p.out <- prometheus.MustNewConstMetric(desc, m.Type, one.Value, labels...)
			continue
		}
		buckets, total := map[float64]uint64{}, uint64(0)
		for i, n := range one.Classes {
			total += n
			if i < len(metric.Bounds) {
				buckets[metric.Bounds[i]] = total
			}
		}
		p.out <- prometheus.MustNewConstHistogram(desc, total, one.Value, buckets, labels...)
	}
}

// fit makes labels valid UTF-8: the name of a file, and so that of a script, can be anything.
func fit(labels []string) []string {
	for i, l := range labels {
		if !utf8.ValidString(l) {
			labels = slices.Clone(labels)
			labels[i] = strings.Trim(strconv.Quote(l), `"`)
		}
	}
	return labels
}

// add notes what a script of the listener has counted itself.
func (s *ListenerStatus) add(own *metric.Script) {
	i := slices.IndexFunc(s.Scripts, func(one ScriptStatus) bool { return one.Name == own.Script })
	if i < 0 || own.Listener != s.Name {
		return
	}
	script := &s.Scripts[i]
	script.OverCap = own.Over
	for _, r := range own.Metrics {
		m := MetricStatus{Name: r.Name, Kind: r.Kind.String(), Hidden: r.Hidden}
		for _, one := range r.Series {
			m.Series = append(m.Series, seriesStatus(r.Labels, &one))
		}
		script.Metrics = append(script.Metrics, m)
	}
}

func seriesStatus(names []string, s *metric.Series) SeriesStatus {
	out := SeriesStatus{Value: s.Value}
	if len(names) > 0 {
		out.Labels = map[string]string{}
	}
	for i, name := range names {
		out.Labels[name] = s.Values[i]
	}
	for i, n := range s.Classes {
		out.Count += n
		if i < len(metric.Bounds) {
			out.Buckets = append(out.Buckets, BucketStatus{metric.Bounds[i], out.Count})
		}
	}
	return out
}
