package store_test

import (
	"path/filepath"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

func BenchmarkMemory(b *testing.B) { storetest.Bench(b, store.NewMemory(64<<20, 500_000)) }

func BenchmarkFile(b *testing.B) {
	storetest.Bench(b, openFile(b, filepath.Join(b.TempDir(), "state.db"), 1<<30))
}

// BenchmarkRedis is about our end: the server is an imitation; tests/store has the real one.
func BenchmarkRedis(b *testing.B) {
	storetest.Bench(b, openRedis(b, "redis://"+miniredis.RunT(b).Addr()))
}
