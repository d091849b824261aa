package metric

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Version is a script as one release has it: what its names mean. The values go into the Set.
type Version struct {
	set  *Set
	mu   sync.Mutex // guards changes of uses
	uses atomic.Pointer[map[string]*use]
}

// use is a metric, and where the script used it first.
type use struct {
	*metric
	where string
}

// Version returns a new version of the script, which has used nothing yet.
func (s *Set) Version() *Version {
	v := &Version{set: s}
	v.uses.Store(&map[string]*use{})
	return v
}

// ErrLabels is the error of a metric with too many labels.
var ErrLabels = fmt.Errorf("a metric has at most %d labels", MaxLabels)

// Place says where in the script the running call stands (file:line). It is asked only when that is to be kept.
type Place func() string

// Count adds n to a counter. The order of labels is changed. An error is a mistake in the script: a bad name or number, or one that it
// has used in another way.
func (v *Version) Count(name string, labels []Label, n float64, at Place) error {
	if n < 0 {
		return fmt.Errorf("n is %g; a counter only goes up (metrics.set is for what goes down too)", n)
	}
	return v.take(Counter, name, labels, n, at)
}

// Set sets a gauge. Labels and errors are as for Count.
func (v *Version) Set(name string, labels []Label, value float64, at Place) error {
	return v.take(Gauge, name, labels, value, at)
}

// Observe adds a value to a histogram. Labels and errors are as for Count.
func (v *Version) Observe(name string, labels []Label, value float64, at Place) error {
	return v.take(Histogram, name, labels, value, at)
}

func (v *Version) take(k Kind, name string, labels []Label, value float64, at Place) error {
	if !finite(value) {
		return errors.New("the value is infinite or no number at all")
	}
	if len(labels) > MaxLabels {
		return ErrLabels
	}
	sortLabels(labels)
	u := (*v.uses.Load())[name]
	if u == nil {
		var err error
		if u, err = v.begin(k, name, labels, at); u == nil {
			return err
		}
	}
	if err := u.check(k, labels); err != nil {
		return err
	}
	v.set.series(u.metric, labels).take(k, value)
	return nil
}

// begin notes what a name means from its first use on. It returns nil without an error for a name too many.
func (v *Version) begin(k Kind, name string, labels []Label, at Place) (*use, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := checkLabels(labels); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	before := *v.uses.Load()
	if u := before[name]; u != nil { // another session was faster
		return u, nil
	}
	m := v.set.metric(k, name, labels)
	if m == nil {
		v.set.exceeded(name, tooManyNames)
		return nil, nil
	}
	after := maps.Clone(before)
	after[m.name] = &use{m, at()}
	v.uses.Store(&after)
	return after[m.name], nil
}

// check returns how a use differs from the first one.
func (u *use) check(k Kind, labels []Label) error {
	if k != u.kind {
		return fmt.Errorf("%s is a %s since its use at %s, and cannot be a %s too; choose another name", u.name, u.kind, u.where, k)
	}
	if slices.EqualFunc(labels, u.labels, func(l Label, name string) bool { return l.Name == name }) {
		return nil
	}
	return fmt.Errorf("%s comes with %s, but had %s at %s; a label that is nil is missing, give it a text such as \"none\"", u.name, listed(labelNames(labels)), listed(u.labels), u.where)
}

// listed names labels for an error.
func listed(names []string) string {
	if len(names) == 0 {
		return "no labels"
	}
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = shortened(name)
	}
	return "the labels " + strings.Join(short, ", ")
}
