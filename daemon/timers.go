package daemon

import (
	"time"

	"luamilter/engine"
	"luamilter/luaapi/schedule"
)

// TimerStatus is how it stands with a timer of a script.
type TimerStatus struct {
	Name      string    `json:"name"`
	Interval  float64   `json:"interval_seconds"`
	Next      time.Time `json:"next"` // the next turn; the running one while it runs
	Running   bool      `json:"running,omitempty"`
	Runs      uint64    `json:"runs"`             // without an error
	Failed    uint64    `json:"failed"`           // runs with one
	Elsewhere uint64    `json:"elsewhere"`        // turns that another daemon ran
	Skipped   uint64    `json:"skipped"`          // turns that nobody ran, as far as this daemon knows
	Took      float64   `json:"last_run_seconds"` // 0 if there was none
}

// addTimer notes a timer, if it is one of the listener's.
func (s *ListenerStatus) addTimer(t *engine.TimerStatus) {
	if t.Listener != s.Name {
		return
	}
	for i := range s.Scripts {
		if s.Scripts[i].Name == t.Script {
			s.Scripts[i].Timers = append(s.Scripts[i].Timers, TimerStatus{
				Name: t.Name, Interval: t.Every.Seconds(), Next: t.Due, Running: t.Running,
				Runs: t.Ran, Failed: t.Failed, Elsewhere: t.Elsewhere, Skipped: t.Skipped, Took: t.Took.Seconds(),
			})
		}
	}
}

// timers writes what came of the timers' turns. Scripts of one name in different folders are one, here as in other metrics.
func (p page) timers(all []engine.TimerStatus) {
	type labels struct{ listener, script, timer string }
	sums := map[labels]schedule.Counts{}
	for i := range all {
		t := &all[i]
		fitting := fit([]string{t.Listener, t.Script, t.Name})
		k := labels{fitting[0], fitting[1], fitting[2]}
		sum := sums[k]
		sums[k] = schedule.Counts{
			Ran: sum.Ran + t.Ran, Failed: sum.Failed + t.Failed, Elsewhere: sum.Elsewhere + t.Elsewhere, Skipped: sum.Skipped + t.Skipped, Took: max(sum.Took, t.Took),
		}
	}
	for k, n := range sums {
		for result, count := range map[string]uint64{"ok": n.Ran, "failed": n.Failed, "elsewhere": n.Elsewhere, "skipped": n.Skipped} {
			p.number(metricTimerTurns, float64(count), k.listener, k.script, k.timer, result)
		}
		p.number(metricTimerTook, n.Took.Seconds(), k.listener, k.script, k.timer)
	}
}
