package outage

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A run of f (failed), w (worked) and . (a while passes) gives these notes.
func TestOutage(t *testing.T) {
	for _, c := range []struct {
		name, run string
		want      []string
	}{
		{"all is well", "wwww", nil},
		{"now and then", "fwffwffw", nil},
		{"it begins once", "fffffff", []string{"x: down 3"}},
		{"and ends once", "fffff.www", []string{"x: down 3", "x: <nil> 5"}},
		{"not at once", "fffww", []string{"x: down 3"}},
		{"but after a while, though nothing more is asked", "fffw.", []string{"x: down 3", "x: <nil> 3"}},
		{"not without an answer", "fff..", []string{"x: down 3"}},
		{"nor with one from before the last failure", "fffwf..", []string{"x: down 3"}},
		{"it wavers", "fffwfwfffwff.w", []string{"x: down 3", "x: <nil> 9"}},
		{"again", "fff.w.fwfff", []string{"x: down 3", "x: <nil> 3", "x: down 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []string
				o := Outage{What: "x", Tell: func(n Note) { told = append(told, fmt.Sprintf("%s: %v %d", n.What, n.Err, n.Failures)) }}
				for _, step := range c.run {
					switch step {
					case 'f':
						o.Failed(errors.New("down"))
					case 'w':
						o.Worked()
					case '.':
						time.Sleep(Calm)
					}
				}
				synctest.Wait()
				if !slices.Equal(told, c.want) {
					t.Errorf("told %q, want %q", told, c.want)
				}
			})
		})
	}
}

// However many fail at a time, it is told once.
func TestManyAtATime(t *testing.T) {
	told := 0
	o := Outage{Tell: func(Note) { told++ }}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { o.Failed(errors.New("down")) })
	}
	all.Wait()
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func TestNobodyIsTold(t *testing.T) {
	var o Outage
	for range Enough {
		o.Failed(errors.New("down"))
	}
	o.Worked()
}
