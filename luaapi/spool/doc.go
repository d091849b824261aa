// Package spool keeps large bodies in files instead of memory. It knows no Lua.
//
//	dir := spool.NewDir("", 8<<30)
//	f, err := dir.New()
//	f.Write(chunk)              // and so on
//	m := mime.Parse(fields, f)  // it is a mime.Source
//	f.Close()
//
// A file has no name: it is gone when it is closed, however the process ends, and nobody else can open it. The bytes of all files of a Dir
// together are bounded, so that mail cannot fill the disk.
package spool
