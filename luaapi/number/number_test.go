package number_test

import (
	"math"
	"strings"
	"testing"

	"luamilter/luaapi/number"
)

var negativeZero = math.Copysign(0, -1)

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    float64
		want string
	}{
		{"an integer has no point", 42, "42"},
		{"a negative integer", -7, "-7"},
		{"zero", 0, "0"},
		{"zero keeps its sign", negativeZero, "-0"},
		{"fourteen digits are written out", 99999999999999, "99999999999999"},
		{"fifteen are not", 1e14, "1e+14"},
		{"nor negative ones", -1e14, "-1e+14"},
		{"fifteen digits are rounded", 123456789012345, "1.2345678901234e+14"},
		{"a tenth", 0.1, "0.1"},
		{"a third has fourteen digits", 1.0 / 3, "0.33333333333333"},
		{"two thirds are rounded up", 2.0 / 3, "0.66666666666667"},
		{"half a cent", 0.005, "0.005"},
		{"small ones have an exponent of two digits", 0.00001, "1e-05"},
		{"large ones too", 1e15, "1e+15"},
		{"an exponent of three digits", 1e100, "1e+100"},
		{"the largest", math.MaxFloat64, "1.7976931348623e+308"},
		{"the smallest", 5e-324, "4.9406564584125e-324"},
		{"rounding up to a power of ten", 99999999999999.9, "1e+14"},
		{"infinity", math.Inf(1), "inf"},
		{"minus infinity", math.Inf(-1), "-inf"},
		{"not a number has no sign", math.NaN(), "nan"},
		{"nor if its sign bit is set", math.Copysign(math.NaN(), -1), "nan"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := number.Text(tt.f); got != tt.want {
				t.Errorf("Text(%v) = %q, want %q", tt.f, got, tt.want)
			}
			if got := string(number.Append([]byte("x="), tt.f)); got != "x="+tt.want {
				t.Errorf("Append(%v) = %q, want %q", tt.f, got, "x="+tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		name, s string
		want    float64
	}{
		{"digits", "10", 10},
		{"leading zeros are not octal", "010", 10},
		{"white space around", " \t\n\v\f\r10 \n", 10},
		{"a plus", "+5", 5},
		{"a minus", "-5", -5},
		{"minus zero", "-0", negativeZero},
		{"a point first", ".5", 0.5},
		{"a point last", "5.", 5},
		{"an exponent", "1e2", 100},
		{"a signed exponent", "5E-07", 5e-7},
		{"many digits", "3.14159265358979323846264338327950288", math.Pi},
		{"twenty digits", "12345678901234567890", 12345678901234567890},
		{"nine hundred digits", "1" + strings.Repeat("0", 900) + "e-900", 1},
		{"nine hundred zeros after the point", "." + strings.Repeat("0", 900) + "15e900", 0.15},
		{"an exponent of six digits", "1" + strings.Repeat("0", 200000) + "e-200001", 0.1},
		{"halfway is rounded to even", "9007199254740993" + strings.Repeat("0", 900) + "e-900", 9007199254740992},
		{"a little more is rounded up", "9007199254740993." + strings.Repeat("0", 900) + "1", 9007199254740994},
		{"zero in a thousand digits", "-" + strings.Repeat("0", 1000), negativeZero},
		{"a thousand hexadecimal digits", "0x1" + strings.Repeat("0", 1000) + ".8p-4000", 1},
		{"a thousand hexadecimal zeros", "0x." + strings.Repeat("0", 1000) + "8p4001", 1},
		{"too large", "1e400", inf},
		{"too large and negative", "-1e400", -inf},
		{"too small", "1e-400", 0},
		{"an exponent beyond all bounds", "1e99999999999999999999", inf},
		{"zero with such an exponent", "0e99999999999999999999", 0},
		{"hexadecimal", "0x10", 16},
		{"hexadecimal in upper case", "0XfF", 255},
		{"hexadecimal and negative", "-0x10", -16},
		{"hexadecimal of 64 bits", "0xffffffffffffffff", 1 << 64},
		{"hexadecimal of more", "0x1ffffffffffffffff", 1 << 65},
		{"a hexadecimal fraction", "0x.8", 0.5},
		{"a hexadecimal exponent", "0x1p4", 16},
		{"all of a hexadecimal float", "-0xA.8p-1", -5.25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, ok := number.Parse(tt.s)
			if !ok || math.Float64bits(f) != math.Float64bits(tt.want) {
				t.Errorf("Parse(%q) = %v, %v, want %v", tt.s, f, ok, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, s string }{
		{"nothing", ""},
		{"white space", "  "},
		{"a sign", "-"},
		{"a point", "."},
		{"two signs", "+-5"},
		{"white space after the sign", "- 1"},
		{"an exponent without digits", "1e"},
		{"an exponent with a sign only", "1e+"},
		{"an exponent without a mantissa", "e5"},
		{"0x alone", "0x"},
		{"0x and a point", "0x."},
		{"0x and an exponent", "0xp1"},
		{"0x and a sign", "0x-1"},
		{"a hexadecimal exponent without digits", "0x1p"},
		{"a binary prefix", "0b1"},
		{"an octal prefix", "0o7"},
		{"underscores", "1_000"},
		{"underscores in hexadecimal", "0x1_0"},
		{"a suffix", "1f"},
		{"two numbers", "1 2"},
		{"a comma", "1,5"},
		{"inf", "inf"},
		{"minus infinity", "-Infinity"},
		{"nan", "nan"},
		{"nan with letters", "NaN(1)"},
		{"a NUL at the end", "1\x00"},
		{"a NUL inside", "1\x002"},
		{"a no-break space", "\xa01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if f, ok := number.Parse(tt.s); ok || f != 0 {
				t.Errorf("Parse(%q) = %v, %v, want 0, false", tt.s, f, ok)
			}
		})
	}
}

func TestParseBase(t *testing.T) {
	for _, tt := range []struct {
		name, s string
		base    int
		want    float64
	}{
		{"binary", "101", 2, 5},
		{"octal", "777", 8, 511},
		{"hexadecimal", "fF", 16, 255},
		{"hexadecimal with 0x", "-0X10", 16, 1<<64 - 16},
		{"base 36", "zZ", 36, 1295},
		{"0x is digits in base 36", "0x10", 36, 42804},
		{"0b is digits in base 16", "0b1", 16, 177},
		{"an e is a digit", "1e1", 16, 481},
		{"white space around", " 10\n", 3, 3},
		{"a plus", "+1", 16, 1},
		{"a minus counts down from 2^64", "-1", 16, 1 << 64},
		{"minus zero is zero", "-0", 16, 0},
		{"64 bits", "ffffffffffffffff", 16, 1 << 64},
		{"more", "10000000000000001", 16, 1 << 64},
		{"more and negative", "-10000000000000001", 16, 1 << 64},
		{"base 10 takes what Parse takes", " 1.5e1", 10, 15},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, ok := number.ParseBase(tt.s, tt.base)
			if !ok || math.Float64bits(f) != math.Float64bits(tt.want) {
				t.Errorf("ParseBase(%q, %d) = %v, %v, want %v", tt.s, tt.base, f, ok, tt.want)
			}
		})
	}
}

func TestParseBaseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, s string
		base    int
	}{
		{"nothing", "", 16},
		{"white space", " ", 16},
		{"a sign", "-", 16},
		{"0x alone", "0x", 16},
		{"0x and no digit", "0xg", 16},
		{"0x twice", "0x0x1", 16},
		{"a digit of a larger base", "12", 2},
		{"a point", "1.5", 16},
		{"a binary prefix", "0b1", 2},
		{"white space after the sign", "- 1", 16},
		{"two signs", "+-1", 16},
		{"a NUL", "1\x00", 16},
		{"base 1", "1", 1},
		{"base 37", "1", 37},
		{"a negative base", "1", -2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if f, ok := number.ParseBase(tt.s, tt.base); ok || f != 0 {
				t.Errorf("ParseBase(%q, %d) = %v, %v, want 0, false", tt.s, tt.base, f, ok)
			}
		})
	}
}
