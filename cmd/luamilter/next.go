package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"luamilter/engine"
	"luamilter/luatest"
)

// next says what comes next to somebody at a terminal. In a file or a pipe it says nothing: there are only results.
func (t *terminal) next(what string, commands ...string) {
	if !isTerminal(t.stdout) {
		return
	}
	fmt.Fprintf(t.stdout, "\nNext: %s\n", what)
	for _, c := range commands {
		fmt.Fprintf(t.stdout, "  luamilter %s\n", c)
	}
}

// ownConfig is what init calls the configuration of a folder.
const ownConfig = "luamilter.toml"

// hasConfig reports whether init was here.
func hasConfig() bool {
	_, err := os.Stat(ownConfig)
	return err == nil
}

// with returns a command with the configuration of this folder, or else with a script after a flag.
func with(command, flag, script string) string {
	if hasConfig() {
		return command + " -c " + ownConfig
	}
	return strings.TrimSpace(command+" "+flag) + " " + script
}

// nextAfterCheck says what comes after scripts in which nothing is wrong.
func (t *terminal) nextAfterCheck(script string) {
	test := strings.TrimSuffix(relative(script), ".lua") + luatest.Suffix
	if _, err := os.Stat(test); err != nil {
		t.next("nothing is wrong; play a message to it:", with("run --probe", "", relative(script)))
		return
	}
	if hasConfig() {
		test = "."
	}
	t.next("nothing is wrong; run the tests:", "test "+test)
}

// nextAfterTest says what comes after tests that passed.
func (t *terminal) nextAfterTest(path string) {
	script := strings.TrimSuffix(path, luatest.Suffix) + ".lua"
	t.next("see what it would do to mail that you have (a folder, an mbox, an .eml):", with("replay", "-s", script)+" MAIL")
}

// nextAfterReplay says what comes after a replay that went well.
func (t *terminal) nextAfterReplay(c *replayCmd, script string) {
	command := "run"
	switch {
	case c.Config != "":
		command = "run -c " + c.Config
	case len(c.Script) > 0:
		command = "run " + relative(script)
	}
	if c.HTML == "" {
		t.next("see every message in a browser with --html report.html, or put it to work:", command)
		return
	}
	t.next("open "+c.HTML+" in a browser, or put it to work:", command)
}

// nextAfterReady says what comes after the daemon has started.
func (t *terminal) nextAfterReady(first engine.Spec) {
	network := "inet"
	if first.Network == "unix" {
		network = "unix"
	}
	t.next(fmt.Sprintf("have Postfix ask it, with this line in main.cf; Ctrl-C ends it\n  smtpd_milters = %s:%s\nand see in another terminal whether all fits:", network, first.Address), "doctor")
}

// relative is the path as it can be typed here, if that is shorter.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(here, path)
	if err != nil || len(rel) > len(path) || !filepath.IsAbs(path) {
		return path
	}
	return rel
}
