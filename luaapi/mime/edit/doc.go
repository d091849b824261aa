// Package edit changes messages without touching what is not meant: an edit is a list of ranges of the old body with what comes in their
// place, and every other byte stays. It knows no Lua.
//
//	m := mime.Parse(fields, mime.Text(body))
//	e, reason := edit.AddFooter(m, edit.Footer{Text: "Sent by Example Ltd.", Once: true})
//	if reason == "" {
//		body = e.Apply(m.Root.Source)   // and e.Fields go into the header
//	}
//
// Each edit is of one message. For another, Edit.Message takes the result apart anew: simple, and what a later script sees is what will go out.
//
//   - edit.go: Splice and Edit. reason.go: why nothing was changed.
//   - footer.go: AddFooter and AddBanner. bodies.go: the parts they go into. once.go: whether it is there already.
//   - plain.go, html.go: where in a text. tags.go: the tags of HTML. convert.go: text becomes HTML, and back.
//   - part.go: RemovePart and ReplacePart. note.go: what is there instead.
//   - content.go: additions to one part; text.go, shift.go, portable.go: in its charset; transfer.go, base64.go, quoted.go: in its transfer encoding.
//   - header.go, param.go: the header of a part.
//
// # Where a footer goes
//
// Into every text of the body: all alternatives of multipart/alternative that are plain text or HTML, the root of multipart/related, of other
// multiparts the first part that has text. If it cannot go into one of them, it goes into none: alternatives say the same. Attached messages
// are of somebody else. A message without text, such as a scanner's, gets none: to wrap it in a multipart would change what it is. A
// calendar beside a text has no place for it.
//
// In plain text it comes last, after a blank line: behind a signature too, so that replies, which leave out signatures, leave it out. In HTML
// it comes before the last </body>, or the last </html>, or at the end; a banner behind <body>. What is in comments, scripts or quotes does
// not count, and if one of those is not closed, the footer comes before it, or nobody would see it.
//
// # Charset
//
// What is added is in the charset of the part. In HTML, what that has no place for becomes &#8364;, so nothing else changes, nor does a
// charset in <meta>. Plain text in such a charset becomes UTF-8 as a whole, and so does its parameter charset; but text that is broken in its
// charset, or of an unknown one, is not converted: there the addition loses its accents, and what is left becomes question marks. Text
// without charset that is valid UTF-8 is taken for that. UTF-7 is left alone.
//
// # Transfer encoding
//
// In quoted-printable the addition is lines of its own between soft breaks. In base64 only the group of four characters is rewritten where it
// goes in; at the end that is the last one, and in HTML the addition is filled up with line ends until the groups behind it are the same. A
// banner in plain text has the content behind it encoded anew. Text without encoding gets one, quoted-printable, only if the addition is not
// ASCII and all else is, if a line is longer than 998 bytes, or if a line would be a boundary.
package edit
