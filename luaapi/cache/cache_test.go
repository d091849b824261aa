package cache_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/cache"
)

var limits = cache.Limits{TTL: time.Minute, Values: 100} // read only

// put keeps a value.
func put(t *testing.T, s *cache.Shared, name, key string, value any, size int64) {
	t.Helper()
	_, found, f := s.Look(name, key, t)
	if found || !f.Own() {
		t.Fatalf("%s is there, or being found out", key)
	}
	f.Land(value, size, limits)
}

func TestValues(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := &cache.Shared{Size: 1 << 20, Now: func() time.Time { return now }}
	put(t, s, "one", "a", 1, 0)
	put(t, s, "other", "a", 2, 0)
	for name, want := range map[string]any{"one": 1, "other": 2, "third": nil} {
		if v, _ := s.Get(name, "a"); v != want {
			t.Errorf("%s has %v, want %v", name, v, want)
		}
	}
	if !s.Delete("one", "a") || s.Delete("one", "a") {
		t.Error("a value is deleted once")
	}
	now = now.Add(time.Minute)
	if v, found := s.Get("other", "a"); found {
		t.Errorf("%v is there beyond its time", v)
	}
	if u := s.Usage(); u.Values != 0 || u.Bytes != 0 || u.Hits != 2 || u.Evicted != 0 {
		t.Errorf("%+v", u)
	}
}

func TestRoom(t *testing.T) {
	for _, test := range []struct {
		name string
		size int64
		want int // values at the end
	}{
		{"too many", 0, limits.Values},
		{"too large together", 100 << 10, 10},
		{"too large each", 2 << 20, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &cache.Shared{Size: 1 << 20, Now: time.Now}
			for i := range 200 {
				put(t, s, "c", fmt.Sprint(i), i, test.size)
				s.Get("c", "0")
			}
			if u := s.Usage(); u.Values != test.want || u.Bytes > s.Size {
				t.Errorf("%+v, want %d values", u, test.want)
			}
			if _, found := s.Get("c", "0"); found != (test.want > 0) {
				t.Errorf("what is used all the time is there: %v", found)
			}
		})
	}
}

// TestOnce has many want a value that nobody knows: one finds it out. When that fails, another may.
func TestOnce(t *testing.T) {
	s := &cache.Shared{Size: 1 << 20, Now: time.Now}
	_, _, failing := s.Look("c", "k", "the first")
	if !failing.Own() || !failing.Of("the first") {
		t.Fatal("the first does not find it out")
	}
	var found, had atomic.Int32
	var wg, waiting sync.WaitGroup
	waiting.Add(20)
	for i := range 20 {
		wg.Go(func() {
			_, _, f := s.Look("c", "k", i)
			waiting.Done()
			if f == nil || f.Own() {
				t.Error("it is not the others' to find out")
				return
			}
			if err := f.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			for {
				v, ok, f := s.Look("c", "k", i)
				switch {
				case ok && v == "value":
					had.Add(1)
					return
				case f.Own():
					found.Add(1)
					f.Land("value", 5, limits)
				default:
					_ = f.Wait(t.Context())
				}
			}
		})
	}
	waiting.Wait()
	failing.Fail()
	wg.Wait()
	if found.Load() != 1 || had.Load() != 20 {
		t.Errorf("%d found it out, %d had it", found.Load(), had.Load())
	}
}
