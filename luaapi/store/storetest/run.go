package storetest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"luamilter/luaapi/store"
)

// Subject is a store under test.
type Subject struct {
	Store store.Store
	Pass  func(time.Duration) // lets so much time pass for the store
}

// Run is the conformance suite. Each case gets a space of its own.
func Run(t *testing.T, s Subject) {
	for name, test := range map[string]func(*testing.T, store.Space, Subject){
		"values": values, "numbers": numbers, "times": times, "sets": sets, "bounds": bounds, "bytes": anyBytes,
		"spaces": spaces, "together": together,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, store.Space{Store: s.Store, Name: fmt.Sprintf("%s-%d", name, time.Now().UnixNano())}, s)
		})
	}
}

// wantGet fails unless a key has that value; nil for none.
func wantGet(t *testing.T, s store.Space, key string, want *store.Value) {
	t.Helper()
	got, found, err := s.Get(t.Context(), key)
	switch {
	case err != nil:
		t.Fatalf("get %q: %v", key, err)
	case found != (want != nil):
		t.Errorf("get %q: found is %v (%+v)", key, found, got)
	case want != nil && got != *want:
		t.Errorf("get %q: %+v, want %+v", key, got, *want)
	}
}

// is returns a check of what a step returned.
func is[T comparable](t *testing.T, what string, want T) func(T, error) {
	return func(got T, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func text(s string) *store.Value    { v := store.Text(s); return &v }
func number(f float64) *store.Value { v := store.Number(f); return &v }

func values(t *testing.T, s store.Space, _ Subject) {
	ctx := t.Context()
	wantGet(t, s, "a", nil)
	fine(t, s.Set(ctx, "a", store.Text("1"), 0))
	wantGet(t, s, "a", text("1"))
	fine(t, s.Set(ctx, "a", store.Text(""), 0))
	wantGet(t, s, "a", text(""))
	is(t, "add over another", false)(s.Add(ctx, "a", store.Text("2"), 0))
	is(t, "add", true)(s.Add(ctx, "b", store.Text("2"), time.Hour))
	wantGet(t, s, "b", text("2"))
	is(t, "swap of another value", false)(s.CAS(ctx, "b", store.Text("1"), store.Text("3"), 0))
	is(t, "swap of a number that looks alike", false)(s.CAS(ctx, "b", store.Number(2), store.Text("3"), 0))
	is(t, "swap", true)(s.CAS(ctx, "b", store.Text("2"), store.Text("3"), 0))
	is(t, "swap of nothing", false)(s.CAS(ctx, "c", store.Text(""), store.Text("3"), 0))
	wantGet(t, s, "b", text("3"))
	is(t, "delete", true)(s.Delete(ctx, "b"))
	is(t, "delete again", false)(s.Delete(ctx, "b"))
	wantGet(t, s, "b", nil)
}

func numbers(t *testing.T, s store.Space, _ Subject) {
	ctx := t.Context()
	is(t, "first", 1.0)(s.Incr(ctx, "n", 1, time.Hour))
	is(t, "second", 3.0)(s.Incr(ctx, "n", 2, time.Hour))
	is(t, "down", -0.5)(s.Incr(ctx, "n", -3.5, 0))
	wantGet(t, s, "n", number(-0.5))
	for _, f := range []float64{0, 0.1, 1e300, -1.5e-300, 1 << 53, 123456789012345680} {
		fine(t, s.Set(ctx, "f", store.Number(f), 0))
		wantGet(t, s, "f", number(f))
		is(t, fmt.Sprintf("%v and 0", f), f)(s.Incr(ctx, "f", 0, 0))
		wantGet(t, s, "f", number(f))
	}
	is(t, "swap of a number", true)(s.CAS(ctx, "n", store.Number(-0.5), store.Number(7), 0))
	fine(t, s.Set(ctx, "text", store.Text("5"), 0))
	if _, err := s.Incr(ctx, "text", 1, 0); !errors.Is(err, store.ErrNumber) {
		t.Errorf("adding to text: %v", err)
	}
	fine(t, s.Set(ctx, "large", store.Number(math.MaxFloat64), 0))
	if _, err := s.Incr(ctx, "large", math.MaxFloat64, 0); !errors.Is(err, store.ErrNumber) {
		t.Errorf("beyond the largest number: %v", err)
	}
	if err := s.Set(ctx, "nan", store.Number(math.NaN()), 0); !errors.Is(err, store.ErrNumber) {
		t.Errorf("NaN: %v", err)
	}
}

// brief is a time that tests can wait for, also where it really passes.
const brief = 200 * time.Millisecond

func times(t *testing.T, s store.Space, subject Subject) {
	ctx := t.Context()
	fine(t, s.Set(ctx, "short", store.Text("x"), brief))
	fine(t, s.Set(ctx, "long", store.Text("x"), time.Hour))
	fine(t, s.Set(ctx, "prolonged", store.Text("x"), brief))
	fine(t, s.Set(ctx, "prolonged", store.Text("x"), 0))
	is(t, "swap", true)(s.CAS(ctx, "long", store.Text("x"), store.Text("y"), brief))
	is(t, "count", 1.0)(s.Incr(ctx, "count", 1, brief))
	is(t, "count for longer", 2.0)(s.Incr(ctx, "count", 1, time.Hour))
	is(t, "set", true)(s.SAdd(ctx, "set", "a", brief))
	is(t, "set for longer", true)(s.SAdd(ctx, "set", "b", time.Hour))
	subject.Pass(brief)
	wantGet(t, s, "short", nil)
	wantGet(t, s, "long", nil)
	wantGet(t, s, "prolonged", text("x"))
	is(t, "count anew", 1.0)(s.Incr(ctx, "count", 1, time.Hour))
	is(t, "members", 0)(s.SCard(ctx, "set"))
	is(t, "add", true)(s.Add(ctx, "short", store.Text("z"), 0))
	is(t, "delete of what is over", false)(s.Delete(ctx, "long"))
}

func sets(t *testing.T, s store.Space, _ Subject) {
	ctx := t.Context()
	is(t, "none", false)(s.SHas(ctx, "set", "a"))
	is(t, "first", true)(s.SAdd(ctx, "set", "a", 0))
	is(t, "again", false)(s.SAdd(ctx, "set", "a", 0))
	is(t, "empty", true)(s.SAdd(ctx, "set", "", 0))
	is(t, "long", true)(s.SAdd(ctx, "set", strings.Repeat("m", 300), 0))
	is(t, "has", true)(s.SHas(ctx, "set", "a"))
	is(t, "has the empty one", true)(s.SHas(ctx, "set", ""))
	is(t, "has not", false)(s.SHas(ctx, "set", "m"))
	is(t, "members", 3)(s.SCard(ctx, "set"))
	is(t, "remove", true)(s.SRem(ctx, "set", "a"))
	is(t, "remove again", false)(s.SRem(ctx, "set", "a"))
	is(t, "members left", 2)(s.SCard(ctx, "set"))
	wantGet(t, s, "set", nil) // a value is something else
	is(t, "delete", true)(s.SDelete(ctx, "set"))
	is(t, "members at the end", 0)(s.SCard(ctx, "set"))
}

func bounds(t *testing.T, s store.Space, _ Subject) {
	ctx := t.Context()
	long := strings.Repeat("k", store.MaxKey)
	large := store.Text(strings.Repeat("v", store.MaxValue))
	fine(t, s.Set(ctx, long, large, 0))
	wantGet(t, s, long, &large)
	for what, err := range map[string]error{
		"key":    s.Set(ctx, long+"k", store.Text(""), 0),
		"value":  s.Set(ctx, "v", store.Text(large.Text+"v"), 0),
		"member": second(s.SAdd(ctx, "m", long+"k", 0)),
	} {
		if !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Set(ctx, "", store.Text(""), 0); err == nil {
		t.Error("an empty key is taken")
	}
}

func second[T any](_ T, err error) error { return err }

func anyBytes(t *testing.T, s store.Space, _ Subject) {
	ctx := t.Context()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, odd := range []string{string(all), "\x00", "\xff", "a:b", "%", " ", "\r\n", "{a}", "v:"} {
		fine(t, s.Set(ctx, odd, store.Text(odd), 0))
		wantGet(t, s, odd, text(odd))
		is(t, "member", true)(s.SAdd(ctx, odd, odd, 0))
		is(t, "has", true)(s.SHas(ctx, odd, odd))
	}
}

func spaces(t *testing.T, s store.Space, _ Subject) {
	ctx := t.Context()
	other := store.Space{Store: s.Store, Name: s.Name + ":v"}
	fine(t, other.Set(ctx, "x", store.Text("other"), 0))
	wantGet(t, s, "v:x", nil)
	wantGet(t, s, "x", nil)
	wantGet(t, other, "x", text("other"))
}

// together has several goroutines count, and add the same keys.
func together(t *testing.T, s store.Space, _ Subject) {
	const workers, each = 8, 50
	ctx := t.Context()
	var won, members int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range each {
				_, err := s.Incr(ctx, "count", 1, 0)
				added, err2 := s.Add(ctx, fmt.Sprint("key ", i), store.Text("x"), 0)
				joined, err3 := s.SAdd(ctx, "set", fmt.Sprint(i), 0)
				if err := errors.Join(err, err2, err3); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				won, members = won+count(added), members+count(joined)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	wantGet(t, s, "count", number(workers*each))
	if won != each || members != each {
		t.Errorf("%d keys were added and %d members, want %d of each", won, members, each)
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
