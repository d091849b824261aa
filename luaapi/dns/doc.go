// Package dns asks name servers, for scripts. It knows nothing of Lua.
//
// A Resolver is a stub resolver: it asks servers that do the walk from the root themselves, such as unbound on the same machine, and
// keeps what they answer for as long as they say.
//
// # The walk of one lookup
//
//  1. Question checks the name and makes it ASCII. A name that cannot exist has no records; nobody is asked.
//  2. Resolver.Cached answers from the cache. What follows may wait.
//  3. Resolver.Lookup joins a lookup of the same question that runs already (a flight), or starts one.
//  4. The flight asks the servers one after another, those that answered last first (upstreams, server).
//  5. server.ask sends one question from a socket of its own, over UDP and, if the answer does not fit, over TCP. What is not the answer
//     to that question is ignored.
//  6. answerOf follows the aliases in the answer, collects the records, and finds how long all that is good for.
//
// # Decisions
//
// That a name does not exist, or has no such record, is an answer without records. An error means that nobody knows: no server answered,
// or they said that they cannot find out. It is kept for a few seconds (RFC 9520), so that a broken zone costs one time-out and not one
// for each message.
//
// A server that misses a few answers in a row is not given up for that: a sender chooses the names, and some of them have name servers
// that never answer. It is asked for the root, which any resolver knows, and is given up only if it does not answer that either. From
// then on nothing is asked of it but the root, now and then, until it answers. While no server is left, lookups fail at once: an outage
// costs a time-out for the few lookups at its begin, and not one for each message.
//
// An answer is taken only if it comes from the server's address (the socket is connected), has the question's random number, and repeats
// the question; with Options.RandomCase, letter by letter. The port is chosen by the kernel for each question.
//
// Several sessions often ask the same at the same time. They share a flight, which does not end with the first of them: it ends by its
// own time limit, and what it brings goes into the cache.
//
// Aliases are followed within an answer, up to maxAliases. Servers that recurse send the whole chain (RFC 1034 section 4.3.2).
//
// Search lists are never applied: names from mail are complete.
package dns
