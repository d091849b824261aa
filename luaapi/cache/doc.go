// Package cache keeps what was found out at some cost, for a while, for all sessions of the daemon.
//
// Shared has caches by name, which share a number of bytes: when they are used up, what was not used for the longest time makes room,
// whichever cache it is in. Each cache has a number of values besides.
//
// What is not there is found out once, though many want it at a time: Look tells the first that it is theirs to find out, and gives the others a Flight to
// wait for. One lock guards all; what is done under it takes a microsecond.
package cache
