package main

import (
	"fmt"

	"luamilter/config"
)

// configCmd shows the configuration.
type configCmd struct {
	configFlags `embed:""`
	Keys        bool `help:"Print what keys there are, with their types and defaults."`
}

// Help is shown below the flags.
func (c *configCmd) Help() string {
	return `Prints the configuration that run would have with the same arguments, as a file that can be used in its place; beside each key stands
where it is from. Warnings and errors go to stderr. Exits with 1 when run would refuse the configuration: when a key is wrong, or a script is
not there. A password in the URL of the store is printed too.

Examples:
  luamilter config
  luamilter config -c new.toml
  luamilter config --keys`
}

// Run prints, and then looks for the scripts as run would.
func (c *configCmd) Run(t *terminal) error {
	if c.Keys {
		printKeys(t)
		return nil
	}
	conf, err := c.load()
	if err != nil {
		return err
	}
	if err := conf.Print(t.stdout); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	for _, warning := range conf.Warnings() {
		fmt.Fprintf(t.stderr, "warning: %s\n", warning)
	}
	_, err = conf.Listeners()
	return err
}

// printKeys prints the reference of keys.
func printKeys(t *terminal) {
	for i, k := range config.Keys() {
		if i > 0 {
			fmt.Fprintln(t.stdout)
		}
		standard := "no default"
		if k.Default != "" {
			standard = "default " + k.Default
		}
		fmt.Fprintf(t.stdout, "%s: %s; %s\n    %s\n", k.Name, k.Type, standard, k.Doc)
	}
}
