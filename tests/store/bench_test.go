package store

import (
	"testing"

	"luamilter/luaapi/store/storetest"
	"luamilter/tests/mta"
)

func BenchmarkRedis(b *testing.B) { storetest.Bench(b, open(b, "redis://"+mta.Redis(b).Addr)) }
