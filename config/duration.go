package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/date"
)

// parseDuration is date.ParseDuration, but wants a unit for all but zero: whoever writes 60 in a file may mean minutes.
func parseDuration(text string) (time.Duration, error) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 {
		return 0, fmt.Errorf("%q has no unit; write 500ms, 30s, 5m, 2h or 1d", text)
	}
	d, err := date.ParseDuration(text)
	if err != nil && strings.HasPrefix(text, "-") {
		return 0, fmt.Errorf("%q is below zero", text)
	}
	return d, err
}
