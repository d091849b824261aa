// Package charset turns text of the charsets that mail uses into UTF-8, and back. It knows no Lua.
//
//   - charset.go: Decode and Encode.
//   - names.go: the charsets, and the names mail gives them.
//   - utf7.go, korean.go: UTF-7 and ISO-2022-KR, which golang.org/x/text does not have.
//
// Nothing is ever refused: mail is read as well as it can be, and what could not be read for certain is flagged. A byte that means
// nothing becomes U+FFFD. Text of a charset that is not known is taken for UTF-8 if it is valid UTF-8, else for windows-1252, which has
// a character for every byte.
//
// Charsets are read as mail readers read them, which is as the senders meant them and not always as they are defined: ISO-8859-1 as
// windows-1252, ISO-8859-9 as windows-1254, GB2312 as GBK, KS C 5601 as windows-949.
package charset
