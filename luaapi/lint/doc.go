// Package lint reads one Lua script without running it, and answers three
// questions about it.
//
// What does the script mention? A mail filter that never says msg.body needs
// no bodies, and one that never says conn.helo needs no HELO: the milter
// negotiation follows from the names in the text. The answers err towards
// "mentioned". An event too many costs a packet; an event too few breaks the
// script.
//
// What looks wrong? Check knows the mistakes people make: a hook nobody calls
// because its name is misspelt, an action outside eom, a forgotten local, a
// counter in a variable that belongs to a VM and not to a connection. Here the
// balance tips the other way: a finding is made only where the text leaves
// little doubt, for an administrator who is shown false alarms stops reading.
// Types are followed only where they are certain: through the parameters of
// hooks that nobody else calls, what require gives, fields and results of the
// API, and locals that are assigned once. What the API has comes as plain
// values (API), made from the entries that the reference is made of too.
//
// Each finding belongs to a rule with a stable name; docs/check.md has them
// all with examples, which are the tests.
//
// What is an error about? Lua says "attempt to index a nil value" and a line;
// Explain looks at the line, and names the value where only one can be meant.
//
// The work is done in this order:
//
//	lex.go      tokens: limits before parsing, columns and unclosed blocks after
//	parse.go    gopher-lua's parser, fenced in
//	scope.go    which identifier is which variable, and every use of it
//	flow.go     where conn, msg and macros go, without regard to order
//	source.go   the answers to the first question
//	types.go    the type of an expression; callee.go: which function is called
//	survey.go   statements, comparisons and loops, for rules about these
//	check.go    the answers to the second, one file per family of rules;
//	            rules.go has their names, ignore.go what comments silence
//	explain.go  the answer to the third
//
// Nothing here needs a VM, and a Source never changes once Parse returned it.
package lint
