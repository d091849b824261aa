package config

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "1048576": 1 << 20, "512MiB": 512 << 20, "1GiB": 1 << 30, "1.5 GiB": 3 << 29, "64MB": 64_000_000, "1g": 1 << 30, "10 kib": 10 << 10, "7B": 7,
	} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "much", "-1", "1XiB", "nan", "inf", "1e30", "0x"} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s is taken for %d", text, got)
		}
	}
}
