package daemon

import (
	"time"

	"luamilter/engine"
)

// How a trial is judged.
const (
	judgeEvery = time.Second
	// fewFailures do not count as a rate yet.
	fewFailures = 3
)

// judge follows a release on trial until it is settled: one that fails more often than what ran before is given up.
func (d *Daemon) judge(r *engine.Release, onTrial bool) {
	if !onTrial {
		return
	}
	c, _ := d.inUse()
	until := time.Now().Add(c.Reload.CanaryTime)
	before := d.engine.Current()
	calls, failures := before.Calls()
	old := func() (int64, int64) {
		c, f := before.Calls()
		return c - calls, f - failures
	}
	d.background.Go(func() {
		tick := time.NewTicker(judgeEvery)
		defer tick.Stop()
		for {
			select {
			case <-d.stopping:
				return
			case now := <-tick.C:
				over := !now.Before(until)
				if verdict, sure := compare(r.Calls, old, over); sure {
					d.settle(r, verdict)
					return
				}
				if d.engine.Trial() != r { // another reload came
					return
				}
			}
		}
	})
}

// compare reports whether a release is as good as the one before, and whether that is sure: at the end of the trial it always is.
func compare(fresh, old func() (calls, failures int64), over bool) (good, sure bool) {
	calls, failures := fresh()
	oldCalls, oldFailures := old()
	worse := failures*max(oldCalls, 1) > oldFailures*max(calls, 1)
	switch {
	case worse && failures >= fewFailures:
		return false, true
	case over:
		return !worse, true
	}
	return true, false
}

// settle ends a trial and says how.
func (d *Daemon) settle(r *engine.Release, good bool) {
	if !d.engine.Settle(r, good) {
		return
	}
	calls, failures := r.Calls()
	if good {
		d.log.Info().Int("release", r.Number).Int64("calls", calls).Int64("failures", failures).Msg("the canary was as good as what ran before; all new connections use it")
		return
	}
	d.mu.Lock()
	d.history.rolledBack++
	d.mu.Unlock()
	d.log.Error().Int("release", r.Number).Int64("calls", calls).Int64("failures", failures).Msg("the canary failed more often than what ran before, which goes on")
}
