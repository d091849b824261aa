package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/store"
)

// TestWatched fills a memory with more than it has room for, now and then: that is told once, and once that it is over.
func TestWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		w := &store.Watched{
			Store:  store.NewMemory(8<<20, 100),
			Outage: outage.Outage{Enough: 1, Tell: func(n outage.Note) { told = append(told, fmt.Sprint(n.Err, " ", n.Failures)) }},
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
			time.Sleep(outage.Calm / 2)
		}
		time.Sleep(outage.Calm / 2)
		synctest.Wait()
		good()
		good()
		bad()
		if want := []string{store.ErrFull.Error() + " 1", "<nil> 3", store.ErrFull.Error() + " 1"}; !slices.Equal(told, want) {
			t.Errorf("told was %q, want %q", told, want)
		}
		if n := w.Counts(); n != (store.Counts{Steps: 10, Failures: 4}) {
			t.Errorf("%+v", n)
		}
	})
}
