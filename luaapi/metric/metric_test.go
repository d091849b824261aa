package metric

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// warnings collects what a Store warns of.
type warnings struct {
	mu   sync.Mutex
	said []string
}

func (w *warnings) warn(listener, script, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, listener+" "+script+" "+what)
}

// at is a place in a script.
func at(place string) Place { return func() string { return place } }

// fresh returns a version of a script in a store of its own.
func fresh() (*Store, *warnings, *Version) {
	w := &warnings{}
	s := NewStore(w.warn)
	return s, w, s.Set("default", "first").Version()
}

// show writes all metrics, one series a line.
func show(s *Store) string {
	var out strings.Builder
	for _, script := range s.Read() {
		for _, m := range script.Metrics {
			for _, one := range m.Series {
				fmt.Fprintf(&out, "%s %s %s%q %v", script.Script, m.Kind, m.Name, one.Values, one.Value)
				for i, n := range one.Classes {
					if n > 0 {
						fmt.Fprintf(&out, " %d:%d", i, n)
					}
				}
				if m.Hidden {
					out.WriteString(" hidden")
				}
				out.WriteByte('\n')
			}
		}
	}
	return out.String()
}

func TestKinds(t *testing.T) {
	s, w, v := fresh()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	must(v.Count("hits", nil, 1, at("a:1")))
	must(v.Count("hits", nil, 2.5, at("a:2")))
	must(v.Count("hits", nil, 0, at("a:2")))
	must(v.Count("mails", []Label{{"to", "b"}, {"from", "a"}}, 1, at("a:3")))
	must(v.Count("mails", []Label{{"from", "a"}, {"to", "b"}}, 1, at("a:3")))
	must(v.Count("mails", []Label{{"from", "a"}, {"to", ""}}, 1, at("a:3")))
	must(v.Set("queue", nil, 5, at("a:4")))
	must(v.Set("queue", nil, -1, at("a:4")))
	for _, size := range []float64{-7, 0, 0.001, 0.002, 1e6, 1e6 + 1} {
		must(v.Observe("size", nil, size, at("a:5")))
	}
	want := `first counter hits[] 3.5
first counter mails["a" ""] 1
first counter mails["a" "b"] 2
first gauge queue[] -1
first histogram size[] 1.999994003e+06 0:3 1:1 18:1 19:1
`
	if got := show(s); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(w.said) > 0 {
		t.Error(w.said)
	}
}

func TestMistakes(t *testing.T) {
	_, _, v := fresh()
	if err := v.Count("known", []Label{{"a", "1"}, {"b", "2"}}, 1, at("x.lua:7")); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("n", MaxName)
	if err := v.Count(long, []Label{{long, ""}}, 1, at("")); err != nil {
		t.Errorf("a name of %d bytes: %v", MaxName, err)
	}
	for _, tt := range []struct {
		what string
		err  error
		want string // part of the error
	}{
		{"no name", v.Count("", nil, 1, at("")), `"" is no name for a metric`},
		{"capital", v.Count("Hits", nil, 1, at("")), `"Hits" is no name for a metric: it takes up to 63 small letters`},
		{"digit", v.Count("1hit", nil, 1, at("")), "is no name"},
		{"newline", v.Count("a\nb", nil, 1, at("")), `"a\nb" is no name`},
		{"too long", v.Count(long+"n", nil, 1, at("")), "is no name"},
		{"total", v.Count("hits_total", nil, 1, at("")), `ends in _total, which a name gets by itself where it is shown; write "hits"`},
		{"bucket", v.Set("hits_bucket", nil, 1, at("")), "ends in _bucket"},
		{"our own", v.Count("series_over_cap", nil, 1, at("")), "a metric of luamilter itself"},
		{"label", v.Count("x", []Label{{"a-b", ""}}, 1, at("")), `"a-b" is no name for a label`},
		{"label with a meaning", v.Count("x", []Label{{"script", ""}}, 1, at("")), `label "script" has a meaning already`},
		{"label of Prometheus", v.Count("x", []Label{{"__name__", ""}}, 1, at("")), `label "__name__" has a meaning already`},
		{"label twice", v.Count("x", []Label{{"a", ""}, {"b", ""}, {"a", ""}}, 1, at("")), `label "a" is there twice`},
		{"many labels", v.Count("x", make([]Label, MaxLabels+1), 1, at("")), "a metric has at most 5 labels"},
		{"backwards", v.Count("x", nil, -1, at("")), "n is -1; a counter only goes up"},
		{"no number", v.Count("x", nil, math.NaN(), at("")), "infinite or no number"},
		{"below all", v.Set("x", nil, math.Inf(-1), at("")), "infinite or no number"},
		{"above all", v.Observe("x", nil, math.Inf(1), at("")), "infinite or no number"},
		{"another kind", v.Set("known", []Label{{"a", "1"}, {"b", "2"}}, 1, at("y")), "known is a counter since its use at x.lua:7, and cannot be a gauge too"},
		{"a label less", v.Count("known", []Label{{"a", "1"}}, 1, at("y")), `known comes with the labels a, but had the labels a, b at x.lua:7; a label that is nil is missing, give it a text such as "none"`},
		{"another label", v.Count("known", []Label{{"a", "1"}, {"c", "1"}}, 1, at("y")), "known comes with the labels a, c, but"},
		{"no labels", v.Count("known", nil, 1, at("y")), "known comes with no labels, but"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s", tt.what, tt.err, tt.want)
		}
	}
}

