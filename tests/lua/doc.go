// Package lua holds tests that compare what scripts get here with what the lua5.1 program does, which is the measure.
//
// oracle_test.go runs lua5.1 in two ways, and knows nothing of what is compared. newOracle's goes on answering any number of questions: a
// chunk of Lua, and a text to give it. ask has one that answers each line of its input with a line, in a time zone of its own.
package lua
