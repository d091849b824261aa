// Package limit decides, over a store, what has come too often or too early: rate limits, greylists, and counts within a sliding window.
//
// Each answer is one step on one key (store.Decision), written in Go for memory and files and in Lua for Redis; storetest.Same proves that both
// are the same. Nothing is kept here: a Rate, a Greylist and a Counter are settings, which any number of goroutines, VMs and machines may use
// on the same store. All arithmetic is in whole numbers below 2^53, which are exact in both halves.
//
// # Rates
//
// A Rate is the generic cell rate algorithm in its form as a leaky bucket (ITU-T I.371, annex A): what is taken fills a bucket that holds a burst, and
// leaks at the rate. So there are no windows at whose ends twice as much gets through. What is refused fills nothing, and is not written down: one
// who tries all the time gets what the rate allows, and costs a file no writes.
//
// # Greylists
//
// A Greylist keeps a triplet for client network, sender and recipient, as a hash: the store does not tell who writes to whom. A triplet
// waits, or has passed. A network whose triplets have passed often enough is known, and does not wait any more; that is a second key, counted
// after the triplet has passed. What is lost between the two steps is one in that count.
//
// # Counters
//
// A Counter divides its window into slots, and forgets one slot after the other. What is counted has come within the window, and at least
// within all of it but a slot. Different values are an exact set of hashes of 64 bits, up to a number; beyond it the oldest make room, so
// that the answer is that number for as long as there are at least so many. A HyperLogLog would count on, but Go and Redis would have to
// agree about every bit of it, for an answer that nobody limits by.
//
// # Time
//
// Steps are told the time by the machine that asks. One whose clock is behind sees what the other has taken; nothing leaks twice. A time that is more than
// a minute ahead is that of a clock that was wrong, and counts as nothing.
package limit
