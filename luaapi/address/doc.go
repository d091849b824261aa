// Package address reads addresses as people and programs really write them, and writes them as RFC 5322 wants them. It knows no Lua.
//
//   - syntax.go: what an address is (Check), its two halves (Split), quotes. Everything that goes into an envelope passes here.
//   - mailbox.go, list.go, words.go, lex.go: ParseList, from the value of a header field to mailboxes. lex.go takes the text apart into
//     tokens, list.go divides these among mailboxes and groups, words.go makes names and addresses of them.
//   - problem.go: what was odd about a text.
//   - format.go: Format, the way back.
//   - domain.go, suffix.go: IDNA, and the domain that an organization registered (public suffix list).
//   - same.go, extension.go: are two addresses one mailbox; user+extension.
//
// # Reading
//
// ParseList never fails. What RFC 5322 allows, also in section 4 (what is obsolete), is read as it says. Of anything else, the reading is
// chosen that a person would choose, and Problems say what it was: so `Doe, Jane <jane@example.com>` is one mailbox, because a name
// followed by a comma is no address. Where there is an opening quote, parenthesis or bracket, but none that closes it, it counts as a
// character like others.
//
// An address has two forms. Mailbox.Local is what the local part means, without quotes. Mailbox.Address has quotes where it needs them,
// and no others, so that it can go into an envelope. Domains of Mailbox.Domain are in lower case; the address keeps its letters.
//
// A text is read once, from left to right, without recursion. The lexer never looks at a byte twice but where something is not closed;
// it remembers that, and looks no more for what closes. So time and memory grow with the length, whatever the text is.
//
// Encoded-words (RFC 2047) are decoded and encoded by functions of the caller, since charsets are a matter of their own.
package address
