package date_test

import (
	"math"
	"testing"
	"time"

	"luamilter/luaapi/date"
)

// berlin returns a time zone that has summer time.
func berlin(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	return loc
}

func TestFormat(t *testing.T) {
	evening := time.Date(2024, time.July, 7, 21, 5, 9, 999, time.FixedZone("CEST", 7200))
	newYear := time.Date(2021, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, layout string
		t            time.Time
		want         string
	}{
		{"a date of RFC 5322", "%a, %d %b %Y %H:%M:%S %z", evening, "Sun, 07 Jul 2024 21:05:09 +0200"},
		{"the default of os.date", "%c", evening, "Sun Jul  7 21:05:09 2024"},
		{"names", "%A %B %h", evening, "Sunday July Jul"},
		{"the date", "%D %F %x %e %j", evening, "07/07/24 2024-07-07 07/07/24  7 189"},
		{"the time", "%T %X %R %r", evening, "21:05:09 21:05:09 21:05 09:05:09 PM"},
		{"twelve hours", "%I %l %p %P", evening, "09  9 PM pm"},
		{"midnight is twelve", "%I %l %k %p", newYear, "12 12  0 AM"},
		{"the year", "%Y %y %C", evening, "2024 24 20"},
		{"the week day", "%u %w", evening, "7 0"},
		{"weeks from Sunday and Monday", "%U %W", evening, "27 27"},
		{"weeks of ISO 8601", "%G-W%V %g", newYear, "2020-W53 20"},
		{"weeks before the first Monday", "%U %W", newYear, "00 00"},
		{"the zone", "%Z %z", evening, "CEST +0200"},
		{"UTC", "%Z %z", newYear, "UTC +0000"},
		{"west of Greenwich", "%z", evening.In(time.FixedZone("", -12600)), "-0330"},
		{"offsets with seconds", "%z", evening.In(time.FixedZone("LMT", 3208)), "+0053"},
		{"less than an hour west", "%z", evening.In(time.FixedZone("", -1800)), "-0030"},
		{"seconds since 1970", "%s", newYear, "1609459200"},
		{"white space and percent", "a%nb%tc%%", newYear, "a\nb\tc%"},
		{"E and O count for nothing", "%Ey %Od %EY %Oz", evening, "24 07 2024 +0200"},
		{"but not alone", "%E%d %O", evening, "%E07 %O"},
		{"unknown ones stay", "%q %Q %N %- %i %Eq", newYear, "%q %Q %N %- %i %Eq"},
		{"a percent at the end stays", "100%", newYear, "100%"},
		{"a NUL is a byte", "%d\x00%m%\x00", newYear, "01\x0001%\x00"},
		{"nothing", "", newYear, ""},
		{"year 5", "%Y %C %y %F", newYear.AddDate(-2016, 0, 0), "5 0 05 5-01-01"},
		{"before Christ", "%Y %C %y %g", newYear.AddDate(-2023, 0, 0), "-2 -1 98 98"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := date.Format(tt.layout, tt.t); got != tt.want {
				t.Errorf("Format(%q) = %q, want %q", tt.layout, got, tt.want)
			}
		})
	}
}

