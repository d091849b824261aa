// Package config is the configuration of the daemon: one TOML file, and flags over it.
//
//	c, err := config.Load(config.DefaultPath)      // or config.Default()
//	err = c.Set("limits.memory", "2GiB", "--memory")
//	listeners, err := c.Listeners()                // sockets, and scripts found on disk
//	for _, line := range c.Warnings() { ... }
//	c.Limits.CommandTime, c.Log.Level              // and so on
//	c.Script(listeners[0], listeners[0].Scripts[0]) // what holds for one script, with its own settings
//
// # One table
//
// What keys there are, their types, defaults and explanations, and where in Config their values are: all of it is in one table (keys.go).
// The checks, Print, luamilter config --keys and the table in docs/configuration.md are made from it, so a new key is one entry.
//
// # The way of a value
//
//  1. Load decodes the file into plain values. That finds mistakes of syntax, and keys that are there twice.
//  2. findPlaces goes over the text once more for the lines, which the decoder does not tell.
//  3. Each value goes to the entry of its key (assign): its type and its content are checked, its origin is remembered. A flag's text
//     becomes such a value first (fromTexts), so that its checks are the same.
//  4. What is wrong is collected, so that one look at the errors is enough to put the file in order.
//
// A key that nobody knows is an error, because a limit that is mistyped is a limit that is not there.
//
// # What the file system says
//
// Load looks at nothing but the file. Listeners finds the scripts, so it can be called again whenever they are to be loaded anew.
//
// # Settings of scripts
//
// What else is in [script.NAME] belongs to the script. The script declares its settings, so only it can tell what is wrong with
// them; they are kept with their types and lines for it.
package config
