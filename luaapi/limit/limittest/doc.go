// Package limittest says in tests what rates, greylists and counters do in every store.
//
// Run is the conformance suite. Any makes steps for storetest.Same.
package limittest
