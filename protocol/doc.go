// Package protocol speaks the milter protocol, versions 2 to 6, at both ends: ServerConn is the filter's, Client the MTA's.
//
// # On the wire
//
// A packet is a length (four bytes, big endian), a letter, and a payload; the length counts letter and payload. The MTA
// leads. It offers options (OPTNEG) and the filter answers which changes it may ask for (Actions) and which parts of
// the conversation it wants to hear of and will answer (Steps). Then the MTA tells what happens, one packet an event,
// each preceded by the macros that belong to it:
//
//	CONNECT HELO { MAIL RCPT... DATA HEADER... EOH BODY... EOM } ... QUIT
//
// Every event gets one reply, unless the filter negotiated not to answer it. ABORT and QUIT never get one. Only at EOM may
// changes come before the reply, and PROGRESS before them.
//
// # Decisions
//
// A stage that the MTA sends though the filter does not want it, or waits on though the filter does not answer it (older
// MTAs cannot be told), is answered with CONTINUE here; nobody above notices.
//
// A verdict that ends the filtering of a message or connection is kept and repeated should the MTA go on all the same; a
// message event outside a message is answered with TEMPFAIL. So there is never silence where an MTA waits.
//
// MTAs end a message in many ways: by ABORT, of which Postfix sends several, and also after a message that went well; by MAIL,
// HELO or QUIT. The filter gets one Abort for each message that is open then, with the macros of that message, and none
// otherwise. Only a connection that breaks is for the caller to notice.
//
// Macros follow libmilter's scopes, see Macros. Edits of the header give the same result on Postfix and on Sendmail, see
// HeaderEdit. Output is collected and written before the next wait for input: changes and verdict leave in one write.
//
// mfapi.h and mfdef.h of sendmail name everything; the names are given with each constant.
package protocol
