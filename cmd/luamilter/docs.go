package main

import (
	"luamilter/luaapi"
	"luamilter/luatest"
)

// docsCmd prints the reference.
type docsCmd struct{}

// Help is shown below the flags.
func (docsCmd) Help() string {
	return `Prints, in Markdown, every hook, every function and every field that a script can use, as this version has them; and what
files of tests have.

Examples:
  luamilter docs | less
  luamilter docs | grep -A 5 add_header`
}

// Run prints the reference that is made from the functions' own entries.
func (docsCmd) Run(t *terminal) error { return luaapi.WriteReference(t.stdout, luatest.Modules()...) }
