package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// noon is Monday, 5 January 2026, 12:00 UTC.
var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// desk is a schedule with a clock that tests set, and what it has run.
type desk struct {
	*Schedule
	clock time.Time
	ran   []string // name and time of each run
}

func newDesk(at time.Time) *desk {
	d := &desk{clock: at}
	d.Schedule = New(func() time.Time { return d.clock })
	return d
}

// job makes a job that notes its runs, and then does more.
func (d *desk) job(t Timer, more ...func() error) Job {
	return Job{Timer: t, Of: "script.lua", Do: func(time.Time) error {
		d.ran = append(d.ran, t.Name+" "+d.clock.Format("02 15:04:05"))
		for _, do := range more {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	}}
}

// until lets time pass, and runs what is due meanwhile.
func (d *desk) until(t *testing.T, at time.Time) {
	t.Helper()
	for range 1000 {
		next, is := d.Next()
		if !is || next.After(at) {
			if d.clock.Before(at) {
				d.clock = at
			}
			return
		}
		if d.clock.Before(next) {
			d.clock = next
		}
		d.RunDue(t.Context())
	}
	t.Fatal("there is no end of turns")
}

func (d *desk) want(t *testing.T, runs ...string) {
	t.Helper()
	if !slices.Equal(d.ran, runs) {
		t.Errorf("it ran at\n  %s\nwant\n  %s", strings.Join(d.ran, "\n  "), strings.Join(runs, "\n  "))
	}
	d.ran = nil
}

func TestTurnsAreOnTheClock(t *testing.T) {
	for _, c := range []struct {
		name     string
		every    time.Duration
		from, to time.Time
		want     string
	}{
		{"minutes, from between two", 5 * time.Minute, noon.Add(7 * time.Minute), noon.Add(20 * time.Minute), "12:10:00 12:15:00 12:20:00"},
		{"from a turn itself: that is over", 5 * time.Minute, noon, noon.Add(9 * time.Minute), "12:05:00"},
		{"just before", 5 * time.Minute, noon.Add(-time.Nanosecond), noon, "12:00:00"},
		{"seconds", time.Second, noon, noon.Add(3500 * time.Millisecond), "12:00:01 12:00:02 12:00:03"},
		{"days begin at midnight UTC", 24 * time.Hour, noon, noon.Add(36 * time.Hour), "00:00:00 00:00:00"},
		{"weeks begin on Monday", 7 * 24 * time.Hour, noon, noon.Add(8 * 24 * time.Hour), "00:00:00"},
		{"one that fits into no hour", 7 * time.Second, noon, noon.Add(20 * time.Second), "12:00:04 12:00:11 12:00:18"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(c.from)
			d.Set([]Job{d.job(Timer{Name: "a", Every: c.every})})
			d.until(t, c.to)
			var got []string
			for _, run := range d.ran {
				got = append(got, run[len(run)-8:])
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("it ran at %s, want %s", s, c.want)
			}
		})
	}
}

func TestWeekBeginsOnMonday(t *testing.T) {
	week := Timer{Every: 7 * 24 * time.Hour}
	if at := week.turnOf(noon); !at.Equal(noon.Add(-12*time.Hour)) || at.Weekday() != time.Monday {
		t.Errorf("the turn of %v is %v", noon, at)
	}
}

// A reload at any time makes no turn run twice, and none late.
func TestSetKeepsTheTurn(t *testing.T) {
	d := newDesk(noon)
	load := func(more ...Timer) {
		jobs := []Job{d.job(Timer{Name: "a", Every: 5 * time.Minute, AtStart: true})}
		for _, m := range more {
			jobs = append(jobs, d.job(m))
		}
		d.Set(jobs)
	}
	load()
	d.until(t, noon.Add(4*time.Minute))
	d.want(t, "a 05 12:00:00") // at the start
	load()
	d.until(t, noon.Add(5*time.Minute))
	load() // in the second of the turn
	d.until(t, noon.Add(6*time.Minute))
	d.want(t, "a 05 12:05:00")
	load(Timer{Name: "b", Every: time.Hour, AtStart: true})
	d.until(t, noon.Add(7*time.Minute))
	d.want(t, "b 05 12:06:00") // is new
	if all := d.Status(); len(all) != 2 || all[0].Ran != 2 || all[1].Ran != 1 {
		t.Errorf("the counts are %+v", all)
	}
	load()
	d.until(t, noon.Add(70*time.Minute))
	for _, run := range d.ran {
		if strings.HasPrefix(run, "b") {
			t.Errorf("a timer that is gone ran: %s", run)
		}
	}
}

func TestSetWithAnotherInterval(t *testing.T) {
	d := newDesk(noon)
	d.Set([]Job{d.job(Timer{Name: "a", Every: time.Hour, AtStart: true})})
	d.until(t, noon.Add(time.Minute))
	d.Set([]Job{d.job(Timer{Name: "a", Every: 10 * time.Minute, AtStart: true})})
	d.until(t, noon.Add(15*time.Minute))
	d.want(t, "a 05 12:00:00", "a 05 12:10:00")
}

