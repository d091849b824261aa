// Package number turns Lua numbers into text and text into Lua numbers, as Lua 5.1 does on Linux. It knows no Lua.
//
//   - text.go: Text and Append, what tostring and .. make of a number.
//   - parse.go: Parse, what tonumber and arithmetic accept in a string.
//   - long.go: the same for a number of hundreds of digits.
//   - base.go: ParseBase, tonumber with a base.
//
// tests/lua compares all of them with the lua5.1 program. They differ from it on purpose where the C library shows through:
//
//   - A number that is not one is "nan", whatever its sign bit: lua5.1 prints "-nan" for 0/0 on x86 and "nan" elsewhere.
//   - The words inf, infinity and nan are not numbers, as in Lua 5.3. A filter that compares a score out of a header with a
//     limit must not meet one that is below and above every limit.
//   - A NUL is not white space, nor the end of the text, as since Lua 5.2: "1\0 spam" is no number.
package number
