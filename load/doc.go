// Package load is the MTA for a filter that is measured: whole messages over many connections, as Postfix sends them, with every reply
// checked. luamilter bench and tests/load use it.
//
//	g := load.Generator{Network: "unix", Address: path, Connections: 16, Bag: load.NewMailbag(load.Usual.Messages())}
//	sample, err := g.Timed(ctx, warm, length, pid)
//
// A Mailbag encodes its messages once for each result of a negotiation, cut where the filter has to answer (plan.go): all that needs no reply
// leaves in one write, macros before every event, bodies in chunks of 65535 bytes, nothing that was negotiated away. A Player (player.go)
// writes that over one connection, with a queue id of its own for each message, and holds what comes back to the protocol and to what the
// message expects (check.go). So the generator costs less than what it measures. A run (run.go) has a worker for each connection.
//
// With a rate, messages are due at fixed times, and their latency counts from then: a filter that stalls makes all wait that were due
// meanwhile, not only those that it stalls on.
//
// What the filter uses is read off /proc for its process and all that descend from it, with CPU times to the nanosecond (process_linux.go).
// Who listens on a socket is found there too (listener_linux.go).
package load
