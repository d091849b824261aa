// Package maps is lists that scripts look things up in: texts, networks, domains, expressions, and tables of keys and values; from files, from
// web servers, and from databases. It knows no Lua.
//
// A Pool has the maps of a daemon. Opening the same Spec twice gives the same Map, so all scripts and their VMs share it, and a reload of the
// scripts finds it as it is. A Map is in memory (Loaded), or it asks a server for each key (live.go).
//
//   - spec.go: what a map is and where it comes from, read from what a script writes: "/etc/luamilter/blocked.txt", "texthash:...", a URL.
//   - kind.go, build.go: the kinds, and how one is built from the entries of a list.
//   - exact.go, domain.go, network.go, cidr.go, regex.go, rules.go: how each kind finds.
//   - index.go: the memory that a million texts take.
//   - map.go: Map, and how it is replaced while others read it.
//   - origin.go: the text of a file or of a web server, and whether it is another one now.
//   - live.go, cache.go: keys that a server is asked for, with what keeps an outage from costing more than one time-out.
//   - pool.go, watch.go, status.go: all maps, what keeps them fresh, and what monitoring is told.
//
// The formats are in format, the drivers of databases and directories in live, HTTP in fetch.
//
// # Decisions
//
// A list is built anew beside the old one, and one pointer is swapped. A list with a mistake is not used, however small the mistake: the old one
// stays, the log says which line. Of two entries with one key the first counts, as in Postfix.
//
// An index is one string with all keys and values, and a hash table of 8 bytes a slot that says where each lies. Measured with
// a million domains of 24 bytes on a busy machine (BenchmarkDomain): 1.2 s to read, 36 bytes of memory for each, 0.4 µs to find one, 1.0 µs to
// find one two levels below, 0.6 µs to find none. The hash has a secret seed, so that nobody can write a list that makes it slow.
//
// The drivers make the binary larger, from 37.4 to 50.3 MB with symbols.
//
// What is read from a server is kept for a while, and longer when the server does not answer: an answer of yesterday is better than none.
package maps
