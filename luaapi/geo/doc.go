// Package geo tells where an IP address is and which network it is in, from files in MaxMind's DB format (GeoLite2, DB-IP and others).
// It knows no Lua.
//
//   - place.go: Place, and Source, which has two kinds: Databases for files, Table for tests.
//   - databases.go: the files, read anew when they change.
//
// A file is read into memory and not mapped, though that would be shared and quicker to open: a program that writes over a mapped file instead of
// renaming a new one into its place would end the daemon (SIGBUS). GeoLite2's countries are 10 MB, cities 60.
package geo
