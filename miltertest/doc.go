// Package miltertest runs scripts that were written for miltertest, the milter client of the OpenDKIM project, without it.
//
// A script is a Lua program that plays the MTA: functions in the table mt send the events of a conversation, one each, and tell what
// the filter answered. docs/miltertest.md describes them and says what differs from the program of that name.
//
//	Program.Run        a Lua state, the script, the end of the filter that it started
//	library            the functions of mt; arguments reads what scripts give to them
//	conn               one connection to a filter: its state, and what was said at the end of a message
//	steps              the parts of a conversation in their order, with what is sent of those that a script leaves out
//	filter             a filter that the script starts
//
// # Decisions
//
// The facts are those of version 1.6.0 as it behaves, where its manual page says otherwise. In the order of the arguments of
// mt.negotiate, in the host that mt.conninfo makes up, and in what MT_SMTPREPLY compares, scripts rely on that.
//
// A script is its user's own program: it has the whole of Lua's library, and nothing bounds it.
package miltertest