func TestOfTwoWithOneNameTheFirstCounts(t *testing.T) {
	d := newDesk(noon)
	first := d.job(Timer{Name: "a", Every: time.Minute})
	d.Set([]Job{first, {Timer: first.Timer, Of: first.Of, Do: func(time.Time) error { t.Error("the second ran"); return nil }}})
	d.until(t, noon.Add(time.Minute))
	d.want(t, "a 05 12:01:00")
}

func TestContinue(t *testing.T) {
	d := newDesk(noon.Add(time.Minute))
	d.Set([]Job{d.job(Timer{Name: "a", Every: 5 * time.Minute, AtStart: true})})
	d.Continue()
	d.until(t, noon.Add(6*time.Minute))
	d.want(t, "a 05 12:05:00")
}

// A run that lasts longer than the interval: the turns in it are lost.
func TestSlowRun(t *testing.T) {
	d := newDesk(noon)
	slow := func() error { d.clock = d.clock.Add(150 * time.Second); return nil }
	d.Set([]Job{d.job(Timer{Name: "a", Every: time.Minute}, slow)})
	d.until(t, noon.Add(8*time.Minute))
	d.want(t, "a 05 12:01:00", "a 05 12:04:00", "a 05 12:07:00")
}

// The machine slept: one turn is run, as that of the time.
func TestMissedTurnsAreLost(t *testing.T) {
	d := newDesk(noon)
	d.Set([]Job{d.job(Timer{Name: "a", Every: time.Minute})})
	d.clock = noon.Add(time.Hour + 30*time.Second)
	d.RunDue(t.Context())
	d.until(t, noon.Add(time.Hour+2*time.Minute))
	d.want(t, "a 05 13:00:30", "a 05 13:01:00", "a 05 13:02:00")
}

func TestClockIsSetBack(t *testing.T) {
	d := newDesk(noon)
	d.Set([]Job{d.job(Timer{Name: "a", Every: time.Minute})})
	d.until(t, noon.Add(time.Minute))
	d.clock = noon.Add(time.Minute - time.Millisecond) // a little: the turn is not run again
	d.until(t, noon.Add(2*time.Minute))
	d.want(t, "a 05 12:01:00", "a 05 12:02:00")
	d.clock = noon.Add(-time.Hour)
	d.RunDue(t.Context()) // nothing is due, and it sees the clock
	d.until(t, noon.Add(-58*time.Minute))
	d.want(t, "a 05 11:01:00", "a 05 11:02:00")
}

func TestJitter(t *testing.T) {
	d := newDesk(noon)
	timer := Timer{Name: "a", Every: time.Hour, Jitter: 10 * time.Minute}
	d.Set([]Job{d.job(timer)})
	seen := map[time.Duration]bool{}
	for turn := noon.Add(time.Hour); turn.Before(noon.Add(100 * time.Hour)); turn = turn.Add(time.Hour) {
		due, _ := d.Next()
		if late := due.Sub(turn); late < 0 || late >= timer.Jitter {
			t.Fatalf("the turn of %v is run at %v", turn, due)
		}
		seen[due.Sub(turn)] = true
		d.until(t, due)
	}
	if len(seen) < 50 {
		t.Errorf("of 99 turns only %d are put off by different times", len(seen))
	}
	if n := d.Status()[0].Ran; n != 99 {
		t.Errorf("%d turns of 99 ran", n)
	}
}

func TestCounts(t *testing.T) {
	d := newDesk(noon)
	results := []error{nil, errors.New("broken"), ErrNotNow, fmt.Errorf("stopped: %w", ErrNotNow), nil}
	d.Set([]Job{d.job(Timer{Name: "a", Every: time.Minute}, func() error {
		err := results[0]
		results = results[1:]
		return err
	})})
	d.until(t, noon.Add(5*time.Minute))
	if c := d.Status()[0].Counts; c.Ran != 2 || c.Failed != 1 || c.Skipped != 2 || c.Elsewhere != 0 {
		t.Errorf("the counts are %+v", c)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name  string
		timer Timer
		want  string // "" for nothing
	}{
		{"the shortest", Timer{Name: "a", Every: time.Second}, ""},
		{"the longest", Timer{Name: "a", Every: 30 * 24 * time.Hour}, ""},
		{"too short", Timer{Name: "a", Every: 999 * time.Millisecond}, "the interval is 999ms; from 1s to 30d was expected"},
		{"too long", Timer{Name: "a", Every: Longest + 1}, "from 1s to 30d was expected"},
		{"jitter as long as the interval", Timer{Name: "a", Every: time.Minute, Jitter: time.Minute}, "jitter is 1m0s; less than the interval, 1m0s, was expected"},
		{"no name", Timer{Every: time.Minute}, "the name has 0 bytes"},
		{"a long name", Timer{Name: strings.Repeat("x", 101), Every: time.Minute}, "the name has 101 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.timer.Check()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v, want %q", err, c.want)
			}
		})
	}
}
