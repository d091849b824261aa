// Package mime takes messages apart: a tree of parts, each with the ranges of bytes that it has in the source, so that an edit is a replaced range
// and every other byte stays. It knows no Lua.
//
//	m := mime.Parse(fields, mime.Text(body))
//	for part := range m.Walk() {
//		fmt.Println(part.Type, part.Filename, part.Content, part.Problems)
//	}
//
// Nothing is refused. What is not as it should be is named in Part.Problems, and read the way mail readers read it: a filter must see what the
// recipient will see. Where readers differ, the one that shows more is followed.
//
//   - parse.go, descend.go: one pass over the lines, with a stack of open parts. scan.go has the lines, source.go where they come from.
//   - header.go, value.go: fields and their parameters, which package fieldvalue takes apart and decodes.
//   - filename.go: names, and the tricks in them. realtype.go: types by content.
//   - content.go: decoded content; base64.go, quoted.go, uu.go, yenc.go have an encoding each, the last two over linecodec.go. inline.go finds files in texts.
//   - shown.go: which parts are read, which are attachments. crypt.go: what is signed, encrypted, or Outlook's own.
//   - problem.go: everything that can be wrong.
//
// # Cost
//
// Parse looks at each byte a fixed number of times, whatever is in it: a boundary line is found by one look into a map of the boundaries
// that are open. Of a message in memory nothing is copied; a part costs about half a KiB. A message that was attached in base64 is
// decoded once and kept, at most four inside each other. Nothing grows when it is decoded, so there are no bombs. Decoded, DecodedText,
// Inline and what uses them work anew at each call.
//
// # Decisions
//
// A line ends with CRLF, LF or CR, because Thunderbird and others take all three for line ends in the search for boundaries.
//
// A boundary line is dashes, the boundary, perhaps dashes again, and blanks. RFC 2046 would have anything that begins so; no reader
// we know does, and a boundary that is the beginning of another could not work. If an inner multipart has the boundary of an outer
// one, the lines belong to the outer one.
//
// A line without colon does not end a header, or a filter would take for text what readers take for a content type. If there is nothing but
// such lines, there was no header.
package mime
