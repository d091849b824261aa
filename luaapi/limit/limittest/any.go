package limittest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// Any makes a step of any kind, with few keys and values, and lets time pass before: mostly a little, seldom much. At times it goes back, by less
// than the second to which machines must agree.
func Any(r *rand.Rand, pass func(time.Duration)) storetest.Step {
	pass(time.Duration(r.Int64N(1<<r.IntN(42))) * time.Microsecond)
	if r.IntN(8) == 0 {
		pass(-time.Duration(r.Int64N(900_000)) * time.Microsecond)
	}
	n := int64(r.IntN(5))
	switch r.IntN(4) {
	case 0:
		return anyRate(r, n)
	case 1:
		return anyGreylist(r)
	case 2:
		return anyCounter(r, n-1)
	}
	return anyValue(r, n)
}

func anyRate(r *rand.Rand, n int64) storetest.Step {
	text := []string{"1/s", "7/s", "200/h", "3/d", "999/7m"}[r.IntN(5)]
	burst := int64(1 + r.IntN(6))
	return func(ctx context.Context, s store.Space, key string) (any, error) {
		rate, err := limit.ParseRate(text, burst, "")
		if err != nil {
			return nil, err
		}
		return rate.Take(ctx, s, key, n)
	}
}

func anyGreylist(r *rand.Rand) storetest.Step {
	g := limit.Greylist{Delay: 2 * time.Second, Window: time.Minute, Keep: time.Hour, IPv4: 24, IPv6: 64, AutoAllow: r.IntN(4)}
	a := limit.Attempt{IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(r.IntN(4))}), Recipient: fmt.Sprint(r.IntN(3), "@example.com")}
	return func(ctx context.Context, s store.Space, key string) (any, error) {
		a := a
		a.Sender = key
		return g.Judge(ctx, s, a)
	}
}

func anyCounter(r *rand.Rand, n int64) storetest.Step {
	slots := 1 + r.IntN(12)
	return func(ctx context.Context, s store.Space, key string) (any, error) {
		c, err := limit.NewCounter(time.Minute, slots, 0, "")
		if err != nil {
			return nil, err
		}
		return c.Add(ctx, s, key, n)
	}
}

func anyValue(r *rand.Rand, n int64) storetest.Step {
	slots, value := 1+r.IntN(3), fmt.Sprint(r.IntN(40))
	return func(ctx context.Context, s store.Space, key string) (any, error) {
		c, err := limit.NewCounter(time.Minute, slots, 10, "")
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return c.Different(ctx, s, key)
		}
		return c.Distinct(ctx, s, key, value)
	}
}
