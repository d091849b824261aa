package date

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// unit is a unit of time with the ways to write it.
type unit struct {
	names  string // between blanks
	length time.Duration
}

// units returns all units, the longest first.
func units() []unit {
	return []unit{
		{" w week weeks ", 7 * 24 * time.Hour},
		{" d day days ", 24 * time.Hour},
		{" h hr hrs hour hours ", time.Hour},
		{" m min mins minute minutes ", time.Minute},
		{" s sec secs second seconds ", time.Second},
		{" ms millisecond milliseconds ", time.Millisecond},
		{" us microsecond microseconds ", time.Microsecond},
		{" ns nanosecond nanoseconds ", time.Nanosecond},
	}
}

// ParseDuration reads a duration as people write it: 90s, 1h30m, 1.5 hours, 2d 12h. A number alone is seconds. A day has 24 hours. One
// below zero, or beyond 140 years, is an error.
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%.40q is no duration; write 500ms, 30s, 5m, 2h, 1d, 1w or 1h30m", text)
	rest := strings.TrimSpace(text)
	if rest == "" {
		return 0, wrong
	}
	total, terms := time.Duration(0), 0
	for ; rest != ""; terms++ {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		number := rest[:digits]
		rest = strings.TrimLeft(rest[digits:], " ")
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		length, ok := unitNamed(rest[:letters])
		if !ok || letters == 0 && (rest != "" || terms > 0) {
			return 0, wrong
		}
		rest = strings.TrimLeft(rest[letters:], " ")
		d, err := times(number, length)
		switch {
		case errors.Is(err, errTooLong) || err == nil && total+d > longest:
			return 0, fmt.Errorf("%.40q is more than 140 years", text)
		case err != nil:
			return 0, wrong
		}
		total += d
	}
	return total, nil
}

// longest is the longest duration that ParseDuration knows.
const longest = math.MaxInt64 / 2

var errTooLong = errors.New("it is too long")

// times multiplies: whole numbers exactly, others to the nanosecond.
func times(number string, length time.Duration) (time.Duration, error) {
	f, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return 0, err
	case f*float64(length) > longest:
		return 0, errTooLong
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		return time.Duration(n) * length, nil
	}
	return time.Duration(math.Round(f * float64(length))), nil
}

// unitNamed returns how long a unit is; "" is a second.
func unitNamed(name string) (time.Duration, bool) {
	if name == "" {
		return time.Second, true
	}
	for _, u := range units() {
		if strings.Contains(u.names, " "+name+" ") {
			return u.length, true
		}
	}
	return 0, false
}

// FormatDuration writes a duration as ParseDuration reads it, and exactly: 1h30m, 1.5s, without units of which there are none. One below zero
// has a minus.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var out strings.Builder
	left := uint64(d)
	if d < 0 {
		out.WriteByte('-')
		left = -left // also of the least one
	}
	for _, u := range units() {
		if u.length == time.Second && left >= uint64(time.Second) {
			out.WriteString(seconds(left) + "s")
			break
		}
		if n := left / uint64(u.length); n > 0 {
			name, _, _ := strings.Cut(u.names[1:], " ")
			out.WriteString(strconv.FormatUint(n, 10) + name)
			left -= n * uint64(u.length)
		}
	}
	return out.String()
}

// seconds writes nanoseconds as seconds, with a fraction if there is one.
func seconds(ns uint64) string {
	whole, fraction := ns/uint64(time.Second), ns%uint64(time.Second)
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%09d", whole, fraction), "0"), ".")
}
