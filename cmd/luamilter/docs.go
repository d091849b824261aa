package main

import (
	"luamilter/luaapi"
)

// docsCmd prints the reference.
type docsCmd struct{}

// Run prints the reference that is made from the functions' own entries.
func (docsCmd) Run(t *terminal) error { return luaapi.WriteReference(t.stdout) }
