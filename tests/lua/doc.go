// Package lua holds tests that compare what scripts get here with what the lua5.1 program does, which is the measure.
//
// oracle_test.go runs a lua5.1 that answers any number of questions: a chunk of Lua, and a text to give it. It knows nothing of what is
// compared.
package lua
