// Package re is regular expressions as RE2 has them: time grows with the text, whatever the expression, so that no mail can make one
// run for minutes. It knows no Lua.
//
//   - regexp.go: Compile, and Regexp: one match, or all.
//   - set.go: many expressions in one pass.
//   - cache.go: what is compiled once for all VMs of a script.
//   - utf8.go: texts that are not UTF-8.
//
// It is RE2 itself (github.com/wasilibs/go-re2), built without cgo. Measured against regexp of the standard library, a search with captures that
// mostly finds nothing, in µs (BenchmarkFind, the best of six; Linux, two processors shared with other work):
//
//	                                            101 bytes        64 KiB
//	                                            std    RE2     std    RE2
//	(?i)lottery|inheritance|invoice|prize      17.7    1.6   14000    890
//	(\w+)@(\w+)\.example                       14.6    1.7   11400    730
//	[A-Z]{3,}\d+                                6.5    1.6    5700    840
//	https?://[^\s"<>]+                          0.2    1.0      88    117
//	a word                                      0.2    1.0      72    105
//
// Compiling takes 105 µs instead of 21, which is what the cache is for; the binary gets 5 MiB larger. The standard library wins where an
// expression begins with a fixed text, by less than the rest of a call from Lua costs, or on long texts by a little. So there is one
// engine, and one meaning of each expression.
//
// Against Lua's own patterns (BenchmarkRe in luaapi): an address in a line takes 1.8 µs with a pattern, 5.2 with an expression; three words
// in 63 KB, in any case, 0.8 ms with string.lower and three plain finds, and 0.8 with one expression.
//
// Two things are RE2's own that scripts would stumble over. It finds nothing in bytes that are not UTF-8: here each such byte counts as
// U+FFFD, as it does in Go, so `.` and `[^a]` find it. And finding all matches can take more than linear time, because each search may look
// at all that follows: All works in growing batches and asks in between whether it may go on.
//
// RE2 keeps its memory outside Go's heap, up to 128 MiB for the states of one expression in the worst case; the garbage collector frees it with the
// Regexp.
package re
