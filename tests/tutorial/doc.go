// Package tutorial does what docs/tutorial.md tells a new user to do, in an empty folder, and compares what is shown.
//
// In the page, a block that is marked with a path is a file; one that is marked console has commands, each behind "$ ", and what they write at
// a terminal. A line "..." stands for any number of lines. Paths, ports and times are made the same before they are compared. To
// write what the commands show now into the page:
//
//	go test ./tests/tutorial -run TestTranscript -update
//
// where a block has "...", only the reader can know what to leave out, and it stays.
package tutorial
