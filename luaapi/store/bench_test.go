package store_test

import (
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"luamilter/luaapi/store"
)

// BenchmarkMemory and the others measure one read and one count, of one session and of 64 at a time. BenchmarkRedis is about our end: the server is an
// imitation; tests/store has the real one.
func BenchmarkMemory(b *testing.B) { benchmark(b, store.NewMemory(64<<20, 500_000)) }

func BenchmarkFile(b *testing.B) {
	benchmark(b, openFile(b, filepath.Join(b.TempDir(), "state.db"), 1<<30))
}

func BenchmarkRedis(b *testing.B) { benchmark(b, openRedis(b, "redis://"+miniredis.RunT(b).Addr())) }

func benchmark(b *testing.B, backend store.Store) {
	s := store.Space{Store: backend, Name: "bench"}
	for i := range 1000 {
		if err := s.Set(b.Context(), strconv.Itoa(i), store.Text("value"), time.Hour); err != nil {
			b.Fatal(err)
		}
		if backend.Local() {
			continue
		}
		if i > 50 { // enough to read, where each takes its time
			break
		}
	}
	get := func(n int) error { _, _, err := s.Get(b.Context(), strconv.Itoa(n%50)); return err }
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
