package main

import (
	"fmt"
	"io"
	"os"

	"luamilter/miltertest"
)

// miltertestCmd runs scripts for OpenDKIM's miltertest.
type miltertestCmd struct {
	Script    string   `short:"s" placeholder:"FILE" help:"The script. Default: standard input."`
	Variables []string `name:"define" short:"D" sep:"none" placeholder:"NAME[=VALUE]" help:"A global variable of the script; 1 without a value. May be repeated."`
	Verbose   int      `short:"v" type:"counter" help:"Show every event and reply; twice: every packet."`
	NoWait    bool     `short:"w" name:"no-wait" help:"Do not wait for the end of a filter that the script started."`
}

// Help is shown below the flags.
func (c *miltertestCmd) Help() string {
	return `Runs Lua scripts that were written for OpenDKIM's miltertest, against any milter. Exits with 1 when the script raises an error,
or when the filter that it started ends with one. What scripts can use, and what differs: docs/miltertest.md.

Example:
  luamilter miltertest -v -D socket=inet:8891@127.0.0.1 -s conversation.lua`
}

// Run runs the script.
func (c *miltertestCmd) Run(t *terminal) error {
	p := &miltertest.Program{Name: c.Script, Verbose: c.Verbose, NoWait: c.NoWait, Stdout: t.stdout, Stderr: t.stderr}
	for _, text := range c.Variables {
		v, err := miltertest.ParseVariable(text)
		if err != nil {
			return usageError{fmt.Errorf("-D: %w", err)}
		}
		p.Variables = append(p.Variables, v)
	}
	text, err := c.read()
	if err != nil {
		return fmt.Errorf("read the script: %w", err)
	}
	if p.Text = string(text); p.Name == "" {
		p.Name = "(stdin)"
	}
	if p.Run() != nil { // it has said why
		return errFound
	}
	return nil
}

func (c *miltertestCmd) read() ([]byte, error) {
	if c.Script == "" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(c.Script)
}
