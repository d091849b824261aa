package engine

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestTrace(t *testing.T) {
	const script = `
function connect() end
function mail(conn, sender) if sender == "oops@example.com" then error("oops") end end
function rcpt(conn, rcpt) if rcpt == "no@example.net" then return reject("5.1.1", "who?") end end`
	for _, tt := range []struct {
		name   string
		filter TraceFilter
		want   string
	}{
		{"everything", TraceFilter{}, `
			connect mx.example.com continue
			mail a@example.com continue
			rcpt b@example.net continue
			rcpt no@example.net reject 550 5.1.1 who?
			mail oops@example.com tempfail error`},
		{"a network", TraceFilter{IP: netip.MustParsePrefix("192.0.2.0/24"), Sender: "OOPS"}, "mail oops@example.com tempfail error"},
		{"another network", TraceFilter{IP: netip.MustParsePrefix("198.51.100.0/24")}, ""},
		{"a sender", TraceFilter{Sender: "a@"}, "mail a@example.com continue\nrcpt b@example.net continue\nrcpt no@example.net reject 550 5.1.1 who?"},
		{"a recipient", TraceFilter{Recipient: "no@"}, "rcpt no@example.net reject 550 5.1.1 who?"},
		{"a script", TraceFilter{Script: "first", Sender: "oops"}, "mail oops@example.com tempfail error"},
		{"another script", TraceFilter{Script: "second"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, script)
			events, stop := r.engine.Trace(tt.filter)
			r.mta().dialog("connect mx.example.com inet 192.0.2.1 25\nmail a@example.com\nrcpt b@example.net\nrcpt no@example.net\nabort\nmail oops@example.com\nquit")
			r.ended()
			stop()
			var got []string
			for range len(events) {
				e := <-events
				line := e.Stage + " " + e.Event + " " + e.Verdict
				if e.Reply != "" {
					line += " " + e.Reply
				}
				if e.Error != "" {
					line += " error"
				}
				if e.Took <= 0 || e.Conn == "" || e.Client != "192.0.2.1" {
					t.Errorf("%+v", e)
				}
				got = append(got, line)
			}
			equal(t, "events", got, list(tt.want))
			if r.engine.tracers.Load() != nil {
				t.Error("somebody still follows")
			}
		})
	}
}

// Mail does not wait for a reader that does not read: what does not fit is counted.
func TestTraceLosesRatherThanWaits(t *testing.T) {
	r := start(t, "function mail() return continue end")
	events, stop := r.engine.Trace(TraceFilter{})
	defer stop()
	m := r.mta()
	for range traceRoom + 10 {
		m.dialog("mail a -> continue\nabort")
	}
	for range traceRoom {
		if e := <-events; e.Lost != 0 {
			t.Fatalf("lost %d", e.Lost)
		}
	}
	m.dialog("mail a -> continue\nquit")
	if e := <-events; e.Lost != 10 {
		t.Errorf("lost %d; want 10: %s", e.Lost, fmt.Sprint(e))
	}
}
