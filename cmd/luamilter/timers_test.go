package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"luamilter/daemon"
)

// check lists the timers of a script.
func TestCheckTimers(t *testing.T) {
	script := write(t, "work.lua", `local timer = require "timer"
timer.every("5m", function() end)
timer.every(5400, function() end, { name = "lists", jitter = "30s", at_start = true })
`)
	code, stdout, stderr := run("check", script)
	want := "  timers    work#1  every 5m\n            lists   every 1h30m, up to 30s later, and at the start\n"
	if code != 0 || stderr != "" || !strings.Contains(stdout, want) {
		t.Errorf("exit code %d, %q, want\n%sin\n%s", code, stderr, want, stdout)
	}
}

// status shows a line for each timer.
func TestStatusTimers(t *testing.T) {
	next := time.Date(2026, 1, 5, 12, 5, 0, 0, time.Local)
	s := daemon.ScriptStatus{Name: "work", Path: "work.lua", Timers: []daemon.TimerStatus{
		{Name: "work#1", Interval: 300, Next: next, Runs: 7},
		{Name: "lists", Interval: 86400, Next: next, Running: true, Runs: 1, Failed: 2, Elsewhere: 3},
	}}
	var out bytes.Buffer
	showScript(&out, &s)
	for _, want := range []string{
		"    timer work#1 every 5m: 7 runs; next 2026-01-05 12:05:00\n",
		"    timer lists every 1d: 1 runs, 3 elsewhere, 2 failed; it runs\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
	}
}
