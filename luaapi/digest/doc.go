// Package digest is the hashes and checksums that scripts ask for by name. It knows no Lua.
//
// md5 and sha1 are here because lists and protocols name things by them; both can be forged, so nothing should be trusted because of
// them. crc32 (the one of zip and gzip) and xxh3 (64 bits) are quick and no protection at all: for keys of caches and for spreading work.
package digest
