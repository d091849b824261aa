package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"luamilter/luaapi/store"
)

// TestWatched fills a memory with more than it has room for, now and then: that is told once, and once that it is over.
func TestWatched(t *testing.T) {
	var c clock
	var told []string
	m := store.NewMemory(8<<20, 100)
	w := &store.Watched{
		Store: m, Now: c.now,
		Failing: func(err error) { told = append(told, err.Error()) },
		Working: func(n uint64) { told = append(told, fmt.Sprint("works after ", n)) },
	}
	s := store.Space{Store: w, Name: "s"}
	large := store.Decision{Kind: "x", Step: func(e *store.Entry, now time.Time, _ []string) []string {
		e.Lasting(string(make([]byte, 1<<20)), now, 0)
		return nil
	}}
	good := func() {
		if err := s.Set(t.Context(), "a", store.Text("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	bad := func() {
		if _, err := s.Decide(t.Context(), &large, "a"); !errors.Is(err, store.ErrFull) {
			t.Fatal(err)
		}
	}
	good()
	for range 3 {
		bad()
		good()
		c.pass(5 * time.Second)
	}
	c.pass(5 * time.Second)
	good()
	good()
	bad()
	if want := []string{store.ErrFull.Error(), "works after 3", store.ErrFull.Error()}; !slices.Equal(told, want) {
		t.Errorf("told was %q, want %q", told, want)
	}
	if n := w.Counts(); n != (store.Counts{Steps: 10, Failures: 4}) {
		t.Errorf("%+v", n)
	}
}
