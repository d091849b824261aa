package main

import (
	"errors"
	"fmt"

	"luamilter/luaapi"
	"luamilter/luatest"
)

// docsCmd prints the reference, or what it says about names.
type docsCmd struct {
	Names    []string `arg:"" optional:"" name:"name" complete:"conn,msg,headers,field,body,part,verdict,neg" help:"What to look up: a hook, a module, a function or a field, as scripts write it. Default: everything."`
	All      bool     `help:"Print everything, on a terminal too."`
	Contents bool     `help:"Print only the names of everything there is."`
}

// Help is shown below the flags.
func (docsCmd) Help() string {
	return `Prints, in Markdown, what a script can use, and what files of tests have, as this version has it: signatures, hooks in which it works,
errors, examples. Without a name it prints everything, on a terminal the names only.

Examples:
  luamilter docs msg:add_footer conn.ip
  luamilter docs eom
  luamilter docs --all | less`
}

// Run prints what is made from the functions' own entries.
func (c docsCmd) Run(t *terminal) error {
	switch {
	case len(c.Names) > 0 && (c.All || c.Contents):
		return usageError{errors.New("--all and --contents go without names")}
	case len(c.Names) > 0:
		return c.lookUp(t)
	case c.Contents || !c.All && isTerminal(t.stdout):
		if err := luaapi.WriteContents(t.stdout, luatest.Modules()...); err != nil {
			return err
		}
		if !c.Contents {
			fmt.Fprint(t.stdout, "\nluamilter docs NAME says more of one, luamilter docs --all of all.\n")
		}
		return nil
	}
	return luaapi.WriteReference(t.stdout, luatest.Modules()...)
}

// lookUp prints what there is about each name; one that is unknown does not hide the others.
func (c docsCmd) lookUp(t *terminal) error {
	var unknown error
	for _, name := range c.Names {
		unknown = errors.Join(unknown, luaapi.WriteEntries(t.stdout, name, luatest.Modules()...))
	}
	return unknown
}
