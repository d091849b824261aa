package schedule

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// running is a schedule that Run runs by a clock.
func running(t *testing.T, now func() time.Time) (s *Schedule, stop func()) {
	t.Helper()
	s = New(now)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	return s, func() {
		cancel()
		<-done
	}
}

func counting(name string, every time.Duration, n *atomic.Int64) Job {
	return Job{Timer: Timer{Name: name, Every: every}, Do: func(time.Time) error { n.Add(1); return nil }}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := running(t, time.Now)
		var minutes, hours atomic.Int64
		s.Set([]Job{counting("minute", time.Minute, &minutes), counting("hour", time.Hour, &hours)})
		time.Sleep(10*time.Hour + 30*time.Second)
		stop()
		if minutes.Load() != 600 || hours.Load() != 10 {
			t.Errorf("it ran %d times in 600 minutes, and %d in 10 hours", minutes.Load(), hours.Load())
		}
		time.Sleep(time.Hour)
		if minutes.Load() != 600 {
			t.Error("it runs on after its end")
		}
	})
}

// Without jobs nobody looks at the clock.
func TestRunWithoutJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		s, stop := running(t, func() time.Time { looks.Add(1); return time.Now() })
		synctest.Wait()
		before := looks.Load()
		time.Sleep(1000 * time.Hour)
		if n := looks.Load() - before; n != 0 {
			t.Errorf("it looked %d times", n)
		}
		var n atomic.Int64
		s.Set([]Job{counting("a", time.Hour, &n)}) // and it wakes for the first one
		time.Sleep(time.Hour + time.Second)
		stop()
		if n.Load() != 1 {
			t.Errorf("it ran %d times", n.Load())
		}
	})
}

// A job that takes long holds up no other, and is never run twice at a time, also when it is taken away and comes back.
func TestSlowJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := running(t, time.Now)
		var quick, slow, together atomic.Int64
		jobs := []Job{counting("quick", time.Minute, &quick), {Timer: Timer{Name: "slow", Every: time.Minute}, Do: func(time.Time) error {
			if together.Add(1) > 1 {
				t.Error("it runs twice at a time")
			}
			time.Sleep(150 * time.Second)
			together.Add(-1)
			slow.Add(1)
			return nil
		}}}
		s.Set(jobs)
		time.Sleep(30 * time.Second)
		for range 59 {
			time.Sleep(time.Minute)
			s.Set(nil)
			s.Set(jobs)
		}
		time.Sleep(45 * time.Second)
		if quick.Load() != 60 || slow.Load() != 19 {
			t.Errorf("the quick one ran %d times of 60, the slow one %d times of 19", quick.Load(), slow.Load())
		}
		stop()
		if together.Load() != 0 || slow.Load() != 20 {
			t.Errorf("Run did not wait for the last run; %d have ended", slow.Load())
		}
	})
}

// A job that is gone while it runs leaves nothing behind.
func TestGoneWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := running(t, time.Now)
		s.Set([]Job{{Timer: Timer{Name: "a", Every: time.Minute}, Do: func(time.Time) error { time.Sleep(30 * time.Second); return nil }}})
		time.Sleep(70 * time.Second)
		s.Set(nil)
		if len(s.Status()) != 0 {
			t.Error("it is still shown")
		}
		time.Sleep(time.Minute)
		stop()
		if len(s.entries) != 0 {
			t.Error("it is still there")
		}
	})
}

// The clock may be set while Run sleeps: it is looked at once in a minute.
func TestClockIsSetForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead, n atomic.Int64
		s, stop := running(t, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
		s.Set([]Job{counting("a", 24*time.Hour, &n)})
		synctest.Wait()
		ahead.Store(int64(24 * time.Hour))
		time.Sleep(longestSleep + time.Second)
		stop()
		if n.Load() != 1 {
			t.Errorf("it ran %d times", n.Load())
		}
	})
}
