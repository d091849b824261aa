// Package store keeps what scripts remember across connections: in memory, in a file, or in Redis for several machines.
//
// # The heart: one decision, one step
//
// Everything that is more than reading a value is a Decision: an atomic step on one key, which sees what is there, may change or delete it, and
// replies. Setting a value is one, counting, adding to a set; a rate limit and a greylist are others, which live elsewhere. A decision is written
// twice: in Go, for memory and file, where the step runs under a lock or within the writer's transaction; and in the Lua of Redis, where
// it is one round trip. Package storetest proves that both are the same.
//
// So a backend (Store) is small: Get, Decide, Close. There are three: Memory, File, Redis. Open finds the one that a URL means.
//
// # Names
//
// A Space is the part of a store that belongs to one script, and is what callers use: Get, Set, Add, Incr, CAS, Delete, the sets SAdd, SRem, SHas,
// SCard, and Decide for decisions of their own. A key is kept as SPACE:KIND:KEY. A decision has a kind, so a set and a value of one name are two
// things, and a decision never finds what it does not understand.
//
// # Time
//
// What is kept ends at a time, to the millisecond, or never. Nothing that is past its time is ever seen, whether it is removed yet or not. A decision is told
// the time by the machine that asks, also with Redis: machines that share one must agree about the time to a second.
//
// # Errors
//
// An error of a backend means that it is not known whether the step was done: an answer may be lost after it. Without an error it is done,
// and with a file it is on the disk. All types are safe for use by several goroutines.
package store
