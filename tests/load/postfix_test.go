package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"

	"luamilter/load"
)

func TestPostfix(t *testing.T) {
	for _, name := range []string{"postfix", "smtp-source"} {
		mta.NeedProgram(t, name) // or skip
	}
	if err := needPostfix(); err != nil {
		lack(t, err)
	}
	b, out, notes := ownBench(t)
	b.postfix, b.messages = true, 20
	if err := b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, out, "Postfix, w2: look at every header field", noFilter, "self", "added us", "x self", "1.00")
	says(t, notes, "postfix round 1 of 1: self", "it ended: exit status 1")
	if strings.Contains(notes.String(), "smtp-source") {
		t.Errorf("mail was refused:\n%s", notes)
	}
}

func TestBurstThatFails(t *testing.T) {
	mta.NeedProgram(t, "smtp-source")
	_, err := listener{name: "closed", address: "127.0.0.1:1"}.burst(t.Context(), 1, 1)
	if err == nil || !strings.Contains(err.Error(), "smtp-source") {
		t.Errorf("%v", err)
	}
}

func TestAdded(t *testing.T) {
	of, reference := []load.Sample{at(0, 1000), at(0, 500), {}}, []load.Sample{at(0, 2000), at(0, 1000), at(0, 1000)}
	if got, want := added(of, reference), []float64{500, 1000}; !slices.Equal(got, want) {
		t.Errorf("added %v, expected %v", got, want)
	}
	if got := at(time.Millisecond, 1000); got.PerMessage(got.Wall) != 1000 {
		t.Errorf("%v us a message", got.PerMessage(got.Wall))
	}
}

func TestStandIn(t *testing.T) {
	var s standIn
	var done []string
	err := s.do(func(t testing.TB) {
		t.Helper()
		t.Cleanup(func() { done = append(done, "first") })
		t.Cleanup(func() {
			done = append(done, "second")
			t.Error("not clean")
		})
		t.Errorf("one %d", 1)
		t.Fatal(errors.New("two"))
		done = append(done, "not reached")
	})
	if got := fmt.Sprintf("%q", fmt.Sprint(err)); got != `"one 1\ntwo"` {
		t.Errorf("the test says %s", got)
	}
	if err := s.do(func(testing.TB) {}); err != nil {
		t.Errorf("said twice: %v", err)
	}
	if err := s.end(); err == nil || err.Error() != "not clean" || !slices.Equal(done, []string{"second", "first"}) {
		t.Errorf("the end says %v, after %v", err, done)
	}
	if err := s.do(func(t testing.TB) { t.Skipf("no %s", "root") }); err == nil || err.Error() != "no root" {
		t.Errorf("skipped: %v", err)
	}
}
