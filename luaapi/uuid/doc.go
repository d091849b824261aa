// Package uuid makes and reads UUIDs (RFC 9562): random ones (version 4), and ones that begin with their time, so that they sort by it
// (version 7). It knows no Lua.
package uuid
