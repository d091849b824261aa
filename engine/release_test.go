package engine

import (
	"strings"
	"testing"
)

// A release on trial gets its share of the new connections, and all or none when it is settled.
func TestTrial(t *testing.T) {
	const old, new = "function helo() return reject(\"5.7.1\", \"old\") end", "function helo() return reject(\"5.7.1\", \"new\") end"
	r := start(t, old)
	share := func(connections int) int {
		n := 0
		for range connections {
			m := r.mta()
			if strings.Contains(m.do("helo x"), "new") {
				n++
			}
			m.dialog("quit")
		}
		return n
	}
	try := func() *Release {
		p := defaults().load(t, new)
		t.Cleanup(p.Close)
		return r.engine.Try(map[string]*Program{"": p}, 0.25)
	}
	first := try()
	if n := share(40); n < 10 || n > 11 {
		t.Errorf("%d of 40 connections got the release on trial; want a quarter", n)
	}
	r.ended()
	if calls, failures := first.Calls(); calls == 0 || failures != 0 {
		t.Errorf("%d calls, %d failures", calls, failures)
	}
	if r.engine.Trial() != first || r.engine.Current().Number != 1 {
		t.Error("the trial is not under way")
	}
	if !r.engine.Settle(first, false) || share(4) != 0 || r.engine.Trial() != nil {
		t.Error("the trial was not ended")
	}
	if r.engine.Settle(first, true) {
		t.Error("a trial that has ended was settled again")
	}
	second := try()
	if !r.engine.Settle(second, true) || share(4) != 4 || r.engine.Current() != second {
		t.Error("the trial was not adopted")
	}
}
