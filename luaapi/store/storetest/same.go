package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"luamilter/luaapi/store"
)

// Step is a decision with its arguments.
type Step struct {
	Decision *store.Decision
	Args     []string
}

// Same takes the same steps against two stores, on a few keys, and fails where they reply differently. next makes one at a time, from a
// source that is the same in each run.
func Same(t *testing.T, one, other store.Store, steps int, next func(r *rand.Rand) Step) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	name := fmt.Sprintf("same-%s-%d", t.Name(), r.Uint64())
	a, b := store.Space{Store: one, Name: name}, store.Space{Store: other, Name: name}
	for i := range steps {
		step := next(r)
		key := fmt.Sprint("key ", r.IntN(3))
		got, err := a.Decide(t.Context(), step.Decision, key, step.Args...)
		want, err2 := b.Decide(t.Context(), step.Decision, key, step.Args...)
		if err != nil || err2 != nil {
			t.Fatalf("step %d: %v, %v", i, err, err2)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("step %d, %s on %q with %q: %q, and %q", i, step.Decision.Kind, key, step.Args, got, want)
		}
	}
}
