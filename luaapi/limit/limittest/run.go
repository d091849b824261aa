package limittest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// Run is the conformance suite. Each case gets a space of its own.
func Run(t *testing.T, s storetest.Subject) {
	for name, test := range map[string]func(*testing.T, store.Space, storetest.Subject){
		"rate": rates, "rates apart": ratesApart, "greylist": greylists, "known clients": knownClients,
		"sums": sums, "different values": values, "clocks apart": clocksApart, "a clock that was wrong": wrongClock, "any keys": anyKeys, "together": together,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, store.Space{Store: s.Store, Name: fmt.Sprintf("%s-%d", name, time.Now().UnixNano())}, s)
		})
	}
}

// Rate returns a rate that is written correctly.
func Rate(t testing.TB, text string, burst int64, per string) *limit.Rate {
	t.Helper()
	r, err := limit.ParseRate(text, burst, per)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Counter returns a counter that is set correctly.
func Counter(t testing.TB, window time.Duration, slots, most int, per string) *limit.Counter {
	t.Helper()
	c, err := limit.NewCounter(window, slots, most, per)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rates(t *testing.T, s store.Space, subject storetest.Subject) {
	r := Rate(t, "6/m", 3, "")
	for i, step := range []struct {
		pass time.Duration
		n    int64
		ok   bool
		left int64
		wait time.Duration
	}{
		{0, 0, true, 3, 0},
		{0, 1, true, 2, 0},
		{0, 2, true, 0, 0},
		{0, 1, false, 0, 10 * time.Second},
		{4 * time.Second, 1, false, 0, 6 * time.Second},
		{0, 3, false, 0, 26 * time.Second},
		{6 * time.Second, 1, true, 0, 0},
		{20 * time.Second, 0, true, 2, 0},
		{0, 3, false, 2, 10 * time.Second},
		{0, 4, false, 2, limit.Never},
		{10*time.Second - time.Microsecond, 3, false, 2, time.Microsecond},
		{time.Microsecond, 3, true, 0, 0},
		{time.Hour, 3, true, 0, 0},
	} {
		subject.Pass(step.pass)
		got, err := r.Take(t.Context(), s, "user", step.n)
		if want := (limit.Taken{OK: step.ok, Left: step.left, Wait: step.wait}); got != want || err != nil {
			t.Errorf("step %d, %d after %s: %+v %v, want %+v", i, step.n, step.pass, got, err, want)
		}
	}
}

// take takes from a rate, and reports whether it could.
func take(t testing.TB, r *limit.Rate, s store.Space, key string, n int64) bool {
	t.Helper()
	got, err := r.Take(t.Context(), s, key, n)
	if err != nil {
		t.Fatal(err)
	}
	return got.OK
}

func ratesApart(t *testing.T, s store.Space, _ storetest.Subject) {
	if !take(t, Rate(t, "1/h", 0, "user"), s, "a", 1) {
		t.Error("the first is refused")
	}
	for name, r := range map[string]*limit.Rate{"another per": Rate(t, "1/h", 0, "ip"), "another rate": Rate(t, "2/h", 1, "user")} {
		if !take(t, r, s, "a", 1) {
			t.Errorf("%s counts what this one has", name)
		}
	}
	if !take(t, Rate(t, "1/h", 0, "user"), s, "b", 1) {
		t.Error("another key counts what this one has")
	}
	if take(t, Rate(t, "60/60h", 1, "user"), s, "a", 1) {
		t.Error("the same rate in other words is another")
	}
}

var grey = limit.Greylist{Delay: 5 * time.Minute, Window: 48 * time.Hour, Keep: 35 * 24 * time.Hour, IPv4: 24, IPv6: 64} // nothing changes it

// attempt judges one, of which ip, sender and recipient are written in a row.
func attempt(t *testing.T, g *limit.Greylist, s store.Space, text string) string {
	t.Helper()
	words := strings.Fields(text)
	j, err := g.Judge(t.Context(), s, limit.Attempt{IP: netip.MustParseAddr(words[0]), Sender: words[1], Recipient: words[2]})
	if err != nil {
		t.Fatal(err)
	}
	if j.Pass != (j.Left == 0) {
		t.Errorf("%s: %+v", text, j)
	}
	if j.Pass {
		return j.Why
	}
	return fmt.Sprintf("%s %s", j.Why, j.Left)
}

func greylists(t *testing.T, s store.Space, subject storetest.Subject) {
	for i, step := range []struct {
		pass time.Duration
		text string
		want string
	}{
		{0, "192.0.2.1 a@example.com b@example.org", "new 5m0s"},
		{time.Minute, "192.0.2.1 a@example.com b@example.org", "early 4m0s"},
		{0, "192.0.2.200 A@Example.COM B@example.org", "early 4m0s"}, // the same network, another case
		{0, "192.0.3.1 a@example.com b@example.org", "new 5m0s"},
		{0, "192.0.2.1 a@example.com c@example.org", "new 5m0s"},
		{0, "192.0.2.1 x@example.com b@example.org", "new 5m0s"},
		{4*time.Minute - time.Microsecond, "192.0.2.1 a@example.com b@example.org", "early 1µs"},
		{time.Microsecond, "::ffff:192.0.2.1 a@example.com b@example.org", "retried"},
		{0, "192.0.2.1 a@example.com b@example.org", "known"},
		{34 * 24 * time.Hour, "192.0.2.1 a@example.com b@example.org", "known"},
		{34 * 24 * time.Hour, "192.0.2.1 a@example.com b@example.org", "known"},
		{35 * 24 * time.Hour, "192.0.2.1 a@example.com b@example.org", "new 5m0s"},
		{48 * time.Hour, "192.0.2.1 a@example.com b@example.org", "new 5m0s"},
		{48*time.Hour - time.Microsecond, "192.0.2.1 a@example.com b@example.org", "retried"},
		{0, "2001:db8::1 a@example.com b@example.org", "new 5m0s"},
		{time.Hour, "2001:db8::ffff:1 a@example.com b@example.org", "retried"},
		{0, "2001:db8:0:1::1 a@example.com b@example.org", "new 5m0s"},
	} {
		subject.Pass(step.pass)
		if got := attempt(t, &grey, s, step.text); got != step.want {
			t.Errorf("step %d, %s after %s: %s, want %s", i, step.text, step.pass, got, step.want)
		}
	}
}

func knownClients(t *testing.T, s store.Space, subject storetest.Subject) {
	g := grey
	g.AutoAllow = 2
	both := func(want string) {
		t.Helper()
		for _, recipient := range []string{"b@example.org", "c@example.org"} {
			if got := attempt(t, &g, s, "192.0.2.1 a@example.com "+recipient); got != want {
				t.Errorf("%s: %s, want %s", recipient, got, want)
			}
		}
	}
	both("new 5m0s")
	subject.Pass(g.Delay)
	both("retried")
	for _, want := range []struct {
		pass time.Duration
		text string
		want string
	}{
		{0, "192.0.2.99 x@example.com y@example.org", "client"},
		{0, "192.0.3.1 x@example.com y@example.org", "new 5m0s"},
		{34 * 24 * time.Hour, "192.0.2.99 x@example.com y@example.org", "client"},
		{34 * 24 * time.Hour, "192.0.2.99 x@example.com y@example.org", "client"},
		{35 * 24 * time.Hour, "192.0.2.99 x@example.com y@example.org", "new 5m0s"},
	} {
		subject.Pass(want.pass)
		if got := attempt(t, &g, s, want.text); got != want.want {
			t.Errorf("%s after %s: %s, want %s", want.text, want.pass, got, want.want)
		}
	}
}

func sums(t *testing.T, s store.Space, subject storetest.Subject) {
	c := Counter(t, time.Hour, 4, 0, "")
	subject.Pass(untilNext(s, 15*time.Minute))
	for i, step := range []struct {
		pass time.Duration
		n    int64
		want int64
	}{
		{0, 0, 0},
		{0, 5, 5},
		{14 * time.Minute, 1, 6},
		{15 * time.Minute, 10, 16},
		{16 * time.Minute, 0, 16},
		{0, -3, 13},
		{14*time.Minute + 59*time.Second, 0, 13},
		{time.Second, 0, 7},
		{time.Hour, 0, 0},
		{0, 1 << 53, 1 << 53},
		{0, 1 << 53, 1 << 53},
		{2 * time.Hour, 2, 2},
	} {
		subject.Pass(step.pass)
		if got, err := c.Add(t.Context(), s, "a", step.n); got != step.want || err != nil {
			t.Errorf("step %d, %d after %s: %d %v, want %d", i, step.n, step.pass, got, err, step.want)
		}
	}
	if got, err := c.Add(t.Context(), s, "b", 1); got != 1 || err != nil {
		t.Errorf("another key: %d %v", got, err)
	}
}

func values(t *testing.T, s store.Space, subject storetest.Subject) {
	c := Counter(t, time.Hour, 4, 3, "")
	subject.Pass(untilNext(s, 15*time.Minute))
	for i, step := range []struct {
		pass  time.Duration
		value string
		want  int64
	}{
		{0, "a", 1}, {0, "a", 1}, {0, "b", 2},
		{45 * time.Minute, "b", 2},
		{15 * time.Minute, "", 2}, // the empty value is one; a is forgotten
		{0, "c", 3}, {0, "d", 3},  // b makes room
		{0, "e", 3},
		{45 * time.Minute, "f", 3},
		{15 * time.Minute, "f", 1},
	} {
		subject.Pass(step.pass)
		got, err := c.Distinct(t.Context(), s, "a", step.value)
		again, err2 := c.Different(t.Context(), s, "a")
		if got != step.want || again != step.want || err != nil || err2 != nil {
			t.Errorf("step %d, %q after %s: %d and %d, want %d (%v, %v)", i, step.value, step.pass, got, again, step.want, err, err2)
		}
	}
}

// clocksApart has two machines whose clocks differ by half a second: neither gives what the other has given, or forgets what it counts.
func clocksApart(t *testing.T, s store.Space, subject storetest.Subject) {
	r, small := Rate(t, "1/s", 10, ""), Rate(t, "10/s", 1, "")
	given, smallGiven := 0, 0
	for range 300 { // half a second more than 30 in all
		for _, apart := range []time.Duration{-500 * time.Millisecond, 500 * time.Millisecond} {
			subject.Pass(apart)
			given += count(take(t, r, s, "a", 1))
			smallGiven += count(take(t, small, s, "a", 1))
		}
		subject.Pass(100 * time.Millisecond)
	}
	if given != 10+30 || smallGiven != 2+299 {
		t.Errorf("%d and %d were given in 30 seconds, want 40 and 301", given, smallGiven)
	}
	c := Counter(t, 4*time.Second, 4, 0, "")
	subject.Pass(untilNext(s, time.Second))
	for i, step := range []struct {
		pass time.Duration
		want int64
	}{{0, 1}, {-500 * time.Millisecond, 1}, {4*time.Second + 499*time.Millisecond, 1}, {5 * time.Second, 0}} {
		subject.Pass(step.pass)
		if i < 2 {
			if n, err := c.Distinct(t.Context(), s, "a", "x"); n != 1 || err != nil {
				t.Errorf("step %d: %d different values (%v), want 1", i, n, err)
			}
		}
		if n, err := c.Different(t.Context(), s, "a"); n != step.want || err != nil {
			t.Errorf("step %d: %d different values (%v), want %d", i, n, err, step.want)
		}
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// wrongClock has a clock that is a month ahead for a while: when it is right again, what it has left stops nothing.
func wrongClock(t *testing.T, s store.Space, subject storetest.Subject) {
	const month = 30 * 24 * time.Hour
	r, c := Rate(t, "1/h", 1, ""), Counter(t, time.Hour, 4, 0, "")
	three := "192.0.2.1 a@example.com b@example.org"
	subject.Pass(month)
	take(t, r, s, "a", 1)
	attempt(t, &grey, s, three)
	_, err := c.Add(t.Context(), s, "a", 1)
	_, err2 := c.Distinct(t.Context(), s, "a", "x")
	subject.Pass(-month)
	sum, err3 := c.Add(t.Context(), s, "a", 0)
	different, err4 := c.Different(t.Context(), s, "a")
	added, err5 := c.Distinct(t.Context(), s, "a", "y")
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	if sum != 0 || different != 0 || added != 1 {
		t.Errorf("the counter has %d, and %d and then %d different values; want 0, 0 and 1", sum, different, added)
	}
	if !take(t, r, s, "a", 1) || take(t, r, s, "a", 1) {
		t.Error("the rate does not begin anew")
	}
	if got := attempt(t, &grey, s, three); got != "new 5m0s" {
		t.Errorf("the greylist says %s", got)
	}
	subject.Pass(grey.Delay)
	if got := attempt(t, &grey, s, three); got != "retried" {
		t.Errorf("and then %s", got)
	}
}

// untilNext returns how long it is until a slot begins, by the time of the store.
func untilNext(s store.Space, slot time.Duration) time.Duration {
	var now time.Time
	look := store.Decision{Kind: "now", Step: func(_ *store.Entry, at time.Time, _ []string) []string {
		now = at
		return nil
	}, Redis: `return {ARGV[1]}`}
	reply, err := s.Decide(context.Background(), &look, "now")
	if err == nil && len(reply) == 1 {
		var us int64
		_, _ = fmt.Sscan(reply[0], &us)
		now = time.UnixMicro(us)
	}
	return slot - time.Duration(now.UnixMicro()%slot.Microseconds())*time.Microsecond
}

func anyKeys(t *testing.T, s store.Space, _ storetest.Subject) {
	r, c := Rate(t, "1/h", 0, "user"), Counter(t, time.Hour, 1, 0, "user")
	long := strings.Repeat("k", 100_000)
	for _, key := range []string{"", "\x00", "\xff", "a:b", "%", " ", long, long + "k", strings.Repeat("k", 257)} {
		if !take(t, r, s, key, 1) || take(t, r, s, key, 1) {
			t.Errorf("%.20q is not one key", key)
		}
		if n, err := c.Add(t.Context(), s, key, 1); n != 1 || err != nil {
			t.Errorf("%.20q: %d %v", key, n, err)
		}
		if n, err := c.Distinct(t.Context(), s, key, key); n != 1 || err != nil {
			t.Errorf("%.20q: %d %v", key, n, err)
		}
	}
}

// together has several goroutines take from one rate, while no time passes: exactly what it allows gets through.
func together(t *testing.T, s store.Space, _ storetest.Subject) {
	const workers, each, burst = 8, 200, 300
	r := Rate(t, "1/d", burst, "")
	c := Counter(t, time.Hour*24*365, 1, 0, "")
	got := Storm(t, workers, each, func() bool {
		if _, err := c.Add(t.Context(), s, "a", 1); err != nil {
			t.Error(err)
		}
		return take(t, r, s, "a", 1)
	})
	if got != burst {
		t.Errorf("%d got through, want %d", got, burst)
	}
	if n, err := c.Add(t.Context(), s, "a", 0); n != workers*each || err != nil {
		t.Errorf("%d were counted, want %d (%v)", n, workers*each, err)
	}
}

// Storm has so many workers ask so often each, and returns how often they got yes.
func Storm(t testing.TB, workers, each int, ask func() bool) int {
	t.Helper()
	var yes atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				if t.Failed() {
					return
				}
				if ask() {
					yes.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return int(yes.Load())
}
