// Package storetest says in tests what every store does, and what decisions do in each of them.
//
// Run is the conformance suite of stores. Same plays one random sequence of steps against two stores, which must reply alike: with a Memory as one of
// them it proves that the Go and the Redis half of decisions are the same. Bench is the benchmark of all of them.
package storetest
