// Package fieldvalue reads what stands in the values of header fields: text with encoded-words (RFC 2047), and parameters as Content-Type and
// Content-Disposition have them, in sections, with charsets and percent signs (RFC 2231). It knows no Lua, and is below the packages mail and
// mime, which both use it.
//
//		text, ok := fieldvalue.Text("=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
//		main, params, problems := fieldvalue.Params("attachment; filename*=utf-8''%C3%BC.txt")
//
//		v := fieldvalue.Parse("attachment; filename=a.txt; filename*=utf-8''b.exe")
//		for _, r := range fieldvalue.Readings(v.Params, "filename") {
//			fmt.Println(r.Form, r.Text, r.Flaws)
//		}
//
//	  - words.go: Text, Words: encoded-words. Flaws: why a text is a guess.
//	  - parse.go: Parse: a value becomes parameters as they stand there.
//	  - sections.go: Readings: what a parameter says in each of its forms.
//	  - params.go: Params: all parameters decoded, with what was odd in words.
//
// Nothing is refused. A value is read as mail readers read it, what was odd is named, and whatever comes out is UTF-8. Each byte is looked at a
// fixed number of times.
//
// # Two ways to read
//
// A script that asks for a field wants text that it can put on a line, and all that is in the field. A filter that looks at an attachment must
// know the name under which the recipient saves it. These differ, so each has its own functions:
//
//   - Text and Params make blanks of hidden line breaks and U+FFFD of NULs. Words and Readings leave control characters in: they are a trick
//     in file names, which package mime names.
//   - Params joins all sections of a parameter, whatever their numbers. Mail readers stop at a gap and take the first of two with one number: that
//     is Reading.Text, and what they leave out is Reading.Rest.
//   - Params leaves a plain parameter out that is also there in a form of RFC 2231. Readings has all forms, since some readers know only the plain one.
//
// # Decisions
//
// Where readers of one thing were free to differ, the one that the recipient is likelier to see is followed:
//
//   - Parentheses within a value without quotes belong to it, since file names are written so; only what stands behind the value, or before it, is a comment.
//     Before the first semicolon there are no file names, and comments count everywhere.
//   - The next parameter begins behind a closing quote, and behind the first word of the value, also where the semicolon is missing.
//   - Base64 goes on behind padding, as in the content of parts.
//   - A form of RFC 2231 without charset is UTF-8 if it can be, else windows-1252.
//   - name* counts before name*0 and so on, and these before name.
package fieldvalue
