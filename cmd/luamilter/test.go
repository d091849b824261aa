package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"time"

	"luamilter/engine"
	"luamilter/luatest"
)

// testCmd proves scripts before any mail meets them.
type testCmd struct {
	Paths []string `arg:"" optional:"" name:"path" default:"." complete:"*.lua" help:"Files of tests, NAME_test.lua, or folders with such files, here or below. Default: the current folder."`
	Name  string   `name:"run" placeholder:"REGEX" complete:"" help:"Only tests whose full name matches."`
	Jobs  int      `default:"${jobs}" help:"How many files are tested at a time. Default: as many as there are processors."`
	Watch bool     `help:"Test again whenever a file changes, until Ctrl-C."`
	TAP   bool     `name:"tap" help:"Write the Test Anything Protocol."`
	JUnit string   `name:"junit" placeholder:"FILE" complete:"*.xml" help:"Also write the results as XML for build servers."`
	Cover bool     `help:"Show which lines of the scripts ran."`
	From  string   `placeholder:"REC" complete:"*.rec" help:"Write a test made of a recording (luamilter run --record) to the file that is named, and test nothing. Default: NAME_test.lua in the current folder, for the script NAME.lua that was recorded."`
	LCOV  string   `name:"lcov" placeholder:"FILE" complete:"*.info" help:"Write which lines of the scripts ran, in the format of lcov."`
}

// Help is shown below the flags.
func (c *testCmd) Help() string {
	return `A test opens sessions of a simulated MTA to the scripts, which run in the real engine, and says what it expects. greylist_test.lua, beside
greylist.lua:

  it("puts off what it does not know", function()
    local result = session():send{ from = "a@example.com", to = "b@example.net" }
    expect(result):tempfailed("4.7.1")
  end)

Each test runs twice: with new VMs, and with VMs that others have used, so that data that a script keeps in the wrong place shows. Time stands
still until advance("6m"). Exits with 1 when a test fails.

Examples:
  luamilter test
  luamilter test --run greylist --watch scripts
  luamilter test --cover --lcov coverage.info --junit results.xml
  luamilter test --from /var/lib/luamilter/recordings/20260105T120000.000000Z-t8x1-3.rec greylist_spam_test.lua`
}

// Run runs the tests, once or again and again.
func (c *testCmd) Run(t *terminal) error {
	if c.From != "" {
		return c.write(t)
	}
	var only *regexp.Regexp
	if c.Name != "" {
		var err error
		if only, err = regexp.Compile(c.Name); err != nil {
			return usageError{fmt.Errorf("--run: %w", err)}
		}
	}
	if c.Jobs < 1 {
		return usageError{fmt.Errorf("--jobs is %d; at least 1 is needed", c.Jobs)}
	}
	if !c.Watch {
		return c.once(t, only)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return c.watch(ctx, t, only)
}

// once runs the tests and writes what became of them.
func (c *testCmd) once(t *terminal, only *regexp.Regexp) error {
	paths, err := luatest.Find(c.Paths)
	if err != nil {
		return usageError{err}
	}
	o := luatest.Options{Run: only, Jobs: c.Jobs}
	if c.Cover || c.LCOV != "" {
		o.Coverage = engine.NewCoverage()
	}
	began := time.Now()
	files := luatest.Run(paths, o)
	if c.TAP {
		luatest.WriteTAP(t.stdout, files)
	} else {
		luatest.WriteText(t.stdout, files, time.Since(began))
	}
	if c.Cover && !c.TAP {
		luatest.WriteCover(t.stdout, o.Coverage)
	}
	if err := c.writeFiles(files, o.Coverage); err != nil {
		return err
	}
	counts := luatest.Count(files)
	switch {
	case !counts.OK():
		return errFound
	case only != nil && counts.Passed+counts.Pending == 0:
		return usageError{fmt.Errorf("--run %s: no test has such a name", c.Name)}
	case !c.Watch && !c.TAP:
		t.nextAfterTest(files[0].Path)
	}
	return nil
}

// writeFiles writes what goes into files.
func (c *testCmd) writeFiles(files []luatest.File, coverage *engine.Coverage) error {
	if c.JUnit != "" {
		if err := writeTo(c.JUnit, func(w io.Writer) error { return luatest.WriteJUnit(w, files) }); err != nil {
			return fmt.Errorf("--junit: %w", err)
		}
	}
	if c.LCOV != "" {
		if err := writeTo(c.LCOV, func(w io.Writer) error { return luatest.WriteLCOV(w, coverage) }); err != nil {
			return fmt.Errorf("--lcov: %w", err)
		}
	}
	return nil
}

// writeTo writes a file.
func writeTo(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// defaultJobs is how many files are tested at a time.
func defaultJobs() string { return fmt.Sprint(runtime.GOMAXPROCS(0)) }
