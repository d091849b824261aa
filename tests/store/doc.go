// Package store tests the state of scripts with real programs: the stores in a real Redis, alone, behind sentinels, as a cluster of one and with TLS; and the
// daemon with a store in a file, killed and replaced while it is written to.
package store
