// Package replay plays stored mail through scripts without an MTA and tells what becomes of it.
//
// A Player has a program and, to compare, an older one. Play takes files that package corpus found and plays each message over a
// connection of its own (package simulate), several at the same time, and gives them back one by one in their order: a Message says who sent
// it to whom, from where, and its Outcome; with an older program also what that made of it, and in which respects the two differ. The Summary
// has what all of them came to: totals by verdict and script, the time of each hook, and the errors by the line of the script. All of these
// are plain structs that can be written as JSON or shown in any other way.
//
// The client and the envelope are those of the message's first journey, as far as its header tells: see Given.
package replay