func TestUnix(t *testing.T) {
	loc := berlin(t)
	at := func(year, month, day, hour, minute int, dst date.DST) date.Fields {
		return date.Fields{Year: year, Month: month, Day: day, Hour: hour, Min: minute, DST: dst}
	}
	for _, tt := range []struct {
		name string
		f    date.Fields
		want string // in UTC
	}{
		{"winter", at(2024, 1, 1, 12, 0, date.Unknown), "2024-01-01 11:00:00"},
		{"summer", at(2024, 7, 1, 12, 0, date.Unknown), "2024-07-01 10:00:00"},
		{"month 14 is February", at(2023, 14, 1, 12, 0, date.Unknown), "2024-02-01 11:00:00"},
		{"month 0 is December", at(2024, 0, 1, 12, 0, date.Unknown), "2023-12-01 11:00:00"},
		{"month -12 is December of a year earlier", at(2024, -12, 1, 12, 0, date.Unknown), "2022-12-01 11:00:00"},
		{"day 0 is the last of a month", at(2024, 3, 0, 12, 0, date.Unknown), "2024-02-29 11:00:00"},
		{"hour -1 is yesterday", at(2024, 1, 1, -1, 0, date.Unknown), "2023-12-31 22:00:00"},
		{"minute 1500 is tomorrow", at(2024, 1, 1, 0, 1500, date.Unknown), "2024-01-02 00:00:00"},
		{"half a year of minutes is the same hour", at(2024, 1, 1, 12, 182*24*60, date.Unknown), "2024-07-01 10:00:00"},
		{"half a year of seconds is not", date.Fields{Year: 2024, Month: 1, Day: 1, Hour: 12, Sec: 182 * 86400}, "2024-07-01 11:00:00"},
		{"all of it", date.Fields{Year: 2024, Month: 14, Day: 0, Hour: -1, Min: 60, Sec: -60}, "2025-01-30 22:59:00"},
		{"summer said and so", at(2024, 7, 1, 12, 0, date.Summer), "2024-07-01 10:00:00"},
		{"summer said in winter", at(2024, 1, 1, 12, 0, date.Summer), "2024-01-01 10:00:00"},
		{"winter said in summer", at(2024, 7, 1, 12, 0, date.Standard), "2024-07-01 11:00:00"},
		{"summer said where there is none", at(1965, 7, 1, 12, 0, date.Summer), "1965-07-01 10:00:00"},
		{"summer said on the last day of a leap year", at(2040, 12, 31, 12, 0, date.Summer), "2040-12-31 10:00:00"},
		{"an hour that is skipped", at(2024, 3, 31, 2, 30, date.Unknown), "2024-03-31 01:30:00"},
		{"the same said to be summer", at(2024, 3, 31, 2, 30, date.Summer), "2024-03-31 00:30:00"},
		{"the same said to be winter", at(2024, 3, 31, 2, 30, date.Standard), "2024-03-31 01:30:00"},
		{"an hour that comes twice is the first", at(2024, 10, 27, 2, 30, date.Unknown), "2024-10-27 00:30:00"},
		{"the same said to be summer", at(2024, 10, 27, 2, 30, date.Summer), "2024-10-27 00:30:00"},
		{"the same said to be winter", at(2024, 10, 27, 2, 30, date.Standard), "2024-10-27 01:30:00"},
		{"the last second before 1970", date.Fields{Year: 1970, Month: 1, Day: 1, Hour: 1, Sec: -1}, "1969-12-31 23:59:59"},
		{"far in the future", at(3000, 7, 1, 12, 0, date.Unknown), "3000-07-01 10:00:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, ok := tt.f.Unix(loc)
			if got := time.Unix(n, 0).UTC().Format(time.DateTime); !ok || got != tt.want {
				t.Errorf("%+v is %s, %v, want %s", tt.f, got, ok, tt.want)
			}
		})
	}
}

func TestUnixRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    date.Fields
	}{
		{"a year beyond 32 bits", date.Fields{Year: math.MaxInt32 + 1, Month: 1, Day: 1}},
		{"a second beyond 32 bits", date.Fields{Year: 2024, Month: 1, Day: 1, Sec: math.MinInt32 - 1}},
		{"months that make such a year", date.Fields{Year: math.MaxInt32, Month: 13, Day: 1}},
		{"hours that do", date.Fields{Year: math.MaxInt32, Month: 12, Day: 31, Hour: 24}},
		{"hours that do before", date.Fields{Year: math.MinInt32, Month: 1, Day: 1, Hour: -1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n, ok := tt.f.Unix(time.UTC); ok {
				t.Errorf("%+v is %d", tt.f, n)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	loc := berlin(t)
	got := date.Split(time.Date(2024, time.July, 7, 21, 5, 9, 0, loc))
	want := date.Fields{Year: 2024, Month: 7, Day: 7, Hour: 21, Min: 5, Sec: 9, Weekday: 1, YearDay: 189, DST: date.Summer}
	if got != want {
		t.Errorf("Split = %+v, want %+v", got, want)
	}
	got = date.Split(time.Date(2023, time.December, 30, 0, 0, 0, 0, loc))
	want = date.Fields{Year: 2023, Month: 12, Day: 30, Weekday: 7, YearDay: 364, DST: date.Standard}
	if got != want {
		t.Errorf("Split = %+v, want %+v", got, want)
	}
}

func TestAt(t *testing.T) {
	for _, tt := range []struct {
		name    string
		seconds float64
		want    string // "" if refused
	}{
		{"the beginning", 0, "1970-01-01"},
		{"a fraction is dropped", -0.9, "1970-01-01"},
		{"a negative year", -1e11, "-1199-02-15"},
		{"the last year but two million", 6.77e16, "2145329566-11-29"},
		{"the last second", 67767976233532792, "2147483647-12-31"},
		{"and one more", 67767976233532800, ""},
		{"the first second", -67768100567971200, "-2147483648-01-01"},
		{"and one less", -67768100567971208, ""},
		{"too late", 1e17, ""},
		{"too early", -1e17, ""},
		{"beyond 64 bits", 1e300, ""},
		{"infinity", math.Inf(-1), ""},
		{"nan", math.NaN(), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, ok := date.At(tt.seconds, time.UTC)
			if got := date.Format("%F", at); ok != (tt.want != "") || ok && got != tt.want {
				t.Errorf("At(%v) = %s, %v, want %q", tt.seconds, got, ok, tt.want)
			}
		})
	}
}
