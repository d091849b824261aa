package date

import (
	"strconv"
	"strings"
	"time"
)

// Format returns t as strftime does in the C locale: "%a, %d %b %Y %H:%M:%S %z" is a date of RFC 5322. A conversion that there
// is not stays as it is, and so does a "%" at the end. None gives more than 31 bytes for a time of At, a zone's name aside.
func Format(layout string, t time.Time) string {
	var room [64]byte
	return string(Append(room[:0], layout, t))
}

// Append appends to dst what Format returns.
func Append(dst []byte, layout string, t time.Time) []byte {
	for {
		at := strings.IndexByte(layout, '%')
		if at < 0 || at == len(layout)-1 {
			return append(dst, layout...)
		}
		dst = append(dst, layout[:at]...)
		layout = layout[at:]
		n := len("%a")
		if (layout[1] == 'E' || layout[1] == 'O') && len(layout) > n && isLetter(layout[n]) {
			n = len("%Ea")
		}
		dst = appendConversion(dst, layout[:n], t)
		layout = layout[n:]
	}
}

// appendConversion appends one conversion; its last byte says which.
func appendConversion(dst []byte, conversion string, t time.Time) []byte {
	switch verb := conversion[len(conversion)-1]; verb {
	case 'c':
		return Append(dst, "%a %b %e %H:%M:%S %Y", t)
	case 'D', 'x':
		return Append(dst, "%m/%d/%y", t)
	case 'F':
		return Append(dst, "%Y-%m-%d", t)
	case 'r':
		return Append(dst, "%I:%M:%S %p", t)
	case 'R':
		return Append(dst, "%H:%M", t)
	case 'T', 'X':
		return Append(dst, "%H:%M:%S", t)
	case 'z':
		return appendOffset(dst, t)
	default:
		if text, ok := textOf(verb, t); ok {
			return append(dst, text...)
		}
		if n, ok := clockOf(verb, t); ok {
			return appendPadded(dst, n, verb)
		}
		if n, ok := calendarOf(verb, t); ok {
			return appendPadded(dst, n, verb)
		}
		return append(dst, conversion...)
	}
}

func textOf(verb byte, t time.Time) (string, bool) {
	switch verb {
	case 'a':
		return t.Weekday().String()[:3], true
	case 'A':
		return t.Weekday().String(), true
	case 'b', 'h':
		return t.Month().String()[:3], true
	case 'B':
		return t.Month().String(), true
	case 'p':
		return half(t, "AM", "PM"), true
	case 'P':
		return half(t, "am", "pm"), true
	case 'Z':
		name, _ := t.Zone()
		return name, true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}

func half(t time.Time, morning, afternoon string) string {
	if t.Hour() < 12 {
		return morning
	}
	return afternoon
}

// clockOf returns the number of a conversion that is about the time of day, or all of the time.
func clockOf(verb byte, t time.Time) (int64, bool) {
	switch verb {
	case 'H', 'k':
		return int64(t.Hour()), true
	case 'I', 'l':
		return int64((t.Hour()+11)%12 + 1), true
	case 'M':
		return int64(t.Minute()), true
	case 'S':
		return int64(t.Second()), true
	case 's':
		return t.Unix(), true
	}
	return 0, false
}

// calendarOf returns the number of a conversion that is about the date.
func calendarOf(verb byte, t time.Time) (int64, bool) {
	weekday, day := int64(t.Weekday()), int64(t.YearDay())
	monday := (weekday + 6) % 7 // days since
	switch verb {
	case 'C':
		return floor(int64(t.Year()), 100), true
	case 'd', 'e':
		return int64(t.Day()), true
	case 'g', 'G':
		year, _ := t.ISOWeek()
		if verb == 'g' {
			return modulo(int64(year), 100), true
		}
		return int64(year), true
	case 'j':
		return day, true
	case 'm':
		return int64(t.Month()), true
	case 'u':
		return monday + 1, true
	case 'U':
		return (day + 6 - weekday) / 7, true
	case 'V':
		_, week := t.ISOWeek()
		return int64(week), true
	case 'w':
		return weekday, true
	case 'W':
		return (day + 6 - monday) / 7, true
	case 'y':
		return modulo(int64(t.Year()), 100), true
	case 'Y':
		return int64(t.Year()), true
	}
	return 0, false
}

// appendPadded appends n with as many digits as its conversion has at least.
func appendPadded(dst []byte, n int64, verb byte) []byte {
	switch verb {
	case 'e', 'k', 'l':
		if n < 10 {
			dst = append(dst, ' ')
		}
	case 'j':
		if n < 100 {
			dst = append(dst, '0')
		}
		fallthrough
	case 'd', 'g', 'H', 'I', 'm', 'M', 'S', 'U', 'V', 'W', 'y':
		if n < 10 {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, n, 10)
}

// appendOffset appends hours and minutes east of Greenwich, as +hhmm.
func appendOffset(dst []byte, t time.Time) []byte {
	_, offset := t.Zone()
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	minutes := offset / 60
	dst = append(dst, sign)
	dst = appendPadded(dst, int64(minutes/60), 'H')
	return appendPadded(dst, int64(minutes%60), 'M')
}

// floor divides, downwards.
func floor(n, by int64) int64 { return (n - modulo(n, by)) / by }

// modulo returns what floor leaves.
func modulo(n, by int64) int64 { return (n%by + by) % by }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
