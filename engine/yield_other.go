//go:build !linux

package engine

// yield does nothing where it is not known to help.
func yield() {}
