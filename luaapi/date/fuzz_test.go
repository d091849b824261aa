package date_test

import (
	"math"
	"testing"
	"time"

	"luamilter/luaapi/date"
)

// FuzzDate formats any second in any layout, which must not panic nor grow beyond bounds, and takes any fields for a time,
// which must come out as itself if it is split again.
func FuzzDate(f *testing.F) {
	f.Add("%c", int64(0), 1970, 1, 1, 0, 0, 0, 0)
	f.Add("%c%c%r%Ec%s%+%E", int64(math.MinInt64), 2024, 14, 0, -1, 61, -5, 1)
	f.Add("%G%V%g%", int64(math.MaxInt64), math.MaxInt32, 12, 31, 23, 59, 59, 2)
	f.Add("%Z%z", int64(-67768040609740800), math.MinInt32, math.MinInt32, math.MaxInt32, 0, 0, 0, 1)
	f.Add("%Z%z", int64(-3e9), 2024, 10, 27, 2, 30, 0, 2)
	f.Add("%Z%z", int64(0), 1, -342622, 87227, 484131224, 1, -14722815, 2)
	loc := berlin(f)
	f.Fuzz(func(t *testing.T, layout string, seconds int64, year, month, day, hour, minute, second, dst int) {
		if out := date.Format(layout, time.Unix(seconds, 0).In(loc)); len(out) > 20*len(layout) {
			t.Errorf("Format(%q) of %d has %d bytes", layout, seconds, len(out))
		}
		fields := date.Fields{Year: year, Month: month, Day: day, Hour: hour, Min: minute, Sec: second, DST: date.DST(dst)}
		n, ok := fields.Unix(loc)
		if !ok {
			return
		}
		if fields.DST == date.Unknown && math.Abs(float64(n)) < 1<<53 {
			again, ok := date.At(float64(n), loc)
			if !ok {
				t.Fatalf("%+v is %d, which At refuses", fields, n)
			}
			if back, ok := date.Split(again).Unix(loc); !ok || back != n {
				t.Errorf("%+v is %d is %+v is %d", fields, n, date.Split(again), back)
			}
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	t := time.Date(2024, time.July, 7, 21, 5, 9, 0, berlin(b))
	for _, layout := range []string{"%c", "%a, %d %b %Y %H:%M:%S %z"} {
		b.Run(layout, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				date.Format(layout, t)
			}
		})
	}
}

func BenchmarkUnix(b *testing.B) {
	loc := berlin(b)
	f := date.Fields{Year: 2024, Month: 7, Day: 7, Hour: 12}
	b.ReportAllocs()
	for b.Loop() {
		f.Unix(loc)
	}
}
