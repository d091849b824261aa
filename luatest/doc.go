// Package luatest runs tests of scripts that are written in Lua: files NAME_test.lua beside the scripts.
//
// Run finds the files and runs each in a VM of its own, which has what scripts have and the functions of Modules. A test opens a session, a
// connection of the simulated MTA of package simulate to a real engine with the scripts under test, and says what it expects of it.
//
//   - collect.go: the file level calls describe and it, which note the tests and run none.
//   - runner.go, file.go: each file runs by itself, several at a time.
//   - programs.go: where the scripts under test are loaded, once for each set of settings. Whatever else they are to get that is not real,
//     such as answers of name servers, is given to them here.
//   - session.go, send.go: a session's steps, and whole messages.
//   - result.go: what came of it, as Lua sees it.
//   - expect.go, expectresult.go: expectations; failure.go, diff.go: what is said of those that are not met.
//   - text.go, junit.go, tap.go, cover.go: what is written of it all.
//
// # Each test runs twice
//
// A script that keeps data of a connection in a variable of the file works as long as the connection keeps its VM, and as long as no other
// connection had that VM before. So the tests of a file run once with VMs that are new in each session and stay with it (Fresh), and once more
// with VMs that other tests have used, and from event to event with another one (Used). The file of tests is loaded for each of the two, so
// that its own variables are as the test expects.
//
// The MTA does not offer to go without replies, so that a step is over when it returns: what a script logs, counts and says is there, and errors
// show at their own stage.
//
// # Time
//
// The clock stands at Start when a test begins, and moves only with advance, which runs timers on its way, and with time.sleep in a script. So tests do not wait, and what they see of the
// time is always the same.
package luatest
