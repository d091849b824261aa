// Package archive lists what is in an archive, and in archives inside it, without writing anything anywhere. It knows no Lua.
//
//	listing := archive.List(ctx, bytes.NewReader(attachment), int64(len(attachment)), archive.Defaults())
//	for _, e := range listing.Entries {
//		fmt.Println(e.Path, e.Size, e.Encrypted, e.Problems)
//	}
//
// # What is listed
//
//   - zip (and so Office documents, JAR, APK): zip64, several volumes as far as they go, names in CP437, UTF-8 and Info-ZIP's extra
//     field, self-extracting, without a directory. Content that is stored, deflate, bzip2, LZMA, xz or zstd is looked into.
//   - tar: v7, ustar, pax, GNU; alone or in gzip, bzip2, xz, zstd. A tar.gz is one archive and not one in another.
//   - gzip, bzip2, xz, zstd: one entry, with the name that the file says, or its own without .gz.
//   - 7z: Content that is stored, deflate, bzip2, LZMA, LZMA2 or zstd is looked into, not what went through filters or PPMd as well.
//   - rar: 4 and 5, self-extracting too. Stored content is looked into, and compressed content of RAR 5.
//   - cab, arj, lha, ace, iso, compress, lzip and lz4 are known by their first bytes, and listed is nothing.
//
// Whether an entry is an archive itself is told by its first 512 bytes, never by its name; only in *.iso and *.img 32 KiB are looked at.
//
// # What it may cost
//
// Data comes from strangers, so it is never an error: List returns what it found, and Problems that say what is wrong. Limits bound
// what is spent; each count is kept in one place (walk), for an archive and everything in it. Everything that a decoder gives out goes
// through a meter, which counts bytes, compares them with the bytes that went in, and looks at the context. A nested archive that has to
// be read from its end is kept in memory, out of the same allowance. So memory is bounded by Limits.Bytes, the dictionaries of open
// decoders (each at most 64 MiB, one for each level), and the entries. All dictionaries together may have 16 times Limits.Bytes, for each of them is
// cleared memory, which takes time.
//
//   - a bomb of zeros: ends at Limits.Ratio, else at Limits.Bytes.
//   - a zip in which entries share their data: Limits.Bytes, and a problem that says so.
//   - an archive that contains itself: Limits.Depth.
//   - a million entries: Limits.Entries. A zip, 7z or rar is listed first, and then looked into, so that nested archives cannot hide
//     what stands beside them.
//   - a dictionary of gigabytes: never larger than what may still be unpacked, as more cannot be referred to.
//
// # The files
//
// listing.go and limits.go are what callers see. walk.go has the state of a listing, meter.go counts, kind.go tells archives apart, name.go
// judges names. zip*.go, tar.go, sevenzip*.go, rar*.go and compressed.go read a format each, with cursor.go for numbers; decoders.go, lzma.go
// and xz.go have what unpacks.
//
// # Decisions
//
// The directories of zip, 7z and rar and the frame of xz are read here and not by libraries. A library made for honest archives allocates
// what a header claims: one for 7z has arrays for as many files as are claimed and dictionaries up to 4 GiB, one for rar gets each file's
// window while going from header to header, one for xz takes the dictionary's size from each block. That cannot be contained from outside, as
// running out of memory cannot be recovered from. The decoders are libraries' where their memory can be bounded; that of RAR 4
// may take 256 MiB because a bit in the data says so, and is left out.
package archive
