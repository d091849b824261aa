// Package format reads lists in the formats that administrators have them in, and gives their entries one by one. It knows nothing of what
// becomes of them.
//
//   - format.go: the formats, and Read.
//   - lines.go: a word, or a line, for each entry.
//   - csv.go, json.go: what other programs write.
//   - postfix.go: logical lines, texthash, cidr and regexp: Postfix's tables as text (postmap(1), cidr_table(5), regexp_table(5)).
//   - cdb.go: constant databases (cr.yp.to/cdb).
//
// Errors say the line. What Postfix only warns of and leaves out is an error here: a list that is half read lets mail through that it should
// not.
package format
