// Package date is os.date and os.time of Lua 5.1: strftime in the C locale and mktime, in any time zone. It knows no Lua.
//
//   - format.go: Format and Append, what strftime makes of a time.
//   - fields.go: At, Split and Fields.Unix: seconds to a time, a time to its fields, and fields, even out of range, to seconds.
//
// tests/lua compares it with the lua5.1 program in two time zones. It differs on purpose:
//
//   - %E and %O before a letter count for nothing, as C has it: "%Ey" is "%y". lua5.1 shows strftime one letter only, and so
//     leaves "%Ey" as it is.
//   - A NUL in a layout is a byte like others. lua5.1 stops there.
//   - %s is the seconds since 1970 of every time. glibc takes the fields of a time in UTC for local ones.
//   - %Z of time.UTC is "UTC". lua5.1 says "GMT" if the format begins with "!"; who wants that, gives a time.FixedZone of that
//     name.
//   - A wall time that comes twice, as summer time ends, is the first of the two unless Fields say which. glibc answers with
//     the one that is nearer to what it was asked before.
//   - The second before 1970 is -1. lua5.1 takes it for an error.
//   - Fields and years that do not fit in 32 bits are refused. lua5.1 wraps them around.
package date
