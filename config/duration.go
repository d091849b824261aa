package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// parseDuration reads a duration as Go writes it, with d for days of 24 hours before the rest: 1d12h. One below zero is an error.
func parseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "", text
	}
	var d time.Duration
	var err error
	if rest != "" || !found {
		d, err = time.ParseDuration(rest)
	}
	n := 0.0
	if found && err == nil {
		n, err = strconv.ParseFloat(days, 64)
	}
	if err != nil || math.IsNaN(n) || math.Abs(n*float64(day)) > float64(math.MaxInt64/2) || d > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is no duration; write 500ms, 30s, 5m, 2h or 1d", text)
	}
	if d < 0 || n < 0 {
		return 0, fmt.Errorf("%q is below zero", text)
	}
	return d + time.Duration(n*float64(day)), nil
}

// FormatDuration writes a duration as the configuration has it, such as 1h30m or 2d, without parts that are zero.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	if d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
