package store_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// clock is a time that tests set.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_800_000_000, c.passed.Load()) }
func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

func TestMemory(t *testing.T) {
	var c clock
	m := store.NewMemory(64<<20, 100_000)
	m.Now = c.now
	storetest.Run(t, storetest.Subject{Store: m, Pass: c.pass})
}

func TestMemoryMakesRoom(t *testing.T) {
	const size, keys = 8 << 20, 1000
	for _, test := range []struct {
		name  string
		value string
	}{
		{"too many keys", "x"},
		{"too many bytes", strings.Repeat("x", 32<<10)},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := store.NewMemory(size, keys)
			s := store.Space{Store: m, Name: "s"}
			for i := range 5 * keys {
				if err := s.Set(t.Context(), fmt.Sprint(i), store.Text(test.value), 0); err != nil {
					t.Fatal(err)
				}
				if _, found, _ := s.Get(t.Context(), fmt.Sprint(i)); !found {
					t.Fatal("what was just set made room for itself")
				}
				if _, found, _ := s.Get(t.Context(), "0"); !found {
					t.Fatalf("what is used all the time made room after %d", i)
				}
			}
			if u := m.Usage(); u.Keys > keys || u.Bytes > size || u.Evicted == 0 {
				t.Errorf("it holds %+v", u)
			}
		})
	}
}

func TestMemoryForgetsWhatIsOver(t *testing.T) {
	var c clock
	m := store.NewMemory(64<<20, 1_000_000)
	m.Now = c.now
	s := store.Space{Store: m, Name: "s"}
	for i := range 20_000 {
		c.pass(time.Millisecond)
		if err := s.Set(t.Context(), fmt.Sprint(i), store.Text("x"), time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if u := m.Usage(); u.Keys > 4000 { // a thousand are alive
		t.Errorf("%d keys are held, of which 1000 are alive", u.Keys)
	}
	if u := m.Usage(); u.Evicted > 0 {
		t.Errorf("%d were evicted though there is room", u.Evicted)
	}
}
