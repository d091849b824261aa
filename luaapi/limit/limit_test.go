package limit_test

import (
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/limit/limittest"
	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// clock is a time that tests set.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_800_000_000, c.passed.Load()) }
func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// memory returns a store with a clock.
func memory(c *clock) *store.Memory {
	m := store.NewMemory(64<<20, 100_000)
	m.Now = c.now
	return m
}

func TestMemory(t *testing.T) {
	var c clock
	limittest.Run(t, storetest.Subject{Store: memory(&c), Pass: c.pass})
}

func TestFile(t *testing.T) {
	f, err := store.OpenFile(filepath.Join(t.TempDir(), "state.db"), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	var c clock
	f.Now = c.now
	limittest.Run(t, storetest.Subject{Store: f, Pass: c.pass})
}

// Of 100,000 takes at once exactly the burst gets through.
func TestTakesTogether(t *testing.T) {
	const workers, each, burst = 50, 2000, 1234
	var c clock
	r, s := limittest.Rate(t, "200/h", burst, "user"), store.Space{Store: memory(&c), Name: "s"}
	got := limittest.Storm(t, workers, each, func() bool {
		taken, err := r.Take(t.Context(), s, "user@example.com", 1)
		if err != nil {
			t.Error(err)
		}
		return taken.OK
	})
	if got != burst {
		t.Errorf("%d got through, want %d", got, burst)
	}
}

// In no stretch of time does more get through than a burst and what the rate gives in that time, and one who asks all the time gets that.
func TestRateIsExact(t *testing.T) {
	for _, test := range []struct {
		rate   string
		burst  int64
		count  int64
		period time.Duration
	}{
		{"7/s", 3, 7, time.Second},
		{"200/h", 50, 200, time.Hour},
		{"999983/d", 10, 999983, 24 * time.Hour},
		{"3/d", 3, 3, 24 * time.Hour},
	} {
		t.Run(test.rate, func(t *testing.T) {
			var c clock
			r, s := limittest.Rate(t, test.rate, test.burst, ""), store.Space{Store: memory(&c), Name: "s"}
			random := rand.New(rand.NewPCG(1, 2))
			step := int64(test.period/time.Microsecond) / test.count
			var total int64
			for range 20_000 {
				c.pass(time.Duration(random.Int64N(step)) * time.Microsecond)
				n := 1 + random.Int64N(2)
				taken, err := r.Take(t.Context(), s, "a", n)
				if err != nil {
					t.Fatal(err)
				}
				if taken.OK {
					total += n
				}
				// total <= burst + passed*count/period, without rounding
				passed := c.passed.Load() / 1000
				if whole, part := passed/test.period.Microseconds(), passed%test.period.Microseconds(); total-test.burst-whole*test.count > part*test.count/test.period.Microseconds() {
					t.Fatalf("%d got through in %s", total, time.Duration(c.passed.Load()))
				}
			}
			if fair := float64(c.passed.Load()) / float64(test.period) * float64(test.count); float64(total) < fair*0.9 {
				t.Errorf("%d got through, of %.0f that the rate gives", total, fair)
			}
		})
	}
}

// A machine whose clock is behind, or was far ahead, neither gives more nor stops everything.
func TestRateWithClocksApart(t *testing.T) {
	var c clock
	m := memory(&c)
	r, s := limittest.Rate(t, "1/s", 10, ""), store.Space{Store: m, Name: "s"}
	take := func(n int64) bool {
		t.Helper()
		taken, err := r.Take(t.Context(), s, "a", n)
		if err != nil {
			t.Fatal(err)
		}
		return taken.OK
	}
	if !take(10) {
		t.Error("the burst is refused")
	}
	for range 100 { // two machines, three seconds apart
		c.pass(-3 * time.Second)
		if take(1) {
			t.Fatal("the machine behind gives more")
		}
		c.pass(3 * time.Second)
		if take(1) {
			t.Fatal("the machine ahead gives more")
		}
	}
	c.pass(time.Hour)
	if !take(10) {
		t.Error("nothing is given back")
	}
	c.pass(-time.Hour)
	if !take(10) || take(1) {
		t.Error("a clock that was wrong stops everything, or allows it")
	}
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]string{
		"200/h": "", "10/5m": "", " 1 / s": "", "1/366d": "", "1000000/d": "",
		"":               "has no period",
		"200":            "write a number, / and a time, as 200/h",
		"200/":           "has no period",
		"0/h":            "does not begin with a number above 0",
		"-1/h":           "does not begin with a number above 0",
		"1.5/h":          "does not begin with a number above 0",
		"x/h":            "does not begin with a number above 0",
		"99999999999/h":  "does not begin with a number above 0",
		"200/w":          "has no unit at its end; write a number, / and a time, as 200/h or 10/5m; the units are s, m, h and d",
		"200/hour":       "has no unit",
		"200/0h":         "has a period that cannot be read",
		"200/367d":       "is over 366d",
		"200/-1h":        "has a period that cannot be read",
		"200/1h30m":      "has a period that cannot be read",
		"999983/366d":    "is too large to be counted exactly",
		"1000000007/13d": "is too large to be counted exactly",
	} {
		_, err := limit.ParseRate(text, 0, "")
		wantError(t, text, err, want)
	}
	_, err := limit.ParseRate("1/s", -1, "")
	wantError(t, "burst", err, "burst is -1; 1 or more was expected")
	_, err = limit.ParseRate("1/s", 1, strings.Repeat("x", 101))
	wantError(t, "per", err, "per has 101 bytes")
}

// wantError compares an error with a part of its text, "" for none.
func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%q: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%q: %v, want %q", what, err, want)
	}
}

