package mail

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"Tue, 2 Jan 2024 03:04:05 +0100", "2024-01-02T03:04:05+01:00"},
		{"Tue,  2 Jan\n 2024 03:04:05 -0530", "2024-01-02T03:04:05-05:30"},
		{"2 Jan 2024 03:04 +0000", "2024-01-02T03:04:00Z"},
		{"02 January 2024 03:04:05 UTC", "2024-01-02T03:04:05Z"},
		{"Tue, 2 Jan 2024 03:04:05 -0000", "2024-01-02T03:04:05Z"},
		{"Tue, 2 Jan 2024 03:04:05", "2024-01-02T03:04:05Z"},
		{"Tue, 2 Jan 2024 03:04:05 +0100 (CET)", "2024-01-02T03:04:05+01:00"},
		{"Tue, 2 Jan 2024 03:04:05 +0100 CET", "2024-01-02T03:04:05+01:00"},
		{"(a (b) c)Tue(x), 2 (y) Jan 2024 03:04:05 GMT", "2024-01-02T03:04:05Z"},
		{"Tue, 2 Jan 24 03:04:05 EST", "2024-01-02T03:04:05-05:00"},
		{"2 Jan 99 03:04:05 PDT", "1999-01-02T03:04:05-07:00"},
		{"2 Jan 124 03:04:05 Z", "2024-01-02T03:04:05Z"},
		{"2 Jan 2024 03:04:05 A", "2024-01-02T03:04:05Z"},
		{"Tue Jan  2 03:04:05 2024", "2024-01-02T03:04:05Z"},
		{"Tue Jan  2 03:04:05 CET 2024", "2024-01-02T03:04:05+01:00"},
		{"Tue Jan  2 03:04:05 2024 +0100", "2024-01-02T03:04:05+01:00"},
		{"2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"},
		{"2024-01-02T03:04:05.678+01:00", "2024-01-02T03:04:05+01:00"},
		{"2024-01-02 03:04:05 +01:00", "2024-01-02T03:04:05+01:00"},
		{"2-Jan-2024 03:04:05 +0100", "2024-01-02T03:04:05+01:00"},
		{"Di, 2 Jan 2024 03:04:05 +0100", "2024-01-02T03:04:05+01:00"},
		{"Tue, 2 Jan 2024 03.04.05 +0100", "2024-01-02T03:04:05+01:00"},
		{"Tue, 2 Jan 2024 3:04:05 PM GMT", "2024-01-02T15:04:05Z"},
		{"Tue, 2 Jan 2024 12:04:05 AM GMT", "2024-01-02T00:04:05Z"},
		{"Tue, 2 Jan 2024 03:04:05 GMT+0100", "2024-01-02T03:04:05+01:00"},
		{"Tue, 2 Jan 2024 03:04:05+0100", "2024-01-02T03:04:05+01:00"},
		{"2 Jan 2024 03:04:05 +1", "2024-01-02T03:04:05+01:00"},
		{"31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z"},
		{"29 Feb 2024 24:00 +0000", "2024-03-01T00:00:00Z"},

		{"", "the date has no day"},
		{"now", "the date has no day"},
		{"Tue, 2 Jan 2024", "the date has no time of day"},
		{"Jan 2024 03:04:05", "the date has no day"},
		{"2 2024 03:04:05", "the date has no month"},
		{"2 Jan 03:04:05", "the date has no year"},
		{"30 Feb 2024 03:04:05", "February 2024 has no day 30"},
		{"0 Jan 2024 03:04:05", "January 2024 has no day 0"},
		{"2 Jan 2024 25:04:05", `"25:04:05" is no time of day`},
		{"2 Jan 2024 03:04:05:06", `"03:04:05:06" is no time of day`},
		{"2 Jan 2024 03:04:05 +0160", `"+0160" is no time zone`},
		{"2 Jan 2024 03:04:05 +01000", `"+01000" is no time zone`},
		{"2 Jan 2024 2025 03:04:05", "there are two years, 2024 and 2025"},
		{"2 Jan 20240 03:04:05", `the number "20240" is too much`},
		{"2 Januar 2024 03:04:05 +0100", "2024-01-02T03:04:05+01:00"},
		{"2 Ene 2024 03:04:05 +0100", `"Ene" is no month; the names are English, such as Jan`},
		{"2x Jan 2024", `"2x" is no part of a date`},
		{"1--2 Jan", `"1--2" is no part of a date`},
	} {
		got := ""
		if date, err := ParseDate(tt.value); err != nil {
			got = err.Error()
		} else {
			got = date.Format(time.RFC3339)
		}
		if got != tt.want {
			t.Errorf("ParseDate(%q): %s, want %s", tt.value, got, tt.want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"Tue, 2 Jan 2024 03:04:05 +0100 (CET)", "2024-01-02T03:04:05.678Z", "2-Jan-24 3.04.05 PM", "(((", "2024-01-02T2024-01-02T"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		date, err := ParseDate(value)
		if err != nil {
			return
		}
		if y := date.Year(); y < -1 || y > 10000 {
			t.Fatalf("ParseDate(%q) = %v", value, date)
		}
		again, err := ParseDate(date.Format("Mon, 2 Jan 2006 15:04:05 -0700"))
		if err == nil && !again.Equal(date) && date.Year() > 999 {
			t.Fatalf("ParseDate(%q) = %v, written again it is %v", value, date, again)
		}
	})
}
