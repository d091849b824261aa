// Package schedule runs what is to happen every so often: once in a daemon, and where daemons share a store, once among them all. It knows
// nothing of Lua.
//
// # Turns
//
// A turn is a point on the clock, not so long after the one before: with 5m those at :00, :05 and so on, whatever the time of the start. So
// nothing must be remembered for the period to go on over a reload, a restart or a hand-over, and all daemons mean the same turn without
// talking about it. A turn that nobody could run is lost; nothing is made up for.
//
// # Once among all
//
// Where the store is not Local, whoever first adds the key of a turn to it runs that turn (claim): one round trip, and nothing to renew or give
// back. A daemon that dies costs the turn that it had taken. The key outlives the turn by a minute, for clocks that differ. That the runs of
// two daemons never overlap is not promised: a lock would have to outlive the daemon that holds it, and cost more turns than the death.
//
// # How it runs
//
// Run is one goroutine, which sleeps until something is due, and sleeps for good when there is nothing. Each run of a job has a goroutine, so that a
// slow one puts off no other; a job that is running is not begun again, and its next turn is the first one after its end. Tests that have
// a clock of their own use Next and RunDue instead of Run.
//
// Set replaces the jobs. One that was there before, known by whose it is and its name, keeps its turn and its counts.
package schedule
