// Package mail holds the message that a filter edits, its header, envelope and body, and the rules of RFC 5321, 5322 and 2047
// for what is put into them. It knows no Lua.
//
//   - message.go: the message at its end, the edits, and the packets that tell an MTA.
//   - params.go: ESMTP parameters. The syntax of addresses is at home in package address.
//   - value.go, tokens.go, encode.go, lines.go: the value of a header field. HeaderValue takes a text apart into tokens, encodes
//     those that are not ASCII, and lays all out in lines.
//   - date.go: reading the dates that others put there. ParseDate takes what real mail has. Other values are read by package fieldvalue.
//
// What is refused, is refused with an error that says what would be right: the author of a script reads it. What came from the
// MTA is never refused, however odd: a message must not fail for an address that was in its envelope all the time.
package mail
