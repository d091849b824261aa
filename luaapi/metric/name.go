package metric

import (
	"fmt"
	"slices"
	"strings"
)

// Label tells series of a metric apart.
type Label struct{ Name, Value string }

// The limits of names.
const (
	MaxName   = 63 // bytes of the name of a metric or of a label
	MaxLabels = 5  // of a metric
)

// endings are what names get by themselves where they are shown, or would be mistaken for.
var endings = []string{"_total", "_count", "_sum", "_bucket", "_created"}

// own are names that are ours.
var own = []string{"series_over_cap", "metrics_hidden"}

// taken are the names of labels that have a meaning already.
var taken = []string{"listener", "script", "le", "quantile"}

// checkName returns what is wrong with the name of a metric.
func checkName(name string) error {
	if !isName(name) {
		return fmt.Errorf("%q is no name for a metric: it takes up to %d small letters, digits and _, and begins with no digit", shortened(name), MaxName)
	}
	for _, ending := range endings {
		if short, ok := strings.CutSuffix(name, ending); ok {
			return fmt.Errorf("%q ends in %s, which a name gets by itself where it is shown; write %q", name, ending, short)
		}
	}
	if slices.Contains(own, name) {
		return fmt.Errorf("%q is a metric of luamilter itself; choose another name", name)
	}
	return nil
}

// checkLabels returns what is wrong with the names of labels, which are sorted.
func checkLabels(labels []Label) error {
	for i, l := range labels {
		switch {
		case !isName(l.Name):
			return fmt.Errorf("%q is no name for a label: it takes up to %d small letters, digits and _, and begins with no digit", shortened(l.Name), MaxName)
		case slices.Contains(taken, l.Name) || strings.HasPrefix(l.Name, "__"):
			return fmt.Errorf("label %q has a meaning already (as have %s, and what begins with __); choose another name", l.Name, strings.Join(taken, ", "))
		case i > 0 && labels[i-1].Name == l.Name:
			return fmt.Errorf("label %q is there twice", l.Name)
		}
	}
	return nil
}

// isName reports whether a text is [a-z_][a-z0-9_]*, and not too long.
func isName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// shortened is enough of a name to find it in a script.
func shortened(name string) string {
	if len(name) > MaxName {
		return name[:MaxName] + "..."
	}
	return name
}

// sortLabels sorts by name. There are few.
func sortLabels(labels []Label) {
	for i := 1; i < len(labels); i++ {
		for j := i; j > 0 && labels[j].Name < labels[j-1].Name; j-- {
			labels[j], labels[j-1] = labels[j-1], labels[j]
		}
	}
}

// labelNames lists the names of labels, in memory of their own.
func labelNames(labels []Label) []string {
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = strings.Clone(l.Name)
	}
	return names
}
