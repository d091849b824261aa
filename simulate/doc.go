// Package simulate is an MTA in the process: it plays SMTP sessions to scripts and does with their answers what Postfix does.
//
// A Filter is an engine with one program. Open gives a Session, a connection to it: a real session of the engine at the other end of a pipe,
// over protocol.Client, so that negotiation, macros and packets are those that an MTA would exchange. A Session is told one step after the
// other (Connect, Helo, Mail, Rcpt, ...), or a whole message at once (Send). Filter.Play is all of it for one message on a connection of its
// own.
//
//	f := simulate.NewFilter(program, log)
//	defer f.Close()
//	result, err := f.Play(simulate.DefaultClient, simulate.NewEnvelope("a@example.com", "b@example.net"), simulate.ReadMessage(text))
//
// Each step gives an Answer: whether the filter was asked, and what it said. What was decided for the connection or the message stands for
// the steps that follow, which the filter does not hear of any more, as with Postfix. A Result is what became of a message: where the
// verdict fell, the changes in the order in which they came, each hook that ran with its time, and the message as the next hop gets it.
//
// Attach gives a session with any filter, at the other end of a connection: luamilter probe is that, with the answers written down.
//
// # What Postfix does
//
// Macros come before each command, from Postfix's default lists or those that the scripts ask for; the queue id is not known before the first
// recipient was accepted. A refused recipient is left out, and a message without any goes no further. After a final verdict at CONNECT or HELO
// the connection to the filter is closed. ABORT comes before the next MAIL, whatever became of the message before it. Header fields are counted
// with Postfix's own Received above them, which the filter does not see and a change does not find. Stray CRs become blanks, fields are cut
// at 60,000 bytes, and a line that is no header field ends the header. All of this was seen with Postfix 3.7.
//
// An MTA whose Kind is protocol.Sendmail has Sendmail's macros, its queue id from MAIL on, and changes of the header come out as Sendmail does them; the rest
// stays as Postfix has it.
//
// An error of a step means that the conversation is lost: the filter broke the protocol, which is a bug of ours where it is the engine. Whatever scripts do wrong
// is in the answers and the hooks.
package simulate
