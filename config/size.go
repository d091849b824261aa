package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is a number of bytes, written as 512MiB, 1GiB, 64MB or 1048576.
type Size int64

// maxSize is above every size.
const maxSize = 1 << 62

// units are what a size may end in.
var units = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1},
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Size) UnmarshalText(text []byte) error {
	number, factor := string(text), 1.0
	for _, u := range units {
		if len(number) > len(u.name) && strings.EqualFold(number[len(number)-len(u.name):], u.name) {
			number, factor = strings.TrimSpace(number[:len(number)-len(u.name)]), u.bytes
			break
		}
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil && factor == 1 && n >= 0 && n < maxSize {
		*s = Size(n) // to the byte
		return nil
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n*factor < maxSize) {
		return fmt.Errorf("%q is no size; write 512MiB or 1GiB", text)
	}
	*s = Size(n * factor)
	return nil
}

// String returns the size in the largest unit that shows it to the byte.
func (s Size) String() string {
	if s == 0 {
		return "0"
	}
	for _, unit := range []struct {
		name  string
		bytes Size
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if s%unit.bytes == 0 {
			return strconv.FormatInt(int64(s/unit.bytes), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}
