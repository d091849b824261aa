package number

import (
	"math"
	"strconv"
)

const (
	digits   = 14   // lua 5.1: LUAI_NUMFFORMAT is "%.14g"
	integers = 1e14 // the first integer that needs more digits, and is written with an exponent
)

// Text returns f as tostring does: at most 14 digits, an exponent from 1e+14 on and below 0.0001, "inf", "-inf" and "nan".
func Text(f float64) string {
	if n, ok := integer(f); ok {
		return strconv.FormatInt(n, 10)
	}
	var room [24]byte
	return string(Append(room[:0], f))
}

// Append appends to dst what Text returns, at most 21 bytes.
func Append(dst []byte, f float64) []byte {
	if n, ok := integer(f); ok {
		return strconv.AppendInt(dst, n, 10)
	}
	switch {
	case f != f:
		return append(dst, "nan"...)
	case f > math.MaxFloat64:
		return append(dst, "inf"...)
	case f < -math.MaxFloat64:
		return append(dst, "-inf"...)
	}
	return strconv.AppendFloat(dst, f, 'g', digits, 64)
}

// integer returns f as an integer if that is how it is written. -0 is not: it keeps its sign.
func integer(f float64) (int64, bool) {
	n := int64(f) // of no meaning beyond 64 bits, but then f is not below integers
	return n, float64(n) == f && -integers < f && f < integers && (n != 0 || !math.Signbit(f))
}
