// Package pattern matches the patterns of Lua 5.1. It knows no Lua: the string functions are made of it elsewhere.
//
//	p := pattern.Compile(`(%w+)@([%w.]+)`) // keep it: any number of matchers may use it
//	var m pattern.Matcher                  // one for each VM
//	found, err := m.Match(p, subject, 0)   // then m.Start, m.End, m.Captures(), m.Capture(i)
//
// Find, Match, Next and Gsub are string.find, match, gmatch and gsub; they allocate nothing.
//
//   - parse.go, set.go: a pattern becomes a list of ops (program.go). Sets are bits, eight sets to a table of 256 bytes.
//   - look.go: from the last op to the first, which bytes the rest of a match can begin with. That shows where a match may begin, how
//     far a repetition may run before the rest is worth a try, and which repetitions can end in one place only.
//   - match.go: where to try. A text at the beginning of a pattern is searched for as such, and a pattern that is all text is nothing else.
//   - run.go, repeat.go: a try. Only a single character can be repeated in a Lua pattern, so each op is run once, and a choice to go
//     back to is an op and two offsets. They are on a stack that is no longer than the pattern: nothing here calls itself.
//   - gsub.go: replacements.
//
// A malformed pattern is an error when a match gets to where it is malformed, as in PUC: find("x", "a%") finds nothing, find("a", "a%")
// is an error. So Compile never fails; it makes an op of the error.
//
// Patterns can take time that is exponential in their length. All work is counted in steps, and Spend, which is told of them, can end it.
//
// The results are those of PUC Lua 5.1.5 to the byte (tests/lua compares them), but for this:
//
//   - A NUL in a pattern is a byte like others, as in Lua 5.2 and later, also behind %, in sets and ranges, and in %b. PUC 5.1 takes it for
//     the pattern's end, mostly, so that find("ab", "(a)\0x") has a match, and find("a\0b", "[\0]") is malformed.
//   - More than 65,536 choices at a time are an error, "pattern too complex": a pattern of that many optional parts. PUC 5.1 has its C
//     stack instead, and dies.
//   - Results of gsub that are longer than Limit are an error, "resulting string too large".
//   - Some searches end soon that PUC needs quadratic time for, with the same result: see Matcher.search.
package pattern
