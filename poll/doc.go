// Package poll serves many connections with few goroutines: as many as there are processors, however many connections are open.
//
// # Why
//
// A goroutine for each connection is the simple way, and what a milter's conversation is worst at: after each of up to 30 answers a message
// the goroutine reads, finds nothing, is put aside, and is woken for the next command. And those that have something to say
// are served in the order of run queues, by processors that steal from each other, so that one in a hundred thousand waits for long.
// Here the kernel's list of who has something to say (epoll) is worked off in its order, by whoever is free; what is read is there.
// docs/performance.md has the figures.
//
// # How
//
// A Poller has workers. One of them leads: it waits for events. What it finds is put in a queue that all workers take from, so that nobody has events
// that wait behind a long one. Whoever finds events without having to wait for them has another worker join in.
//
// While others work it waits with all that the Go scheduler knows about waiting, since the kernel's list is itself something that Go's own poller
// can wait for. Once it is alone it waits in the kernel, which costs less, but keeps one of Go's processors for up to some 10 ms. Between the list and
// Go's poller there is another list (the bridge), which has an event for Go only while somebody waits there.
//
// A worker that serves a connection must not wait for anything else. Where that cannot be avoided, as in a filter that asks a server, Conn.Leave has
// another goroutine take its place. Whoever does not do that and takes long is found out by the clock, and replaced as well.
//
// Events are edges: a connection is in the kernel's list when something new comes, and not as long as something is there. So a read that returns less than it
// has room for ends the matter, without another that returns EAGAIN, and nothing has to be armed again.
//
// Only Linux has epoll. Elsewhere New returns nil, and whoever uses it serves each connection in a goroutine.
package poll
