package limit_test

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/limit/limittest"
	"luamilter/luaapi/store"
)

// The decisions of policies in memory, each of 10,000 keys.

func BenchmarkTake(b *testing.B) {
	r := limittest.Rate(b, "1000000000/h", 0, "")
	decide(b, func(s store.Space, key string) error {
		_, err := r.Take(b.Context(), s, key, 1)
		return err
	})
}

func BenchmarkCount(b *testing.B) {
	c := limittest.Counter(b, time.Hour, 10, 0, "")
	decide(b, func(s store.Space, key string) error {
		_, err := c.Add(b.Context(), s, key, 1)
		return err
	})
}

func BenchmarkJudge(b *testing.B) {
	g := limit.Greylist{Delay: 5 * time.Minute, Window: 48 * time.Hour, Keep: 35 * 24 * time.Hour, IPv4: 24, IPv6: 64, AutoAllow: 5}
	client := netip.MustParseAddr("192.0.2.77")
	decide(b, func(s store.Space, key string) error {
		_, err := g.Judge(b.Context(), s, limit.Attempt{IP: client, Sender: "sender@client.example", Recipient: key})
		return err
	})
}

// decide measures a decision, first made about each key.
func decide(b *testing.B, ask func(s store.Space, key string) error) {
	s := store.Space{Store: store.NewMemory(64<<20, 500_000), Name: "bench"}
	keys := make([]string, 10_000)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
		if err := ask(s, keys[i]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := ask(s, keys[n*7919%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}
