package daemon

import "testing"

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name                                   string
		calls, failures, oldCalls, oldFailures int64
		over                                   bool
		good, sure                             bool
	}{
		{"nothing yet", 0, 0, 0, 0, false, true, false},
		{"all is well, and there is time", 100, 0, 900, 0, false, true, false},
		{"all is well at the end", 100, 0, 900, 0, true, true, true},
		{"nobody came", 0, 0, 0, 0, true, true, true},
		{"few failures can be chance", 100, 2, 900, 0, false, true, false},
		{"few failures at the end are failures", 100, 2, 900, 0, true, false, true},
		{"many failures", 100, 3, 900, 0, false, false, true},
		{"no worse than before", 100, 5, 1000, 50, false, true, false},
		{"no worse than before at the end", 100, 5, 1000, 50, true, true, true},
		{"a little worse than before", 100, 6, 1000, 50, false, false, true},
		{"better than before", 100, 1, 1000, 50, true, true, true},
		{"only the new one was called", 100, 3, 0, 0, false, false, true},
	} {
		counts := func(calls, failures int64) func() (int64, int64) {
			return func() (int64, int64) { return calls, failures }
		}
		good, sure := compare(counts(tt.calls, tt.failures), counts(tt.oldCalls, tt.oldFailures), tt.over)
		if good != tt.good || sure != tt.sure {
			t.Errorf("%s: good %v, sure %v", tt.name, good, sure)
		}
	}
}
