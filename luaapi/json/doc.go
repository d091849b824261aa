// Package json reads and writes JSON (RFC 8259) without a tree in between: Decode tells a Builder what a text has, in order; AppendString and
// AppendNumber write the values that are not made of others. It knows no Lua.
//
//   - decode.go: Decode, its limits, and where a text is wrong.
//   - strings.go: strings with their escapes.
//   - encode.go: what is written.
//
// What is taken is what the standard says, and nothing more: no comments, no comma before a bracket, no NaN. Two things are left to
// whoever reads: of two members of one name both are told, and bytes in a string that are not UTF-8 stay as they are. Half of a
// surrogate pair becomes U+FFFD.
//
// A whole number that a float64 does not hold is told as the string of its digits: an identifier that came back as its neighbour would be
// worse than one of another type.
package json
