package storetest

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/store"
)

// Bench measures one read and one count, of one session and of 64 at a time.
func Bench(b *testing.B, backend store.Store) {
	const keys = 50 // enough to read
	s := store.Space{Store: backend, Name: "bench"}
	for i := range keys {
		if err := s.Set(b.Context(), strconv.Itoa(i), store.Text("value"), time.Hour); err != nil {
			b.Fatal(err)
		}
	}
	get := func(n int) error { _, _, err := s.Get(b.Context(), strconv.Itoa(n%keys)); return err }
	incr := func(n int) error {
		_, err := s.Incr(b.Context(), "count "+strconv.Itoa(n%1000), 1, time.Hour)
		return err
	}
	for name, do := range map[string]func(int) error{"get": get, "incr": incr} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := do(i); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" by 64", func(b *testing.B) {
			var n atomic.Int64
			b.SetParallelism(32)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := do(int(n.Add(1))); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
