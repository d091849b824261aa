// Package format is string.format of Lua 5.1, taken apart: Next finds the directives of a format one by one, and each Directive
// appends one argument. Whoever calls fetches the arguments and complains about their types. It knows no Lua.
//
//   - directive.go: Next, and what it finds.
//   - integer.go: %c %d %i %o %u %x %X.
//   - float.go: %e %E %f %g %G.
//   - text.go: %s %q.
//
// tests/lua compares it with the lua5.1 program. It differs on purpose where the C library shows through:
//
//   - A NUL is a byte like others. lua5.1 drops the rest of a literal, of %5s and of %.5s after one, and all of %c.
//   - An integer that 64 bits do not hold is the nearest that they do, and nan is 0. C leaves it undefined; on x86 lua5.1 makes
//     -2^63 or 0 of all. A negative one for %o %u %x %X is what its 64 bits are without a sign, as there.
//   - %c takes the lowest byte of any integer, where lua5.1 makes 0 of those beyond 32 bits.
//   - nan has no sign, as in package number.
//   - %#g of what is rounded up to a power of ten keeps its zeros, as C says: 999999.9999 is 1.00000e+06. glibc 2.36 drops them.
//
// This is all of string.format but the errors about arguments:
//
//	for layout != "" {
//		literal, d, rest, err := format.Next(layout)
//		out, layout = append(out, literal...), rest
//		switch {
//		case err != nil:
//			return err
//		case d.TakesNumber():
//			out = d.AppendNumber(out, nextNumber())
//		case d.Verb != 0:
//			out = d.AppendString(out, nextString())
//		}
//	}
package format
