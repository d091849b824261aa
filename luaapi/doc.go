// Package luaapi is what scripts can reach: the data table conn, the message msg, verdicts, and modules, each in one file.
//
// Open makes a VM safe and gives it everything. For each hook the engine describes the event in a Call, hands it to the VM's Env with
// Begin, calls the Lua function, and takes it back with End; what the functions do, they do to that Call. Outside a hook there is none,
// and they say so.
//
// To add a function, add an entry to its module's list, and an example to examples/MODULE.lua: they are its documentation too, from which the
// reference (reference.go, lookup.go), the types for editors (types.go, luacheck.go) and the checks are made. The engine's tests run the
// examples. What functions give or take as tables with fields is an entry too (shapes.go). Three rules keep it correct:
//
//   - A function works on the *lua.LState it is given, never on Env.L: it may be called in a coroutine, which has arguments and a stack of
//     its own. Env.L is good for making tables.
//   - What changes a message goes through Env.self, and so through Env.message, which knows nothing of a message outside eom.
//   - Objects that scripts can keep (msg, headers, an iterator) check that they belong to the running hook, or hold a copy: another
//     connection may have gone on with the original.
//
// A function that asks others, such as a server, leaves that to Env.await (await.go): it says what to do outside the VM, and what to push when
// that is done. So the hook waits off its CPU budget, and parallel.call can make several at once; a module whose functions all do so is in the
// list "waiting". What is asked is in Services, which tests fill with fakes (luatest). A lookup that may fail has a timeout and on_error (patience).
//
// Errors begin with the function and name the argument, so that the line in the log says what to mend.
package luaapi
