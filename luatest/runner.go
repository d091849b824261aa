package luatest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"luamilter/engine"
)

// Suffix is how the names of files with tests end.
const Suffix = "_test.lua"

// Options say which tests to run, and how.
type Options struct {
	Run      *regexp.Regexp   // of the full names of tests; nil for all
	Jobs     int              // how many files run at a time, at least 1
	Coverage *engine.Coverage // counts the lines of the scripts under test; nil to count nothing
}

// State is what became of a test.
type State uint8

// The states.
const (
	Passed State = iota
	Failed
	Pending
)

// Test is a test that was run.
type Test struct {
	Name    string // with those of its groups
	Path    string
	Line    int
	State   State
	Why     string                // it is pending
	Err     error                 // why it failed: a *Failure or a *engine.ScriptError, or what the system said
	Stale   bool                  // it failed only with VMs that were used before
	Scripts []*engine.ScriptError // errors of the scripts under test, if it failed
	Took    time.Duration         // both times that it ran
}

// File is what became of the tests in a file.
type File struct {
	Path  string
	Err   error // the file cannot be loaded; nil if it can
	Tests []Test
	Took  time.Duration
}

// Find returns the files with tests that are meant: files as they are, and those in folders and below. It is an error if there are none.
func Find(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("look for tests: %w", err)
		}
		if !info.IsDir() {
			if !strings.HasSuffix(path, Suffix) {
				return nil, fmt.Errorf("%s is no file of tests; their names end in %s, such as %s", path, Suffix, strings.TrimSuffix(path, ".lua")+Suffix)
			}
			files = append(files, path)
			continue
		}
		below, err := findBelow(path)
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no tests in %s: no file there, or below, has a name that ends in %s", strings.Join(paths, ", "), Suffix)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// findBelow returns the files with tests in a folder and below, but for hidden folders.
func findBelow(folder string) (files []string, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("look for tests: %w", err)
		case entry.IsDir() && path != folder && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(entry.Name(), Suffix):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// Run runs the tests of files and returns what became of them, in the order of the files.
func Run(paths []string, o Options) []File {
	out := make([]File, len(paths))
	next := make(chan int, len(paths))
	for i := range paths {
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	for range min(max(o.Jobs, 1), len(paths)) {
		workers.Go(func() {
			for i := range next {
				out[i] = runFile(paths[i], &o)
			}
		})
	}
	workers.Wait()
	return out
}

// runFile runs the tests of a file.
func runFile(path string, o *Options) (out File) {
	out.Path = path
	began := time.Now()
	defer func() { out.Took = time.Since(began) }()
	var both [2]*file
	for mode := range both {
		f, err := open(path, Mode(mode), o)
		if err != nil {
			out.Err = err
			return out
		}
		defer f.close()
		both[mode] = f
	}
	if len(both[Used].tests) != len(both[Fresh].tests) {
		out.Err = fmt.Errorf("%s: it has other tests each time it is loaded; what describe and it are given must not depend on chance", path)
		return out
	}
	for i, t := range both[Fresh].tests {
		if o.Run == nil || o.Run.MatchString(t.name) {
			out.Tests = append(out.Tests, runTest(t, both, i))
		}
	}
	return out
}

// runTest runs a test in both modes. What became of it is what did when it first did not pass; it still runs in the other, whose variables
// are then as the tests that follow expect.
func runTest(t *test, both [2]*file, i int) Test {
	r := Test{Name: t.name, Path: t.path, Line: t.line}
	if t.fn == nil {
		r.State, r.Why = Pending, t.pending
		return r
	}
	began := time.Now()
	for _, f := range both {
		out := f.test(f.tests[i])
		var pending *skipped
		switch {
		case r.State != Passed:
		case errors.As(out.err, &pending):
			r.State, r.Why = Pending, pending.why
		case out.err != nil:
			r.State, r.Err, r.Scripts, r.Stale = Failed, out.err, out.scripts, f.mode == Used
		}
	}
	r.Took = time.Since(began)
	return r
}
