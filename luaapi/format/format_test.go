package format_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"luamilter/luaapi/format"
)

// sprintf is what the binding to Lua does: arguments are float64 or string, and of the type that is wanted.
func sprintf(layout string, args ...any) (string, error) {
	var out []byte
	for layout != "" {
		literal, d, rest, err := format.Next(layout)
		out = append(out, literal...)
		layout = rest
		if d.Verb == 0 && err == nil {
			continue
		}
		if len(args) == 0 {
			return "", errors.New("no value")
		}
		if err != nil {
			return "", err
		}
		if d.TakesNumber() {
			out = d.AppendNumber(out, args[0].(float64))
		} else {
			out = d.AppendString(out, args[0].(string))
		}
		args = args[1:]
	}
	return string(out), nil
}

func TestNumbers(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, tt := range []struct {
		name, layout string
		f            float64
		want         string
	}{
		{"an integer", "%d", 42, "42"},
		{"%i is %d", "%i", -42, "-42"},
		{"a fraction is dropped", "%d", 1.9, "1"},
		{"towards zero", "%d", -1.9, "-1"},
		{"2^53", "%d", 1 << 53, "9007199254740992"},
		{"-2^63", "%d", -1 << 63, "-9223372036854775808"},
		{"2^63 is one too large", "%d", 1 << 63, "9223372036854775807"},
		{"infinity is too large", "%d", inf, "9223372036854775807"},
		{"minus infinity too", "%d", -inf, "-9223372036854775808"},
		{"nan is zero", "%d", nan, "0"},
		{"a width", "%5d", 42, "   42"},
		{"a width to the left", "%-5d|", 42, "42   |"},
		{"zeros", "%05d", -42, "-0042"},
		{"no zeros to the left", "%-05d|", 42, "42   |"},
		{"no zeros with a precision", "%05.3d", 5, "  005"},
		{"a plus", "%+d", 5, "+5"},
		{"a space", "% d", 5, " 5"},
		{"plus wins over space", "%+ d", 5, "+5"},
		{"five flags", "%-----d", 5, "5"},
		{"a precision of zero hides zero", "%.0d", 0, ""},
		{"also without a digit", "%+.d", 0, "+"},
		{"a width of two digits", "%12d", 1, "           1"},
		{"hexadecimal", "%x", 255, "ff"},
		{"in upper case", "%#X", 255, "0XFF"},
		{"zero has no 0x", "%#x", 0, "0"},
		{"0x before the zeros", "%#010x", 255, "0x000000ff"},
		{"minus one is all ones", "%x", -1, "ffffffffffffffff"},
		{"a negative fraction", "%x", -1.5, "ffffffffffffffff"},
		{"2^63 without a sign", "%x", 1 << 63, "8000000000000000"},
		{"2^64 is one too large", "%u", 1 << 64, "18446744073709551615"},
		{"nan without a sign", "%x", nan, "0"},
		{"unsigned has no plus", "%+u", 5, "5"},
		{"octal", "%o", 8, "10"},
		{"octal with its zero", "%#o", 8, "010"},
		{"which counts as precision", "%#.5o", 8, "00010"},
		{"and stays if nothing else does", "%#.0o", 0, "0"},
		{"a byte", "%c", 65, "A"},
		{"a NUL", "%c", 0, "\x00"},
		{"a byte of more", "%c", 256 + 65, "A"},
		{"a byte has no zeros", "%05c", 65, "    A"},
		{"a float", "%f", 0.1, "0.100000"},
		{"rounded to even", "%.0f", 0.5, "0"},
		{"rounded as it is, not as it looks", "%.2f", 1.005, "1.00"},
		{"a point at the end", "%#.0f", 1, "1."},
		{"minus zero", "%f", math.Copysign(0, -1), "-0.000000"},
		{"an exponent", "%e", 12345.678, "1.234568e+04"},
		{"in capitals", "%.1E", 1e-100, "1.0E-100"},
		{"a point before it", "%#.0e", 1, "1.e+00"},
		{"%g drops zeros", "%g", 100000, "100000"},
		{"and takes an exponent", "%g", 1e6, "1e+06"},
		{"for small ones", "%G", 0.00001, "1E-05"},
		{"with # it keeps zeros", "%#g", 1, "1.00000"},
		{"and with an exponent", "%#g", 1e6, "1.00000e+06"},
		{"a precision of 0 is 1", "%#.0g", 1.5, "2."},
		{"twenty digits", "%.20g", 0.1, "0.10000000000000000555"},
		{"infinity", "%05f", inf, "  inf"},
		{"infinity in capitals", "%+E", inf, "+INF"},
		{"nan has no sign", "%G", math.Copysign(nan, -1), "NAN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := sprintf(tt.layout, tt.f); got != tt.want || err != nil {
				t.Errorf("format(%q, %v) = %q, %v, want %q", tt.layout, tt.f, got, err, tt.want)
			}
		})
	}
}

