// Package base64 reads base64 as it comes (RFC 4648), and writes both of its alphabets. It knows no Lua.
//
// Decode is strict: one alphabet throughout, no line breaks, zero bits at the end; padding may be there or not. DecodeLenient is for text that mail
// programs made or broke: it takes both alphabets, leaves out what is in neither, and goes on behind padding.
package base64
