// Package mime compares package luaapi/mime with Python's email package: thousands of generated messages must have the same structure, names,
// contents and texts in both. Left out is what the two read differently on purpose:
//
//   - two boundary lines in succession are an empty part for us, as in mail readers, and one boundary line for Python;
//   - a line without colon ends a header for Python;
//   - base64 behind padding, and "==" in quoted-printable;
//   - attached messages in base64, which Python does not decode;
//   - message/delivery-status and message/external-body, which for us have no parts.
package mime
