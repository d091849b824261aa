package store

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/store"
	"luamilter/tests/mta"
)

// BenchmarkRedis measures one read and one count, of one session and of 64 at a time.
func BenchmarkRedis(b *testing.B) {
	s := store.Space{Store: open(b, "redis://"+mta.Redis(b).Addr), Name: "bench"}
	if err := s.Set(b.Context(), "a", store.Text("value"), time.Hour); err != nil {
		b.Fatal(err)
	}
	for name, do := range map[string]func(int) error{
		"get":  func(int) error { _, _, err := s.Get(b.Context(), "a"); return err },
		"incr": func(n int) error { _, err := s.Incr(b.Context(), strconv.Itoa(n%1000), 1, time.Hour); return err },
	} {
		b.Run(name, func(b *testing.B) {
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
