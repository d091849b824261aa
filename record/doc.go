// Package record keeps the connections of MTAs in files, packet by packet, and reads them back.
//
//	dir, err := record.Open(record.Options{Path: "/var/lib/luamilter/recordings", Sample: 1, Size: 1 << 30})
//	nc = dir.Tap(nc, "default", id, nil)           // nc is recorded from now on, or is what it was
//	err = dir.Close()
//
//	rec, err := record.Load("20260105T120000.000000Z-t8x1-3.rec")
//	for _, p := range rec.Packets { ... }
//
// # The file
//
// A recording is one file for one connection. Two lines of text begin it, the second a JSON object (Head). Then come packets, in the order in
// which they went over the wire, each a line, the bytes of the packet without the length that they have on the wire, and a line end:
//
//	luamilter recording 1
//	{"conn":"t8x1-3","listener":"default","began":"2026-01-05T12:00:00Z","bodies":"keep","scripts":["greylist.lua"]}
//	M 18 13
//	O.............
//	F 211 13
//	O.............
//	E 5210 closed
//
// M is a packet from the MTA, F one from the filter; then microseconds since the beginning, and the number of bytes. The first byte is the
// command or response (mfdef.h). E ends a recording and says why: closed, or what stopped it before the connection ended. A file without an E
// was cut off by a crash, and counts up to its last whole packet. The number in the first line changes with whatever else here changes.
//
// # What it may cost
//
// A connection that is not recorded costs nothing. Of one that is, the session copies what it reads and writes to a queue; a goroutine writes that
// to the disk. The queue is bounded, each and all together. If the disk is too slow or full, the recording stops with one warning, and for
// a minute no other begins. The oldest recordings make room for new ones.
//
// A recording has mail in it. Files have mode 0600 and are made in the folder itself, which is opened once and must not be reached over a
// symbolic link.
package record
