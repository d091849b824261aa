package metric

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// What comes beyond a limit is counted, in one series, and told once.
func TestSeriesOverCap(t *testing.T) {
	s, w, v := fresh()
	const values = 100_000
	for i := range values {
		if err := v.Count("hits", []Label{{"from", fmt.Sprint(i)}}, 1, at("")); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Count("plain", nil, 1, at("")); err != nil {
		t.Fatal(err)
	}
	got := s.Read()[0]
	if n := len(got.Metrics[0].Series); n != MaxSeries+1 {
		t.Errorf("%d series", n)
	}
	sum, other := 0.0, 0.0
	for _, one := range got.Metrics[0].Series {
		sum += one.Value
		if slices.Equal(one.Values, []string{Other}) {
			other = one.Value
		}
	}
	if sum != values || other != values-MaxSeries || got.Over != values-MaxSeries {
		t.Errorf("all %v, other %v, over the cap %d", sum, other, got.Over)
	}
	if n := len(got.Metrics[1].Series); n != 1 {
		t.Errorf("a metric without labels has %d series", n)
	}
	if want := "default first hits: the script has 1000 series already"; len(w.said) != 1 || !strings.HasPrefix(w.said[0], want) {
		t.Errorf("warned %q", w.said)
	}
}

// A histogram takes as much of the limit as it has lines, and nothing for what it did not get.
func TestHistogramsOverCap(t *testing.T) {
	s, _, v := fresh()
	for i := range 2 * MaxSeries {
		if err := v.Observe("size", []Label{{"from", fmt.Sprint(i)}}, 1, at("")); err != nil {
			t.Fatal(err)
		}
	}
	if n, want := len(s.Read()[0].Metrics[0].Series), MaxSeries/22+1; n != want {
		t.Errorf("%d series, want %d", n, want)
	}
	for i := range MaxSeries % 22 {
		if err := v.Count("rest", []Label{{"n", fmt.Sprint(i)}}, 1, at("")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Read()[0].Metrics[0].Series); n != MaxSeries%22 {
		t.Errorf("%d series beside it", n)
	}
}

func TestNamesOverCap(t *testing.T) {
	s, w, v := fresh()
	for i := range 1000 {
		if err := v.Count(fmt.Sprintf("name%d", i), nil, 1, at("")); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Read()[0]; len(got.Metrics) != MaxNames || got.Over != 1000-MaxNames || len(w.said) != 1 {
		t.Errorf("%d metrics, %d over the cap, warned %q", len(got.Metrics), got.Over, w.said)
	}
	if err := v.Set("name0", nil, 1, at("")); err == nil {
		t.Error("a name that is known is not known any more")
	}
}

// All scripts together have a limit too.
func TestTotalOverCap(t *testing.T) {
	s, w, _ := fresh()
	const scripts = MaxTotal/MaxSeries + 2
	for i := range scripts {
		v := s.Set("default", fmt.Sprint(i)).Version()
		for n := range MaxSeries {
			if err := v.Count("hits", []Label{{"n", fmt.Sprint(n)}}, 1, at("")); err != nil {
				t.Fatal(err)
			}
		}
	}
	series := 0
	for _, script := range s.Read() {
		for _, m := range script.Metrics {
			series += len(m.Series)
		}
	}
	if series != MaxTotal+2 { // two scripts have only "other"
		t.Errorf("%d series", series)
	}
	if len(w.said) != 2 || !strings.Contains(w.said[0], "all scripts together have 20000 series") {
		t.Errorf("warned %q", w.said)
	}
}

// A script that is edited goes on where it was; what it says otherwise now is a metric of its own. What still runs the text of before
// is not in its way.
func TestVersions(t *testing.T) {
	s, _, before := fresh()
	count := func(v *Version, name string, labels ...Label) {
		t.Helper()
		if err := v.Count(name, labels, 1, at("")); err != nil {
			t.Error(err)
		}
	}
	count(before, "same")
	count(before, "labelled", Label{"a", "1"})
	count(before, "kind")
	after := s.Set("default", "first").Version()
	count(after, "same")
	count(after, "labelled", Label{"a", "1"}, Label{"b", "2"})
	if err := after.Set("kind", nil, 7, at("")); err != nil {
		t.Error(err)
	}
	count(before, "same")
	count(before, "labelled", Label{"a", "1"})
	count(before, "kind")
	want := `first counter kind[] 2 hidden
first gauge kind[] 7
first counter labelled["1"] 2
first counter labelled["1" "2"] 1
first counter same[] 3
`
	if got := show(s); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	count(s.Set("default", "first").Version(), "kind") // as before again
	if got := show(s); !strings.Contains(got, "counter kind[] 3\n") || !strings.Contains(got, "gauge kind[] 7 hidden\n") {
		t.Error(got)
	}
}

// Where two scripts mean different things by a name, one is shown.
func TestHidden(t *testing.T) {
	s, _, v := fresh()
	if err := v.Count("x", nil, 1, at("")); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("other", "second").Version().Observe("x", nil, 1, at("")); err != nil {
		t.Fatal(err)
	}
	if got := show(s); got != "first counter x[] 1 hidden\nsecond histogram x[] 1 6:1\n" {
		t.Error(got)
	}
}

// Sums stay finite.
func TestOverflow(t *testing.T) {
	s, _, v := fresh()
	for range 3 {
		if err := v.Count("x", nil, math.MaxFloat64, at("")); err != nil {
			t.Fatal(err)
		}
		if err := v.Observe("y", nil, -math.MaxFloat64, at("")); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range s.Read()[0].Metrics {
		if got := m.Series[0].Value; math.Abs(got) != math.MaxFloat64 {
			t.Errorf("%s is %v", m.Name, got)
		}
	}
}
