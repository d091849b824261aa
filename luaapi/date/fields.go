package date

import (
	"math"
	"time"
)

// DST tells whether summer time is in force.
type DST int

const (
	Unknown  DST = iota // whatever the time zone says: no isdst in a table of Lua
	Standard            // isdst = false
	Summer              // isdst = true
)

// Fields are a time in a time zone, as in the tables of os.date("*t") and os.time.
type Fields struct {
	Year    int // 2024
	Month   int // 1 to 12
	Day     int // 1 to 31
	Hour    int // 0 to 23
	Min     int // 0 to 59
	Sec     int // 0 to 59
	Weekday int // 1 is Sunday, 7 Saturday; Unix does not look at it
	YearDay int // 1 to 366; Unix does not look at it
	DST     DST
}

const (
	day     = 24 * 60 * 60
	week    = 7 * day
	farAway = 2653 * day // as far as glibc looks for summer time
)

// At returns the time so many seconds after the beginning of 1970, less a fraction. It reports false if the year there does not
// fit in 32 bits, or if seconds is not a number: os.date is nil then.
func At(seconds float64, loc *time.Location) (time.Time, bool) {
	if !(math.Abs(seconds) < 1e17) { // three thousand million years; also refuses what is not a number
		return time.Time{}, false
	}
	t := time.Unix(int64(seconds), 0).In(loc)
	return t, fits(t.Year())
}

// Split returns the fields of t, none of them out of range.
func Split(t time.Time) Fields {
	year, month, date := t.Date()
	hour, minute, second := t.Clock()
	f := Fields{
		Year: year, Month: int(month), Day: date,
		Hour: hour, Min: minute, Sec: second,
		Weekday: int(t.Weekday()) + 1, YearDay: t.YearDay(), DST: Standard,
	}
	if t.IsDST() {
		f.DST = Summer
	}
	return f
}

// Unix returns the seconds since the beginning of 1970 at which clocks of loc show f. Fields may be out of range: month 14 is
// February of the next year, day 0 the last of the month before, hour -1 the last of the day before. Seconds out of range are
// not shown by clocks but pass: half a year of them leads from noon to 1 p.m. of summer time. If DST is not what the time zone
// says, the clock is taken for one that is set to it: in January, 12 o'clock of summer time is 11. It reports false if a field
// or the year that comes out does not fit in 32 bits: os.time is nil then.
func (f Fields) Unix(loc *time.Location) (int64, bool) {
	for _, n := range []int{f.Year, f.Month, f.Day, f.Hour, f.Min, f.Sec} {
		if !fits(n) {
			return 0, false
		}
	}
	months := int64(f.Month) - 1
	year := int64(f.Year) + floor(months, 12)
	if year != int64(int32(year)) {
		return 0, false
	}
	first := time.Date(int(year), time.Month(modulo(months, 12)+1), 1, 0, 0, 0, 0, time.UTC).Unix()
	sec := min(max(int64(f.Sec), 0), 59)
	clock := first + (int64(f.Day)-1)*day + int64(f.Hour)*3600 + int64(f.Min)*60 + sec
	t := resolve(clock, loc)
	if f.DST != Unknown {
		t = f.DST.apply(t, clock, loc)
	}
	t = t.Add(time.Duration(int64(f.Sec)-sec) * time.Second)
	return t.Unix(), fits(t.Year())
}

// resolve returns the time when clocks of loc show what clocks of UTC show at clock: the first if there are two. If there is
// none, it is as much later as the clocks were put forward.
func resolve(clock int64, loc *time.Location) time.Time {
	before := shown(clock, clock-day, loc)
	if after := shown(clock, clock+day, loc); !shows(before, clock) && shows(after, clock) {
		return after
	}
	return before
}

// shown returns when a clock that is right at another time shows clock.
func shown(clock, other int64, loc *time.Location) time.Time {
	_, offset := time.Unix(other, 0).In(loc).Zone()
	return time.Unix(clock-int64(offset), 0).In(loc)
}

func shows(t time.Time, clock int64) bool {
	_, offset := t.Zone()
	return t.Unix()+int64(offset) == clock
}

// apply returns the time when a clock that is set to d shows clock, near t, when one that is right does: by the offset that
// was or will be in force nearby when d was, or else by an hour. It goes by weeks, because the bounds of time.Time.ZoneBounds
// may lie behind the time itself, on the last day of a leap year.
func (d DST) apply(t time.Time, clock int64, loc *time.Location) time.Time {
	if d.holds(t) && shows(t, clock) {
		return t
	}
	for away := int64(0); away < farAway; away += week {
		for _, other := range []int64{t.Unix() - away, t.Unix() + away} {
			if d.holds(time.Unix(other, 0).In(loc)) {
				return shown(clock, other, loc)
			}
		}
	}
	if d == Summer {
		return t.Add(-time.Hour)
	}
	return t.Add(time.Hour)
}

func (d DST) holds(t time.Time) bool { return t.IsDST() == (d == Summer) }

func fits(n int) bool { return int64(n) == int64(int32(n)) }