func TestStrings(t *testing.T) {
	for _, tt := range []struct{ name, layout, s, want string }{
		{"as it is", "%s", "spam", "spam"},
		{"a NUL stays", "%s", "a\x00b", "a\x00b"},
		{"a NUL counts as a byte", "%5s", "a\x00b", "  a\x00b"},
		{"a width", "%6s", "spam", "  spam"},
		{"to the left", "%-6s|", "spam", "spam  |"},
		{"zeros are spaces", "%06s", "spam", "  spam"},
		{"a precision", "%.2s", "spam", "sp"},
		{"a precision of nothing", "%.s", "spam", ""},
		{"a precision beyond the end", "%.20s", "spam", "spam"},
		{"both", "%5.3s|", "abcdef", "  abc|"},
		{"more than the width", "%2s", "spam", "spam"},
		{"quoted", "%q", "say \"\\o/\"", `"say \"\\o/\""`},
		{"quoted lines", "%q", "a\r\nb\x00", "\"a\\r\\\nb\\000\""},
		{"quoted bytes stay", "%q", "\xff\t", "\"\xff\t\""},
		{"quoted has no width", "%20.1q", "xyz", `"xyz"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := sprintf(tt.layout, tt.s); got != tt.want || err != nil {
				t.Errorf("format(%q, %q) = %q, %v, want %q", tt.layout, tt.s, got, err, tt.want)
			}
		})
	}
}

func TestLayout(t *testing.T) {
	for _, tt := range []struct{ name, layout, want, wantErr string }{
		{"no directive", "plain", "plain", ""},
		{"nothing", "", "", ""},
		{"a percent sign", "100%%", "100%", ""},
		{"percent signs around", "%%%s%%", "%s%", ""},
		{"text around", "a%db%sc", "a1bsc", ""},
		{"a NUL in the text", "a\x00%d", "a\x001", ""},
		{"too few arguments", "%s%s%s", "", "no value"},
		{"which comes before what else is wrong", "%s%s%y", "", "no value"},
		{"an unknown letter", "%y", "", "invalid option '%y' to 'format'"},
		{"%F is not of Lua 5.1", "%F", "", "invalid option '%F' to 'format'"},
		{"nor is %a", "%a", "", "invalid option '%a' to 'format'"},
		{"lengths are not for Lua", "%ld", "", "invalid option '%l' to 'format'"},
		{"a byte beyond ASCII", "%\xff", "", "invalid option '%\xff' to 'format'"},
		{"a percent sign with a width", "%5%", "", "invalid option '%%' to 'format'"},
		{"nothing after the sign", "50%", "", "invalid option '%' to 'format'"},
		{"nothing after the width", "%5", "", "invalid option '%' to 'format'"},
		{"a NUL after the sign", "%\x00", "", "invalid option '%' to 'format'"},
		{"six flags", "%------d", "", "invalid format (repeated flags)"},
		{"a width of three digits", "%123d", "", "invalid format (width or precision too long)"},
		{"a precision of three digits", "%.123d", "", "invalid format (width or precision too long)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []any{"s", "s"}
			if strings.Contains(tt.layout, "d") {
				args[0] = 1.0
			}
			got, err := sprintf(tt.layout, args...)
			if tt.wantErr != "" {
				if err == nil || err.Error() != tt.wantErr {
					t.Errorf("format(%q) = %q, %v, want error %s", tt.layout, got, err, tt.wantErr)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("format(%q) = %q, %v, want %q", tt.layout, got, err, tt.want)
			}
		})
	}
}