func TestValues(t *testing.T) {
	long := strings.Repeat("x", MaxValue)
	for _, tt := range []struct{ in, want string }{
		{"", ""}, {"a b", "a b"}, {"Jörg", "Jörg"}, {`"quoted" \ back`, `"quoted" \ back`},
		{"a\nb\x00\x1b[31m\u0085", "a\ufffdb\ufffd\ufffd[31m\ufffd"}, {"\xff\xfe", "\ufffd\ufffd"}, {"a\xff", "a\ufffd"},
		{long, long}, {long + "y", long}, {long[1:] + "ö", long[1:]}, {long[2:] + "ö!", long[2:] + "ö"}, {long[1:] + "\xff", long[1:]},
	} {
		if got := string(appendValue([]byte("."), tt.in)); got != "."+tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("a", "b")
	f.Add("\xff", "ö\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		s, _, v := fresh()
		if err := v.Count("x", []Label{{"a", a}, {"b", b}}, 1, at("")); err != nil {
			t.Fatal(err)
		}
		values := s.Read()[0].Metrics[0].Series[0].Values
		if len(values) != 2 {
			t.Fatalf("%q", values)
		}
		for i, in := range []string{a, b} {
			if v := values[i]; !utf8.ValidString(v) || len(v) > MaxValue || strings.ContainsAny(v, "\x00\n\r\x1b") || len(in) <= MaxValue && plain(in) && v != in {
				t.Errorf("%q becomes %q", in, v)
			}
		}
	})
}

// Many sessions count at once, and nothing is lost.
func TestTogether(t *testing.T) {
	s, _, v := fresh()
	const sessions, times = 8, 2000
	var all sync.WaitGroup
	for range sessions {
		all.Go(func() {
			for i := range times {
				label := []Label{{"n", fmt.Sprint(i % 1500)}}
				if v.Count("hits", label, 1, at("")) != nil || v.Observe("size", nil, float64(i), at("")) != nil {
					t.Error("refused")
				}
				if i%500 == 0 {
					s.Read()
				}
			}
		})
	}
	all.Wait()
	got := s.Read()[0]
	sum := 0.0
	for _, one := range got.Metrics[0].Series {
		sum += one.Value
	}
	if sum != sessions*times || len(got.Metrics[0].Series) != MaxSeries+1 {
		t.Errorf("%v in %d series", sum, len(got.Metrics[0].Series))
	}
	observed := uint64(0)
	for _, n := range got.Metrics[1].Series[0].Classes {
		observed += n
	}
	if observed != sessions*times {
		t.Errorf("observed %d", observed)
	}
}

// A series that is there already costs no allocation.
func TestAllocations(t *testing.T) {
	_, _, v := fresh()
	n := testing.AllocsPerRun(100, func() {
		var labels [2]Label
		labels[0], labels[1] = Label{"stage", "rcpt"}, Label{"result", "Grüße"}
		if v.Count("hits", labels[:], 1, func() string { return "a:1" }) != nil || v.Observe("size", nil, 5, func() string { return "a:2" }) != nil {
			t.Error("refused")
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCount(b *testing.B) {
	for _, labels := range [][]Label{nil, {{"result", "pass"}}, {{"a", "1"}, {"b", "2"}, {"c", "a longer value"}, {"d", "Grüße"}, {"e", "5"}}} {
		b.Run(fmt.Sprintf("%d labels", len(labels)), func(b *testing.B) {
			_, _, v := fresh()
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				mine := slices.Clone(labels)
				for p.Next() {
					_ = v.Count("hits", mine, 1, func() string { return "a:1" })
				}
			})
		})
	}
	b.Run("over the cap", func(b *testing.B) {
		_, _, v := fresh()
		b.ReportAllocs()
		for i := range b.N {
			_ = v.Count("hits", []Label{{"n", fmt.Sprint(i)}}, 1, func() string { return "a:1" })
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	_, _, v := fresh()
	b.ReportAllocs()
	for i := range b.N {
		_ = v.Observe("size", nil, float64(i%1000), func() string { return "a:1" })
	}
}