func TestSettings(t *testing.T) {
	good := limit.Greylist{Delay: time.Minute, Window: time.Hour, Keep: time.Hour, IPv4: 24, IPv6: 64}
	for want, change := range map[string]func(*limit.Greylist){
		"":              func(*limit.Greylist) {},
		"delay is 0s":   func(g *limit.Greylist) { g.Delay = 0 },
		"window is 1m":  func(g *limit.Greylist) { g.Window = time.Minute },
		"keep is 59m":   func(g *limit.Greylist) { g.Keep = 59 * time.Minute },
		"ipv4 is 33":    func(g *limit.Greylist) { g.IPv4 = 33 },
		"ipv6 is 0":     func(g *limit.Greylist) { g.IPv6 = 0 },
		"auto_allow is": func(g *limit.Greylist) { g.AutoAllow = -1 },
	} {
		g := good
		change(&g)
		wantError(t, want, g.Check(), want)
	}
	for _, test := range []struct {
		window      time.Duration
		slots, most int
		want        string
	}{
		{time.Hour, 12, 0, ""},
		{time.Second, limit.MaxSlots, limit.MaxValues, ""},
		{time.Millisecond, 1, 0, "window is 1ms"},
		{time.Hour, 0, 0, "slots is 0"},
		{time.Hour, 101, 0, "slots is 101"},
		{time.Hour, 1, 4097, "max is 4097"},
	} {
		_, err := limit.NewCounter(test.window, test.slots, test.most, "")
		wantError(t, test.want, err, test.want)
	}
}

func TestClients(t *testing.T) {
	c, err := limit.ParseClients([]string{"192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "example.com", "Mail.Example.NET."})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		ip, host string
		want     bool
	}{
		{"192.0.2.99", "", true},
		{"::ffff:192.0.2.99", "", true},
		{"192.0.3.1", "", false},
		{"198.51.100.7", "", true},
		{"198.51.100.8", "", false},
		{"2001:db8:1::1", "", true},
		{"2001:db9::1", "", false},
		{"192.0.3.1", "example.com", true},
		{"192.0.3.1", "out-1.Example.com.", true},
		{"192.0.3.1", "notexample.com", false},
		{"192.0.3.1", "example.com.example.org", false},
		{"192.0.3.1", "mail.example.net", true},
		{"192.0.3.1", "[192.0.3.1]", false},
	} {
		if got := c.Has(netip.MustParseAddr(test.ip), test.host); got != test.want {
			t.Errorf("%s %s: %v", test.ip, test.host, got)
		}
	}
	for _, bad := range []string{"", ".", "192.0.2.0/33", "192.0.2", "192.0.2.256", "user@example.com", "*.example.com", "a b"} {
		if _, err := limit.ParseClients([]string{bad}); err == nil || !strings.Contains(err.Error(), "is neither a network such as 192.0.2.0/24") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if new(limit.Clients).Has(netip.MustParseAddr("192.0.2.1"), "example.com") {
		t.Error("nobody is somebody")
	}
}

// A store that fails is an error, and neither yes nor no.
func TestStoreFails(t *testing.T) {
	f, err := store.OpenFile(filepath.Join(t.TempDir(), "state.db"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s := store.Space{Store: f, Name: "s"}
	_, err = limittest.Rate(t, "1/h", 0, "").Take(t.Context(), s, "a", 1)
	wantError(t, "rate", err, "it is closed")
	g := limit.Greylist{Delay: time.Minute, Window: time.Hour, Keep: time.Hour, IPv4: 24, IPv6: 64, AutoAllow: 1}
	_, err = g.Judge(t.Context(), s, limit.Attempt{IP: netip.MustParseAddr("192.0.2.1")})
	wantError(t, "greylist", err, "it is closed")
	_, err = limittest.Counter(t, time.Hour, 1, 0, "").Add(t.Context(), s, "a", 1)
	wantError(t, "counter", err, "it is closed")
}
