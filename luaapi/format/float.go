package format

import (
	"bytes"
	"math"
	"strconv"
)

// appendFloat appends f as %e, %f and %g of C do.
func (d Directive) appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = d.appendSign(dst, math.Signbit(f) && f == f)
	digits := len(dst)
	f = math.Abs(f)
	switch {
	case f != f:
		dst = append(dst, "nan"...)
		d.Zero = false
	case f > math.MaxFloat64:
		dst = append(dst, "inf"...)
		d.Zero = false
	default:
		dst = d.appendFinite(dst, f)
	}
	if d.Verb == 'E' || d.Verb == 'G' {
		upper(dst[digits:])
	}
	return d.pad(dst, start, digits)
}

func (d Directive) appendFinite(dst []byte, f float64) []byte {
	precision := d.Precision
	if precision < 0 {
		precision = 6
	}
	switch d.Verb {
	case 'f':
		return d.appendPlain(dst, f, precision)
	case 'e', 'E':
		return d.appendExponent(dst, f, precision)
	}
	precision = max(precision, 1)
	if !d.Alternate {
		return strconv.AppendFloat(dst, f, 'g', precision, 64)
	}
	// With "#" no zero is dropped at the end, which strconv cannot do. The exponent after rounding decides how it is written.
	start := len(dst)
	dst = d.appendExponent(dst, f, precision-1)
	mark := bytes.LastIndexByte(dst, 'e')
	exponent, _ := strconv.Atoi(string(dst[mark+1:])) // just written
	if exponent < -4 || exponent >= precision {
		return dst
	}
	return d.appendPlain(dst[:start], f, precision-1-exponent)
}

// appendPlain appends f without an exponent.
func (d Directive) appendPlain(dst []byte, f float64, precision int) []byte {
	dst = strconv.AppendFloat(dst, f, 'f', precision, 64)
	if d.Alternate && precision == 0 {
		dst = append(dst, '.')
	}
	return dst
}

// appendExponent appends f with an exponent, of two digits at least.
func (d Directive) appendExponent(dst []byte, f float64, precision int) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', precision, 64)
	if d.Alternate && precision == 0 {
		dst = insert(dst, start+1, 1, '.')
	}
	return dst
}
