package date

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	east := time.FixedZone("", 2*60*60)
	for _, c := range []struct {
		name, layout, text string
		want               time.Time
	}{
		{"RFC 5322", "%a, %d %b %Y %H:%M:%S %z", "Thu, 26 Nov 2026 18:21:42 +0200", time.Date(2026, 11, 26, 18, 21, 42, 0, east)},
		{"ISO 8601", "%FT%T%z", "2026-11-26T18:21:42+02:00", time.Date(2026, 11, 26, 18, 21, 42, 0, east)},
		{"Z", "%FT%TZ", "2026-11-26T18:21:42Z", time.Date(2026, 11, 26, 18, 21, 42, 0, time.UTC)},
		{"Z as an offset", "%FT%T%z", "2026-11-26T18:21:42Z", time.Date(2026, 11, 26, 18, 21, 42, 0, time.UTC)},
		{"an offset of hours", "%F %R %z", "2026-11-26 18:21 -03", time.Date(2026, 11, 26, 21, 21, 0, 0, time.UTC)},
		{"asctime", "%c", "Thu Nov  5 08:01:02 2026", time.Date(2026, 11, 5, 8, 1, 2, 0, time.UTC)},
		{"only a date", "%d.%m.%y", "5.1.69", time.Date(1969, 1, 5, 0, 0, 0, 0, time.UTC)},
		{"in this century", "%D", "01/05/68", time.Date(2068, 1, 5, 0, 0, 0, 0, time.UTC)},
		{"a century", "%C%y-%m", "1968-02", time.Date(1968, 2, 1, 0, 0, 0, 0, time.UTC)},
		{"midnight", "%I:%M %p", "12:05 am", time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC)},
		{"noon", "%r", "12:05:06 PM", time.Date(1970, 1, 1, 12, 5, 6, 0, time.UTC)},
		{"seconds", "%s", "-1", time.Unix(-1, 0)},
		{"a day of the year", "%Y %j", "2024 366", time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"long names and blanks", "%A %n %B%%", "saturday July%  ", time.Date(1970, 7, 1, 0, 0, 0, 0, time.UTC)},
		{"a leap second", "%T", "23:59:60", time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)},
		{"a zone", "%R %Z", "10:00 GMT", time.Date(1970, 1, 1, 10, 0, 0, 0, time.UTC)},
	} {
		if got, err := Parse(c.layout, c.text, time.UTC); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
	for _, c := range []struct{ layout, text, want string }{
		{"%F", "2026-02-29", `"2026-02-29" is a day that there is not`},
		{"%Y %j", "2026 366", `"2026 366" is a day that there is not`},
		{"%F", "2026-13-01", `"2026-13-01" does not fit "%F": a number from 1 to 12 was expected at "13-01"`},
		{"%F", "2026-12-01x", `"2026-12-01x" does not fit "%F": "x" is left`},
		{"%F", "2026/12", `"2026/12" does not fit "%F": '-' was expected at "/12"`},
		{"%b", "Foo", `"Foo" does not fit "%b": a month was expected at "Foo"`},
		{"%z", "2", `"2" does not fit "%z": an offset such as +0200 was expected at "2"`},
		{"%z", "+", `"+" does not fit "%z": an offset such as +0200 was expected at "+"`},
		{"%Z", "EST", `"EST" does not fit "%Z": UTC or GMT was expected at "EST"; other names of zones are ambiguous`},
		{"%s", "x", `"x" does not fit "%s": seconds were expected at "x"`},
		{"%Q", "x", `"x" does not fit "%Q": %Q cannot be read`},
	} {
		if got, err := Parse(c.layout, c.text, time.UTC); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, %v, want %s", c.layout, got, err, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"5m": 5 * time.Minute, "90": 90 * time.Second, "1.5h": 90 * time.Minute, "1h30m": 90 * time.Minute, "2d 12h": 60 * time.Hour, "1w": 7 * 24 * time.Hour,
		"500ms": 500 * time.Millisecond, " 3 minutes ": 3 * time.Minute, "1 hour 2 min 3 secs": time.Hour + 2*time.Minute + 3*time.Second, "0": 0, ".5s": 500 * time.Millisecond, "100us": 100 * time.Microsecond, "2 nanoseconds": 2, "140 w 1.5ns": 140*7*24*time.Hour + 2, "36500d 1ns": 36500*24*time.Hour + 1,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "x", "5x", "-5m", "5m3", "3 5m", "1.2.3s", "5 M", "9999999999w", "m", "1e5s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	for want, d := range map[string]time.Duration{
		"0s": 0, "1h30m": 90 * time.Minute, "1w1d": 8 * 24 * time.Hour, "1.5s": 1500 * time.Millisecond, "1ms500us": 1500 * time.Microsecond, "1m30s": 90 * time.Second, "1m1.000000001s": 61*time.Second + 1, "10s": 10 * time.Second, "500ms1ns": 500*time.Millisecond + 1, "-5m": -5 * time.Minute, "1d3s": 24*time.Hour + 3*time.Second,
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// FuzzParseBack checks that what Format writes is read as the same time.
func FuzzParseBack(f *testing.F) {
	f.Add("%a, %d %b %Y %T %z", "Thu, 26 Nov 2026 18:21:42 +0200")
	f.Add("%c", "Thu Nov  5 08:01:02 2026")
	f.Add("%s%n", "12")
	f.Fuzz(func(t *testing.T, layout, text string) {
		if d, err := ParseDuration(text); err == nil {
			if again, err := ParseDuration(FormatDuration(d)); err != nil || again != d {
				t.Fatalf("%q is %v, then %v, %v", text, d, again, err)
			}
		}
		at, err := Parse(layout, text, time.UTC)
		if err != nil || at.Year() > 9999 { // %Y reads four digits
			return
		}
		const full = "%Y-%m-%d %H:%M:%S %z"
		if again, err := Parse(full, Format(full, at), time.UTC); err != nil || !again.Equal(at) {
			t.Fatalf("%q by %q is %v, then %v, %v", text, layout, at, again, err)
		}
	})
}
