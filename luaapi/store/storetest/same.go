package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"luamilter/luaapi/store"
)

// Step is something done to a key, and what came of it.
type Step func(ctx context.Context, s store.Space, key string) (any, error)

// Same takes the same steps in two stores, on a few keys, and fails where they differ in what comes of them. next makes one at a time, from a
// source that is the same in each run.
func Same(t *testing.T, one, other store.Store, steps int, next func(r *rand.Rand) Step) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	name := fmt.Sprintf("same-%d", time.Now().UnixNano())
	for i := range steps {
		step, key := next(r), fmt.Sprint("key ", r.IntN(3))
		got, err := step(t.Context(), store.Space{Store: one, Name: name}, key)
		want, err2 := step(t.Context(), store.Space{Store: other, Name: name}, key)
		if fmt.Sprint(got, err) != fmt.Sprint(want, err2) {
			t.Fatalf("step %d of %d, on %q: %#v %v in %T, but %#v %v in %T", i, steps, key, got, err, one, want, err2, other)
		}
	}
}

// Any makes a step of any kind that a Space has, with values and members of which there are few.
func Any(r *rand.Rand) Step {
	v, old, number := value(r), value(r), float64(r.IntN(2000)-1000)/8
	member := fmt.Sprint(r.IntN(5))
	ttl := []time.Duration{0, time.Hour, 90 * time.Minute}[r.IntN(3)]
	return []Step{
		func(ctx context.Context, s store.Space, key string) (any, error) {
			v, found, err := s.Get(ctx, key)
			return fmt.Sprint(v, found), err
		},
		func(ctx context.Context, s store.Space, key string) (any, error) { return nil, s.Set(ctx, key, v, ttl) },
		func(ctx context.Context, s store.Space, key string) (any, error) { return s.Add(ctx, key, v, ttl) },
		func(ctx context.Context, s store.Space, key string) (any, error) {
			return s.Incr(ctx, key, number, ttl)
		},
		func(ctx context.Context, s store.Space, key string) (any, error) { return s.CAS(ctx, key, old, v, ttl) },
		func(ctx context.Context, s store.Space, key string) (any, error) { return s.Delete(ctx, key) },
		func(ctx context.Context, s store.Space, key string) (any, error) {
			return s.SAdd(ctx, key, member, ttl)
		},
		func(ctx context.Context, s store.Space, key string) (any, error) { return s.SRem(ctx, key, member) },
		func(ctx context.Context, s store.Space, key string) (any, error) { return s.SHas(ctx, key, member) },
		func(ctx context.Context, s store.Space, key string) (any, error) { return s.SCard(ctx, key) },
		func(ctx context.Context, s store.Space, key string) (any, error) {
			if r := len(member) + int(number); r%4 != 0 {
				return s.SHas(ctx, key, member) // seldom all of them
			}
			return s.SDelete(ctx, key)
		},
	}[r.IntN(11)]
}

func value(r *rand.Rand) store.Value {
	if r.IntN(2) == 0 {
		return store.Number(float64(r.IntN(4)))
	}
	return store.Text(fmt.Sprint(r.IntN(4)))
}
