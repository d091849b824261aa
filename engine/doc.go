// Package engine runs Lua scripts as a milter.
//
// # The walk of one event
//
//  1. ServerConn.Next (package protocol) returns an event such as protocol.Mail; macros that came before it are stored.
//  2. session.handle notes what the event says: facts for conn, recipients, fields and chunks as far as the scripts need them.
//  3. chain asks the scripts in their order. lease.take sees that there is a VM of the script with its data tables in it.
//  4. invoke makes the call current (luaapi.Env), starts the budget, and calls the hook in protected mode.
//  5. luaapi.Verdict turns what came back into a reply; an error becomes the on_error verdict. The chain stops at a refusal.
//  6. session.answer sends the reply, or holds a verdict that nobody waits for until the next reply.
//  7. At the end of the message, endOfMessage sends the changes of all scripts and the verdict together (ServerConn.Finish).
//
// # Decisions
//
// A Program is what Load makes of a set of scripts and never changes; a session keeps the one it began with, so a reload
// swaps a pointer.
//
// A reload makes a Release: a program for each listener, which come into use together. A release on trial gets a share of the new
// connections until it is settled. A program that is not used any more lets its VMs go as they come back.
//
// Everything is counted once, in a tally that belongs to the session, and added to the engine's counts under a lock when the session has
// nothing to do, or after 32 messages. Shared atomic counters would cost each hook more than the hook itself where there are many
// processors. The time of a short hook is a sample of one in 16: with two looks at the clock for each, an empty hook took 80 ns longer.
//
// A script that is only observed runs as the others do; its verdict is logged and forgotten, its edits are taken back from a snapshot. An
// error in it amounts to nothing.
//
// What the MTA is asked for follows from the scripts' text (analyze) and from the byte code of their hooks: one that has no
// return with a value needs no reply.
//
// A script's modules are found when it is loaded, by the names in its text, and are part of it: compiled once, read for the negotiation
// as the script is, never looked for again.
//
// An error in a script is a ScriptError, whatever it is and whenever it shows. Those of a running daemon go through failures, which counts
// those that come again; the work of explaining one is done for the first only.
//
// A program of ours that plays the MTA (package simulate) brings its own end of a connection to Attend, and is shown each hook of it.
//
// What is recorded (package record) is seen on the connection itself, which Engine.Tap may replace before anything is read. So a session knows
// nothing of it, and one that is not recorded pays nothing.
//
// Timers (timers.go) belong to a release: package schedule says when, and timerRun is then to a timer what a session is to a hook. Both are
// work, which is what luaapi.Host and turns have alike for the two.
//
// What scripts count themselves (luaapi/metric) belongs to the engine, by listener and script, and goes on over reloads. What a name means
// belongs to a release: a script may be edited to count otherwise while sessions still run its text of before.
//
// A VM is leased for as long as events keep coming. When a connection is quiet for 50 ms its data tables are copied out and the VM
// goes back, so VMs follow the work and not the connections. When there are more VMs than are kept, it goes back at once.
//
// A VM has one script. With all scripts in one it would be smaller; but then library tables and strings' methods would be shared, an
// error would cost every script the data that cannot be copied, and globals would be found by a detour.
//
// Hooks that compute for longer than a third of a millisecond take turns, one fewer at a time than there are processors, and offer their
// processor to other threads at every look at the clock. Measured with four endless loops on two processors, beside a client on
// the same two: without turns the 99th percentile of other mail was 22 to 30 ms, with turns 1.4 ms, with yielding 0.6 to 0.7 ms;
// quiet it was 0.25 ms. Turns of 1 ms, pauses between turns, and more than one GOMAXPROCS per processor were no better.
//
// What is left is the collector: with two or three processors its workers run for up to 13 ms at a time while it marks (with four or
// more one of them is set aside for it). So what lives is kept small and what hooks allocate slow, and not each by itself but all
// together: an eighth of the limit in a second. With a whole file of bombs on four connections, each set off, the 99th percentile of good mail
// was 0.9 ms; 1.6 to 3.3 with a quarter.
//
// A chunk of a body is handed to scripts in one of three ways. Where the text of every body hook shows that it only looks at its chunk, the
// chunk stays in the buffer that it was read into (luaapi.Env.Lend, lint.Source.OnlyRead). Else a large one is kept with its buffer, which is
// then not used again (protocol.ServerConn.KeepChunk), and a small one is copied.
//
// Tests load programs otherwise: Options.Clock is the time that scripts are told, Options.Rotate and Engine.ParkAfter 0 give each event another
// VM, and Options.Coverage compiles a counter in front of each statement, since gopher-lua tells nobody which line it runs. A Suite is a file
// of Lua that runs by itself with the same care.
//
// Sessions are served by a few workers (package poll), each command by whoever is free, and have no goroutine while they wait for the MTA. A hook
// that waits, or computes for long, leaves its worker's place to another one (work.aside), and goes on where it is. On a pipe, and where there is no
// epoll, a session has a goroutine: one that is used again, because its stack has grown with the scripts; while it is idle it waits in one with
// a small stack. With a goroutine for every session, w4 at 128 connections took a quarter more CPU time a message, and its slowest message in a minute
// 65 ms instead of 40.
//
// What a hook waits for (session.Wait) runs in a goroutine of its own, which must end soon after its context does; the hook's goroutine waits for it
// in any case, so that nothing outlives the hook that began it. The time limit of the hook ends the hook, whatever the script catches.
//
// The keep-alive of a long eom hook is sent by the hook's own goroutine, from the instruction counter and from host calls
// that wait; so nothing but the session ever writes to its connection.
package engine
