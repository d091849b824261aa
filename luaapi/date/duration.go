package date

import (
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
	total := 0.0
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		n, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, wrong
		}
		rest = strings.TrimLeft(rest[digits:], " ")
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		length, ok := unitNamed(rest[:letters])
		if !ok || letters == 0 && (rest != "" || total > 0) {
			return 0, wrong
		}
		total += n * float64(length)
		rest = strings.TrimLeft(rest[letters:], " ")
	}
	if total > math.MaxInt64/2 {
		return 0, fmt.Errorf("%.40q is more than 140 years", text)
	}
	return time.Duration(math.Round(total)), nil
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

// FormatDuration writes a duration to the millisecond, as ParseDuration reads it: 1h30m, without units of which there are none.
func FormatDuration(d time.Duration) string {
	d = d.Round(time.Millisecond)
	if d == 0 {
		return "0s"
	}
	var out strings.Builder
	if d < 0 {
		out.WriteByte('-')
		d = -d
	}
	for _, u := range units() {
		if n := d / u.length; n > 0 {
			name, _, _ := strings.Cut(u.names[1:], " ")
			out.WriteString(strconv.FormatInt(int64(n), 10) + name)
			d -= n * u.length
		}
	}
	return out.String()
}
