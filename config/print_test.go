package config

import (
	"math"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/date"
)

// values prints a configuration without where it is from.
func values(t *testing.T, c *Config) string {
	t.Helper()
	bare := *c
	bare.origins = nil
	var out strings.Builder
	if err := bare.Print(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// again loads what a configuration prints.
func again(t *testing.T, c *Config) *Config {
	t.Helper()
	var out strings.Builder
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	second, err := parse("printed", "/", []byte(out.String()))
	if err != nil {
		t.Fatalf("what is printed cannot be loaded: %v\n%s", err, out.String())
	}
	return second
}

// What is printed is a file that means the same.
func TestPrintLoadsAgain(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "",
		"all kinds": `listen = ["inet:1", "/run/a b?mode=0600"]
scripts = ["a.lua", "*/b.lua"]
drain = "26h30m0.5s"
user = "q\"b\\n\n\t\u0000\u007f\U0010ffff é"
[limits]
memory = 1234567
message = "3KiB"
[reload]
canary = "0.1%"
[listener.out]
listen = ["inet:2"]
scripts = ["b.lua"]
mode = "observe"
[listener.empty]
[script."my.filter"]
on_error = "accept"
"odd key" = [1, 2.0, -0.0, 1e300, inf, -inf, nan, true, "x", [], {}, {"a b" = {c = "#"}}]
int = -9223372036854775808
[[script."my.filter".rules]]
x = 1
[[script."my.filter".rules]]
y = '''
two lines'''
[script.none]
`,
	} {
		t.Run(name, func(t *testing.T) {
			c := load(t, text)
			if got, want := values(t, again(t, c)), values(t, c); got != want {
				t.Errorf("got\n%s, want\n%s", got, want)
			}
		})
	}
}

// Beside each key stands where it is from.
func TestPrintShowsOrigins(t *testing.T) {
	c := load(t, "user = 'luamilter'\n[listener.out]\nlisten = ['inet:1']\n[script.x]\ndelay = '5m'\n")
	if err := c.Set("limits.memory", "2GiB", "--memory"); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`user = "luamilter"  # from ` + c.file + ":1\n",
		`group = ""  # from default` + "\n",
		`memory = "2GiB"  # from --memory` + "\n",
		"[listener.out]\n" + `listen = ["inet:1"]  # from ` + c.file + ":3\n",
		"[script.x]\n" + `delay = "5m"  # from ` + c.file + ":5\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %s", want)
		}
	}
	if t.Failed() {
		t.Logf("got:\n%s", out.String())
	}
}

const day = 24 * time.Hour

// Durations as people write them, and back.
func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "50ms": 50 * time.Millisecond, "60s": time.Minute, "1h30m": 90 * time.Minute, "1d": day, "1.5d": 36 * time.Hour,
		"2d3h4m5.5s": 2*day + 3*time.Hour + 4*time.Minute + 5500*time.Millisecond, "36500d": 36500 * day,
	} {
		got, err := parseDuration(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
		if back, err := parseDuration(date.FormatDuration(want)); err != nil || back != want {
			t.Errorf("%v becomes %s and then %v, %v", want, date.FormatDuration(want), back, err)
		}
	}
	for _, text := range []string{"", "5", "d", "xd", "1dx", "-1s", "-1d", "nand", "infd", "1e300d", "9e18h"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
	for d, want := range map[time.Duration]string{0: "0s", time.Minute: "1m", 90 * time.Second: "1m30s", time.Hour: "1h", day: "1d", 25 * time.Hour: "1d1h", 9 * day: "1w2d", 1500 * time.Millisecond: "1.5s", 50 * time.Microsecond: "50us", 10 * time.Minute: "10m"} {
		if got := date.FormatDuration(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
}

// Sizes are written in the largest unit that shows them to the byte.
func TestSizeString(t *testing.T) {
	for s, want := range map[Size]string{0: "0", 1: "1B", 1 << 10: "1KiB", 3 << 19: "1536KiB", 1 << 30: "1GiB", 5 << 40: "5TiB", math.MaxInt64 >> 1: "4611686018427387903B"} {
		var back Size
		if got := s.String(); got != want {
			t.Errorf("%d is written %s, want %s", int64(s), got, want)
		}
		if err := back.UnmarshalText([]byte(want)); err != nil || back != s {
			t.Errorf("%s is read as %d, %v", want, int64(back), err)
		}
	}
}
