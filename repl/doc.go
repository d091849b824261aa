// Package repl lets a person try the API of scripts on a message, line by line.
//
// A Prompt plays one message to the scripts that are given, over a real session of the engine (package simulate), and asks for lines at its
// end: engine.Console runs them in a script of its own, behind the others, with the sandbox and the budgets that all hooks have. What is
// typed changes the message as a script would; nothing leaves the process.
//
// Lines come from a Reader: an editor on a terminal, or whatever is piped in.
package repl
