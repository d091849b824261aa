package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Percent is a share from 0 to 100, written as 10%; nothing is written as "".
type Percent float64

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Percent) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = 0
		return nil
	}
	number, found := strings.CutSuffix(string(text), "%")
	n, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || !(n >= 0 && n <= 100) {
		return fmt.Errorf("%q is no percentage from 0%% to 100%%; write 10%%", text)
	}
	*p = Percent(n)
	return nil
}

// String returns the share with its sign, "" for nothing.
func (p Percent) String() string {
	if p == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(p), 'g', -1, 64) + "%"
}
